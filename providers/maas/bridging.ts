/**
 * What both kinds of bridges have in common. Made while the machine is Ready, a bridge belongs to the machine: it stays over
 * releases, and MAAS takes the links of its parent away, so the link comes onto the bridge afterwards (facts: maas.md 4,
 * traps 8 to 10; transcript s11). One that belongs to a deployment is the Deployment's own (acquired-bridges.ts).
 */
import { ProviderError } from "../core/errors.ts";
import type { Lifecycle, Written } from "../core/lifecycle.ts";
import { normaliseMac } from "./addresses.ts";
import type { BridgeType, Interface } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import { interfaceParams, mtuField } from "./former-interface.ts";
import { checkMtu, checkTags, claimInterface, interfaceNameProblem } from "./interface-check.ts";
import { checkReference, interfaceId } from "./interface-reference.ts";
import { interfaceTags } from "./interface-tags.ts";
import { REDEPLOYS } from "./machine-rest.ts";
import { madeInterface, takesLinksOf } from "./made-interface.ts";
import type { Fields, Kind, Place } from "./made-interface.ts";
import { NodeStatus } from "./node-status.ts";
import { originAt } from "./origin.ts";
import type { Origin } from "./origin.ts";
import type { MaasServices } from "./services.ts";

export interface BridgeInputs {
  parent?: string;
  machine?: string;
  macAddress?: string;
  name: string;
  mtu?: number;
  tags: string[];
  bridgeType: BridgeType;
  origin?: Origin;
}

/** Of a standard bridge alone. */
interface StandardOptions {
  stp?: boolean;
  forwardDelay?: number;
}

const OTHER_BRIDGE = { replace: "over another interface it is another bridge", evenUnknown: true };

export const bridgeChanges = {
  parent: OTHER_BRIDGE,
  machine: OTHER_BRIDGE,
  macAddress: OTHER_BRIDGE,
  name: { redeploy: REDEPLOYS },
  mtu: { redeploy: REDEPLOYS },
  tags: "update",
  bridgeType: { redeploy: REDEPLOYS },
  origin: "ignore",
} as const;

type Bridge = BridgeInputs & StandardOptions;

export const normaliseBridge = <Inputs extends BridgeInputs>(
  inputs: Written<Inputs>,
  bridgeType: BridgeType,
): Written<Inputs> => ({
  ...inputs,
  ...(typeof inputs.macAddress === "string" ? { macAddress: normaliseMac(inputs.macAddress) } : {}),
  tags: Array.isArray(inputs.tags) ? [...inputs.tags].sort() : (inputs.tags ?? []),
  bridgeType,
});

/** @param check of the inputs, which are those of any bridge */
export const checkBridge: Lifecycle<MaasServices, BridgeInputs, BridgeInputs>["check"] = (check, { urn }) => {
  const origin = originAt(check);
  const [parent, machine, macAddress] = ["parent", "machine", "macAddress"].map((path) => {
    const value = check.value(path);
    return typeof value === "string" ? value : undefined;
  });
  checkReference(check, "parent");
  check.required("name", '"br-ex"');
  check.text("name", interfaceNameProblem);
  checkMtu(check, [origin]);
  checkTags(check);
  if (origin.type === "bridge") {
    check.fail("parent", "is a bridge, and there is no bridge on a bridge; write a card, a bond or a VLAN interface");
  }
  claimInterface(check, urn, {
    kind: "bridge",
    references: [
      {
        path: macAddress === undefined ? "parent" : "macAddress",
        reference: { id: parent, machine, macAddress },
        origin,
      },
    ],
  });
};

export const bridgeLifecycle = <Inputs extends Bridge>(demand?: Kind<Inputs>["demand"]) =>
  madeInterface<Inputs>({
    label: "bridge",
    takesLinks: true,
    ...(demand ? { demand } : {}),
    references: ({ parent, machine, macAddress }) => [{ id: parent, machine, macAddress }],
    find: (place, { name }) => bridgesOver(place).find((bridge) => bridge.name === name),
    refuse,
    make: ({ services }, { machine, parents }, inputs) =>
      services.client.interfaces.createBridge(machine.system_id, {
        ...wanted(inputs),
        name: inputs.name,
        parent: parents[0]?.id ?? 0,
        ...interfaceTags(inputs.tags),
      }),
    wanted,
    actual,
    shown: ({ machine, parents: [parent] }, nic, state) => {
      const now = actual(nic);
      return {
        ...(parent === undefined ? {} : whereIs(machine, parent, state)),
        bridgeType: now.bridge_type ?? state.bridgeType,
        ...(state.stp === undefined ? {} : { stp: now.bridge_stp }),
        ...(state.forwardDelay === undefined ? {} : { forwardDelay: now.bridge_fd }),
      } as Partial<Inputs>;
    },
  });

export const bridgesOver = ({ machine, parents }: Place): Interface[] =>
  machine.interface_set.filter(
    (other) => other.type === "bridge" && parents.some((parent) => takesLinksOf(other, parent)),
  );

function refuse({ machine, parents }: Place, { name }: BridgeInputs): void {
  const [parent] = parents;
  const other = machine.interface_set.find((nic) => parents.some((below) => takesLinksOf(nic, below)));
  const namesake = machine.interface_set.find((nic) => nic.name === name);
  const of = `${parent?.name ?? ""} of machine ${machine.hostname}`;
  const problem =
    parent?.type === "bridge"
      ? `${of} is a bridge, and there is no bridge on a bridge. Name a card, a bond or a VLAN interface as its parent.`
      : other?.type === "bridge"
        ? `${of} is under the bridge ${other.name} already. Name it "${other.name}" here to use that one, or delete it in MAAS.`
        : other
          ? `${of} is in the bond ${other.name}: lay the bridge over that (\`parent: "${interfaceId(machine, other)}"\`, or its \`id\`).`
          : namesake
            ? `machine ${machine.hostname} has an interface ${name} already, a ${namesake.type}: choose another name.`
            : undefined;
  if (problem !== undefined) throw new ProviderError("bad-input", problem);
  // On an Allocated machine it would be made all the same, but as the deployment's (trap 8).
  if (machine.status !== NodeStatus.allocated) return;
  throw new ProviderError(
    "wrong-state",
    `machine ${machine.hostname} is Allocated to ${machine.owner ?? "somebody"}: the bridge ${name} would be gone when it is ` +
      "released. Release it first, or let its Deployment make the bridge (`acquiredBridges`).",
  );
}

const wanted = (inputs: Bridge): Fields => ({
  name: inputs.name,
  bridge_type: inputs.bridgeType,
  ...(inputs.mtu === undefined ? {} : { mtu: inputs.mtu }),
  ...(inputs.stp === undefined ? {} : { bridge_stp: inputs.stp }),
  ...(inputs.forwardDelay === undefined ? {} : { bridge_fd: inputs.forwardDelay }),
});

function actual(bridge: Interface): Fields {
  const { bridge_type, bridge_stp, bridge_fd } = interfaceParams(bridge);
  return {
    name: bridge.name,
    ...mtuField(bridge),
    ...(bridge_type === undefined ? {} : { bridge_type }),
    ...(bridge_stp === undefined ? {} : { bridge_stp }),
    ...(bridge_fd === undefined ? {} : { bridge_fd }),
  };
}

/** The parent that it has, in the words of the inputs. */
export const whereIs = (machine: Machine, parent: Interface, inputs: { parent?: string }) =>
  inputs.parent === undefined ? { macAddress: parent.mac_address } : { parent: interfaceId(machine, parent) };
