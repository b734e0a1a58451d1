/**
 * What both kinds of bridges do. Made while the machine is Ready, a bridge belongs to the machine: it stays over releases,
 * and MAAS takes the links of its parent away, so the link comes onto the bridge afterwards (facts: maas.md 4, traps 8 to
 * 10; transcript s11). A bridge that belongs to a deployment is the Deployment's own (acquired-bridges.ts).
 */
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle, Written } from "../core/lifecycle.ts";
import { normaliseMac } from "./addresses.ts";
import type { BridgeFields, BridgeType, Interface } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import type { Origin } from "./origin.ts";
import { formerInterface, giveBack, mtuOf } from "./former-interface.ts";
import type { FormerInterface } from "./former-interface.ts";
import { checkMtu, checkTags, claimInterface, interfaceNameProblem } from "./interface-check.ts";
import { checkReference, findInterface, interfaceId, lookForInterface } from "./interface-reference.ts";
import type { Found } from "./interface-reference.ts";
import { interfaceTags, syncInterfaceTags } from "./interface-tags.ts";
import { isAtWork, isTaken, REDEPLOYS, requireRest } from "./machine-rest.ts";
import { NodeStatus } from "./node-status.ts";
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
export interface StandardOptions {
  stp?: boolean;
  forwardDelay?: number;
}

export interface Former {
  /** True when MAAS had the bridge before us: then it is left there on delete, as it was. */
  adopted: boolean;
  bridge: BridgeFields;
  parent: FormerInterface;
}

export type BridgeState<Inputs> = Inputs & { systemId: string; interfaceId: number; former: Former };

export const BRIDGE_OUTPUTS = ["systemId", "interfaceId", "former"] as const;

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

type BridgeLifecycle<Inputs extends Bridge> = Pick<
  Lifecycle<MaasServices, Inputs, BridgeState<Inputs>>,
  "create" | "leftBehind" | "inUse" | "read" | "update" | "delete"
>;

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
  const origin = (check.value("origin") ?? {}) as Origin;
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

export const bridgeLifecycle = <Inputs extends Bridge>(
  demand: (context: Context<MaasServices>, machine: Machine) => Promise<void> = () => Promise.resolve(),
): BridgeLifecycle<Inputs> => ({
  async create(context, inputs) {
    const found = await findInterface(context.services, parentOf(inputs));
    await demand(context, found.machine);
    const there = checkParent(found, inputs);
    if (!there) requireFree(found.machine, inputs);
    const former = context.before(keyOf(found), pictureOf(found, there, inputs));
    const bridge = there ?? (await make(context, found, inputs));
    const id = interfaceId(found.machine, bridge);
    const state = toState(inputs, found.machine, bridge, former);
    context.created(id, state);
    await sync(context, found.machine, bridge, state, inputs);
    return { id, state };
  },

  async leftBehind(context, inputs) {
    const found = await lookForInterface(context.services, parentOf(inputs));
    if (!found) return undefined;
    const former = context.recorded(keyOf(found)) as Former | undefined;
    const bridge = bridgeOver(found);
    if (!former || bridge?.name !== inputs.name) return undefined;
    return { id: interfaceId(found.machine, bridge), state: toState(inputs, found.machine, bridge, former) };
  },

  inUse: ({ services }, state) => isAtWork(services, state.systemId),

  async read({ services }, id, state) {
    const found = await lookForInterface(services, { id });
    if (!found) return undefined;
    const { machine, nic } = found;
    const now = fieldsOf(nic);
    return {
      ...state,
      ...actualParent(machine, nic, state),
      name: nic.name,
      bridgeType: now.bridge_type ?? state.bridgeType,
      tags: state.tags.filter((tag) => nic.tags.includes(tag)),
      ...(state.mtu === undefined ? {} : { mtu: mtuOf(nic) }),
      ...(state.stp === undefined ? {} : { stp: now.bridge_stp }),
      ...(state.forwardDelay === undefined ? {} : { forwardDelay: now.bridge_fd }),
    };
  },

  async update(context, id, old, inputs) {
    const found = await lookForInterface(context.services, { id });
    if (!found) {
      throw new ProviderError(
        "gone",
        `The bridge ${old.name} of machine ${old.systemId} is not in MAAS any more: commissioning takes it away, or somebody ` +
          "did. Run `pulumi refresh`, then `pulumi up` to make it again.",
      );
    }
    await sync(context, found.machine, found.nic, old, inputs);
    return toState(inputs, found.machine, found.nic, old.former);
  },

  async delete(context, id, state) {
    const { services, warn } = context;
    const machine = await services.machineById(state.systemId);
    if (!machine) return;
    const bridge = machine.interface_set.find((nic) => interfaceId(machine, nic) === id);
    if (isTaken(machine)) {
      warn(
        `The bridge ${state.name} stays on machine ${machine.hostname}, which is ${machine.status_name}: somebody uses it.`,
      );
      return;
    }
    if (state.former.adopted) {
      if (bridge) await putBack(context, machine, bridge, state);
      return;
    }
    if (bridge) await services.client.interfaces.delete(state.systemId, state.interfaceId);
    // Looked at once more by a run that goes on after a crash: the bridge is gone, its parent may still be bare.
    const parent = machine.interface_set.find((nic) => nic.id === state.former.parent.id);
    const isFree = parent?.children.every((child) => child === bridge?.name) ?? false;
    if (parent && isFree) await giveBack(context, state.systemId, parent, state.former.parent, { mtu: state.mtu });
  },
});

