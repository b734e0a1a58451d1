/**
 * Bridges that belong to a deployment: made while the machine is Allocated, they take over the links of the card below, and
 * MAAS undoes them at release (facts: maas.md 4, trap 8; transcript s12; docs/decisions/0010-two-lives-of-a-bridge.md).
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import { isError, ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import { macProblem, normaliseMac, subnetProblem } from "./addresses.ts";
import type { BridgeType, Interface } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import { bridgesOver } from "./bridging.ts";
import { claimInterface, interfaceNameProblem } from "./interface-check.ts";
import type { Inputs } from "./deployment.ts";
import { isSubnet } from "./linking.ts";
import { findInterface } from "./interface-reference.ts";
import { requireOvs } from "./ovs-bridge.ts";
import type { MaasServices } from "./services.ts";

export interface AcquiredBridge {
  /** Its name: at most 15 bytes. */
  name: string;
  /** MAC address of the card it is over. */
  macAddress: string;
  /** @default "ovs" */
  type?: BridgeType;
  /**
   * CIDR or id of the subnet whose gateway is the machine's default one: MAAS forgets such a choice when a link moves.
   * @default MAAS's choice
   */
  defaultGateway?: string;
}

/** As programs write it. */
export type AcquiredBridgeArgs = {
  [Key in keyof AcquiredBridge]: pulumi.Input<NonNullable<AcquiredBridge[Key]>>;
};

const PROPERTIES = ["name", "macAddress", "type", "defaultGateway"];

/** Undefined where there are none, as in states of before; what is not known yet stays as it is. */
export const normaliseBridges = (bridges: unknown): unknown =>
  Array.isArray(bridges) ? (bridges.length === 0 ? undefined : bridges.map(normaliseBridge)) : bridges;

function normaliseBridge(bridge: unknown): unknown {
  if (typeof bridge !== "object" || bridge === null) return bridge;
  const { macAddress, ...others } = bridge as Partial<AcquiredBridge>;
  return {
    type: "ovs",
    ...others,
    ...(macAddress === undefined
      ? {}
      : { macAddress: typeof macAddress === "string" ? normaliseMac(macAddress) : macAddress }),
  };
}

export function checkBridges(check: Check, urn: string): void {
  const bridges = check.value("acquiredBridges");
  if (bridges === undefined) return;
  if (!Array.isArray(bridges)) {
    check.fail("acquiredBridges", 'must be a list, for example [{ name: "br-ex", macAddress: "1c:69:7a:00:00:01" }]');
    return;
  }
  bridges.forEach((_bridge: unknown, index) => {
    const path = `acquiredBridges[${String(index)}]`;
    check.onlyKnown(PROPERTIES, path);
    check.required(`${path}.name`, '"br-ex"');
    check.text(`${path}.name`, interfaceNameProblem);
    check.required(`${path}.macAddress`, '"1c:69:7a:00:00:01"');
    check.text(`${path}.macAddress`, macProblem);
    check.oneOf(`${path}.type`, ["ovs", "standard"]);
    check.text(`${path}.defaultGateway`, subnetProblem);
    for (const property of ["name", "macAddress"] as const) {
      const value = check.value(`${path}.${property}`);
      const isTwice = bridges
        .slice(0, index)
        .some((other: Partial<AcquiredBridge> | undefined) => other?.[property] === value);
      if (typeof value === "string" && isTwice) {
        check.fail(`${path}.${property}`, `"${value}" is another one's already; each bridge has its own`);
      }
    }
  });
  claimInterface(check, urn, {
    references: bridges.flatMap((_bridge: unknown, index) => {
      const path = `acquiredBridges[${String(index)}].macAddress`;
      const macAddress = check.value(path);
      return typeof macAddress === "string" ? { path, reference: { macAddress }, origin: {} } : [];
    }),
  });
}

/** Whether the machine has all of them, over the cards that they are meant to be over. */
export const hasBridges = (machine: Machine, inputs: Inputs): boolean =>
  (inputs.acquiredBridges ?? []).every((bridge) => isThere(machine, bridge));

const isThere = (machine: Machine, { name, macAddress, type }: AcquiredBridge): boolean => {
  const nic = cardOf(machine, macAddress);
  const there = nic && bridgesOver({ machine, parents: [nic] })[0];
  return there?.name === name && there.params !== "" && there.params.bridge_type === type;
};

/** What of them is there, for drift. */
export const bridgesOf = (machine: Machine, bridges: AcquiredBridge[]): AcquiredBridge[] =>
  bridges.filter((bridge) => isThere(machine, bridge));

const cardOf = (machine: Machine, mac: string): Interface | undefined =>
  machine.interface_set.find(({ type, mac_address }) => type === "physical" && mac_address === mac);

/**
 * Makes what is missing, one request each; the machine is Allocated, and ours.
 *
 * @returns the machine with them
 */
export async function ensureBridges(
  context: Context<MaasServices>,
  machine: Machine,
  inputs: Inputs,
): Promise<Machine> {
  const bridges = inputs.acquiredBridges ?? [];
  if (bridges.length === 0) return machine;
  for (const bridge of bridges) if (!isThere(machine, bridge)) await make(context, machine, bridge);
  const now = (await context.services.machineById(machine.system_id)) ?? machine;
  for (const bridge of bridges) await chooseGateway(context.services, now, bridge);
  return now;
}

/** Nothing where MAAS's own guess is the same. */
async function chooseGateway(services: MaasServices, machine: Machine, bridge: AcquiredBridge): Promise<void> {
  const wanted = bridge.defaultGateway;
  const nic = machine.interface_set.find(({ type, name }) => type === "bridge" && name === bridge.name);
  const link = nic?.links.find(({ subnet }) => wanted !== undefined && isSubnet(wanted, subnet));
  const { link_id: chosen, gateway_ip: gateway } = machine.default_gateways.ipv4;
  if (!nic || !link || chosen === link.id || (chosen === null && gateway === link.subnet?.gateway_ip)) return;
  await services.client.interfaces.setDefaultGateway(machine.system_id, nic.id, link.id);
}

async function make(context: Context<MaasServices>, machine: Machine, bridge: AcquiredBridge): Promise<void> {
  const { services } = context;
  const { name, macAddress, type = "ovs" } = bridge;
  if (type === "ovs") await requireOvs(context, machine);
  const reference = { machine: machine.system_id, macAddress };
  const { nic } = await findInterface(services, reference);
  const other = bridgesOver({ machine, parents: [nic] })[0];
  if (other) {
    throw new ProviderError(
      "bad-input",
      `${nic.name} of machine ${machine.hostname} is under the bridge ${other.name} already. Leave acquiredBridges out to use that one, ` +
        "or delete it in MAAS.",
    );
  }
  context.progress(`Making the bridge ${name} over ${nic.name}`);
  try {
    await services.client.interfaces.createBridge(machine.system_id, { name, parent: nic.id, bridge_type: type });
  } catch (error) {
    // The answer to an earlier try may have been lost.
    const { machine: now } = await findInterface(services, reference);
    if (!isError(error, "refused", "ambiguous", "conflict", "server-error") || !isThere(now, bridge)) throw error;
  }
}
