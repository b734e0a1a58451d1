/**
 * What MAAS has rendered for a machine with an OVS bridge, looked at as soon as its deployment has begun: a host whose only
 * card comes up without its bridge, or whose bridge without its address, is not reachable (facts: maas.md 4; transcripts
 * s11, s12). One request a machine with such a bridge, none for others.
 */
import { isError, ProviderError } from "../core/errors.ts";
import type { Interface } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import type { MaasServices } from "./services.ts";

interface Rendered {
  addresses?: unknown;
  interfaces?: unknown;
  openvswitch?: unknown;
}

/** @throws ProviderError deploy-failed, naming bridge and address; never with anything else of what was read: keys are in it */
export async function checkRendered(services: MaasServices, machine: Machine): Promise<void> {
  const bridges = machine.interface_set.filter(isOvs);
  if (bridges.length === 0) return;
  const rendered = await readBridges(services, machine);
  if (rendered === undefined) return;
  const problems = bridges.flatMap((bridge) => problemsOf(bridge, rendered[bridge.name]));
  if (problems.length === 0) return;
  throw new ProviderError(
    "deploy-failed",
    `machine ${machine.hostname} is being installed, but not as MAAS shows its interfaces: ${problems.join("; ")}. It would not be ` +
      "reachable. Look at its interfaces in MAAS, then replace the Deployment (`pulumi up --replace`), which releases the machine first.",
  );
}

const isOvs = ({ type, params }: Interface): boolean =>
  type === "bridge" && params !== "" && params.bridge_type === "ovs";

/** Undefined when the machine is not in a state in which there is anything to read. */
async function readBridges(services: MaasServices, machine: Machine): Promise<Record<string, Rendered> | undefined> {
  let text: string;
  try {
    text = await services.client.machines.curtinConfig(machine.system_id);
  } catch (error) {
    // Released meanwhile, or a region that restarts: following the deployment tells.
    if (isError(error, "refused", "wrong-state", "gone", "server-error")) return undefined;
    throw error;
  }
  // A parser that few runs need.
  const { parse } = await import("yaml");
  const config = parse(text) as { network?: { bridges?: Record<string, Rendered>; config?: unknown } } | null;
  // Version 1 lists things another way; what is deployed on with Metalform (Ubuntu) gets version 2.
  if (config?.network?.config !== undefined) return undefined;
  return config?.network?.bridges ?? {};
}

function problemsOf(bridge: Interface, rendered: Rendered | undefined): string[] {
  if (rendered === undefined) return [`the bridge ${bridge.name} is missing`];
  const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
  const addresses = listed(rendered.addresses).map((address) => String(address).split("/")[0]);
  return [
    ...(rendered.openvswitch === undefined ? [`the bridge ${bridge.name} is not one of Open vSwitch`] : []),
    ...bridge.parents
      .filter((parent) => !listed(rendered.interfaces).includes(parent))
      .map((parent) => `the bridge ${bridge.name} is not over ${parent}`),
    ...bridge.links
      .filter(({ mode, ip_address: ip }) => mode === "static" && ip !== undefined && !addresses.includes(ip))
      .map(({ ip_address: ip }) => `the bridge ${bridge.name} lacks the address ${ip ?? ""}`),
  ];
}