const parentOf = ({ parent, machine, macAddress }: BridgeInputs) => ({ id: parent, machine, macAddress });

const keyOf = ({ machine, nic }: Found): string => `bridge over ${interfaceId(machine, nic)}`;

export const bridgeOver = ({ machine, nic }: Found): Interface | undefined =>
  machine.interface_set.find(({ type, parents }) => type === "bridge" && parents.includes(nic.name));

/** The bridge that is there already, when it is the one that is meant. */
function checkParent(found: Found, inputs: BridgeInputs): Interface | undefined {
  const { machine, nic } = found;
  if (nic.type === "bridge") {
    throw new ProviderError(
      "bad-input",
      `${nic.name} of machine ${machine.hostname} is a bridge, and there is no bridge on a bridge. Name a card, a bond or a ` +
        "VLAN interface as its parent.",
    );
  }
  const there = bridgeOver(found);
  if (there && there.name !== inputs.name) {
    throw new ProviderError(
      "bad-input",
      `${nic.name} of machine ${machine.hostname} is under the bridge ${there.name} already. Name it "${there.name}" here to use ` +
        "that one, or delete it in MAAS.",
    );
  }
  return there;
}

/** On an Allocated machine it would be made all the same, but as the deployment's (facts: maas.md trap 8). */
function requireFree(machine: Machine, { name }: BridgeInputs): void {
  requireRest(machine, `make the bridge ${name}`);
  if (machine.status !== NodeStatus.allocated) return;
  throw new ProviderError(
    "wrong-state",
    `machine ${machine.hostname} is Allocated to ${machine.owner ?? "somebody"}: the bridge ${name} would be gone when it is ` +
      "released. Release it first, or let its Deployment make the bridge (`acquiredBridges`).",
  );
}

function pictureOf({ machine, nic }: Found, there: Interface | undefined, inputs: Bridge): Former {
  const now = there ? fieldsOf(there) : {};
  const asked = new Set(Object.keys(wanted(inputs)));
  return {
    adopted: there !== undefined,
    bridge: Object.fromEntries(Object.entries(now).filter(([key]) => asked.has(key))),
    parent: formerInterface(machine, nic),
  };
}

/** What of a bridge can be set, as it is. */
function fieldsOf(bridge: Interface): BridgeFields {
  const { mtu, bridge_type, bridge_stp, bridge_fd } = bridge.params === "" ? {} : bridge.params;
  return {
    ...(mtu === undefined ? {} : { mtu }),
    ...(bridge_type === undefined ? {} : { bridge_type }),
    ...(bridge_stp === undefined ? {} : { bridge_stp }),
    ...(bridge_fd === undefined ? {} : { bridge_fd }),
  };
}

const wanted = (inputs: Bridge): BridgeFields => ({
  name: inputs.name,
  bridge_type: inputs.bridgeType,
  ...(inputs.mtu === undefined ? {} : { mtu: inputs.mtu }),
  ...(inputs.stp === undefined ? {} : { bridge_stp: inputs.stp }),
  ...(inputs.forwardDelay === undefined ? {} : { bridge_fd: inputs.forwardDelay }),
});

async function make(context: Context<MaasServices>, found: Found, inputs: Bridge): Promise<Interface> {
  const { machine, nic } = found;
  context.progress(`Making the bridge ${inputs.name} over ${nic.name}`);
  try {
    return await context.services.client.interfaces.createBridge(machine.system_id, {
      ...wanted(inputs),
      name: inputs.name,
      parent: nic.id,
      ...interfaceTags(inputs.tags),
    });
  } catch (error) {
    // Somebody was faster, or the answer was lost: then it is there now.
    const there = isError(error, "refused", "ambiguous", "conflict", "server-error")
      ? bridgeOver(await findInterface(context.services, parentOf(inputs)))
      : undefined;
    if (there?.name === inputs.name) return there;
    const other = machine.interface_set.find(({ name }) => name === inputs.name);
    if (!other) throw error;
    throw new ProviderError(
      "bad-input",
      `machine ${machine.hostname} has an interface ${inputs.name} already, a ${other.type}: choose another name. (${messageOf(error)})`,
      { cause: error },
    );
  }
}

/** One request for what differs, none where nothing does. */
async function sync(
  context: Context<MaasServices>,
  machine: Machine,
  bridge: Interface,
  old: Bridge & { former: Former },
  inputs: Bridge,
): Promise<void> {
  const actual: Record<string, unknown> = { name: bridge.name, ...fieldsOf(bridge) };
  const changes: BridgeFields = {
    ...Object.fromEntries(Object.entries(wanted(inputs)).filter(([key, value]) => actual[key] !== value)),
    // No MTU of our own any more: the one it had, if it had one.
    ...(inputs.mtu === undefined && old.mtu !== undefined && actual["mtu"] === old.mtu
      ? { mtu: old.former.bridge.mtu ?? "" }
      : {}),
  };
  if (Object.keys(changes).length > 0) {
    requireRest(machine, `change the bridge ${bridge.name}`);
    context.progress(`Setting ${Object.keys(changes).join(", ")} of ${bridge.name}`);
    await context.services.client.interfaces.update(machine.system_id, bridge.id, changes);
  }
  await syncInterfaceTags(context.services, machine.system_id, bridge, inputs.tags, old.tags);
}

/** Adopted: as it was found, where it is still as we set it. */
async function putBack(
  context: Context<MaasServices>,
  machine: Machine,
  bridge: Interface,
  state: BridgeState<Bridge>,
): Promise<void> {
  const now: Record<string, unknown> = { ...fieldsOf(bridge) };
  const ours: Record<string, unknown> = { ...wanted(state) };
  const former: Record<string, unknown> = { mtu: "", ...state.former.bridge };
  const changes = Object.fromEntries(
    Object.entries(former).filter(([key, value]) => key in ours && now[key] === ours[key] && now[key] !== value),
  );
  if (Object.keys(changes).length > 0) {
    await context.services.client.interfaces.update(machine.system_id, bridge.id, changes);
  }
  await syncInterfaceTags(context.services, machine.system_id, bridge, [], state.tags);
}

/** Where it is over something else than the inputs say. */
function actualParent(machine: Machine, bridge: Interface, state: BridgeInputs): Partial<BridgeInputs> {
  const parent = machine.interface_set.find(({ name }) => bridge.parents.includes(name));
  if (!parent) return {};
  return state.parent === undefined ? { macAddress: parent.mac_address } : { parent: interfaceId(machine, parent) };
}

const toState = <Inputs extends Bridge>(
  inputs: Inputs,
  machine: Machine,
  bridge: Interface,
  former: Former,
): BridgeState<Inputs> => ({ ...inputs, systemId: machine.system_id, interfaceId: bridge.id, former });
