/**
 * The life of an interface that MAAS makes over others: a bridge, a bond, a VLAN interface. The three differ in what they
 * are made of; they are looked for, made, put right, seen to drift and given back in the same way (facts: maas.md 2.14, 4).
 */
import { isError, ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import type { BondFields, BridgeFields, Interface } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import { formerInterface, giveBack, isBare, mtuOf, restoreLinks } from "./former-interface.ts";
import type { FormerInterface } from "./former-interface.ts";
import { findInterface, interfaceId, lookForInterface } from "./interface-reference.ts";
import type { Reference } from "./interface-reference.ts";
import { syncInterfaceTags } from "./interface-tags.ts";
import { isAtWork, isTaken, requireRest } from "./machine-rest.ts";
import type { MaasServices } from "./services.ts";

export interface MadeInputs {
  name?: string;
  mtu?: number;
  tags: string[];
}

/** What of it can be set, by MAAS's names. */
export type Fields = BridgeFields & BondFields;

export interface Former {
  /** True when MAAS had it before us: then it is left there on delete, as it was. */
  adopted: boolean;
  self: Fields;
  parents: FormerInterface[];
}

export type Made<Inputs> = Inputs & { systemId: string; interfaceId: number; former: Former };

export const MADE_OUTPUTS = ["systemId", "interfaceId", "former"] as const;

export interface Place {
  machine: Machine;
  /** In the order of the inputs. */
  parents: Interface[];
}

export interface Kind<Inputs extends MadeInputs> {
  /** "bridge". */
  label: string;
  /** MAAS takes the links of its parents away, and leaves them without any when it goes (traps 8 and 10). */
  takesLinks: boolean;
  /** Gives parents that are in no VLAN that of the others. */
  givesVlan?: boolean;
  references(inputs: Inputs): Reference[];
  /** @throws ProviderError too-old */
  demand?(context: Context<MaasServices>, machine: Machine): Promise<void>;
  /** The one that is meant, when it is there. */
  find(place: Place, inputs: Inputs): Interface | undefined;
  /** @throws ProviderError when something is in its way, and says what */
  refuse(place: Place, inputs: Inputs): void;
  make(context: Context<MaasServices>, place: Place, inputs: Inputs): Promise<Interface>;
  wanted(inputs: Inputs): Fields;
  actual(nic: Interface): Fields;
  /** Its inputs as MAAS shows them; name, MTU and tags are seen to already. */
  shown(place: Place, nic: Interface, state: Inputs): Partial<Inputs>;
}

type MadeLifecycle<Inputs extends MadeInputs> = Required<
  Pick<Lifecycle<MaasServices, Inputs, Made<Inputs>>, "create" | "leftBehind" | "inUse" | "read" | "update" | "delete">
>;

export const madeInterface = <Inputs extends MadeInputs>(kind: Kind<Inputs>): MadeLifecycle<Inputs> => ({
  async create(context, inputs) {
    const place = await findPlace(context.services, kind.references(inputs));
    await kind.demand?.(context, place.machine);
    const there = kind.find(place, inputs);
    if (!there) {
      kind.refuse(place, inputs);
      requireRest(place.machine, `make a ${kind.label} over ${namesOf(place.parents)}`);
    }
    const former = context.before(keyOf(kind, place), pictureOf(kind, place, there, inputs));
    const nic = there ?? (await make(context, kind, place, inputs));
    const state = toState(inputs, place.machine, nic, former);
    const id = interfaceId(place.machine, nic);
    context.created(id, state);
    await sync(context, kind, { machine: place.machine, nic }, inputs, state);
    return { id, state };
  },

  async leftBehind(context, inputs) {
    const place = await lookForPlace(context.services, kind.references(inputs));
    const former = place && (context.recorded(keyOf(kind, place)) as Former | undefined);
    const nic = place && kind.find(place, inputs);
    if (!former || !nic) return undefined;
    return { id: interfaceId(place.machine, nic), state: toState(inputs, place.machine, nic, former) };
  },

  inUse: ({ services }, state) => isAtWork(services, state.systemId),

  async read({ services }, id, state) {
    const found = await lookForInterface(services, { id });
    if (!found) return undefined;
    const { machine, nic } = found;
    const parents = machine.interface_set.filter(({ name }) => nic.parents.includes(name));
    return {
      ...state,
      ...kind.shown({ machine, parents }, nic, state),
      tags: state.tags.filter((tag) => nic.tags.includes(tag)),
      ...(state.name === undefined ? {} : { name: nic.name }),
      ...(state.mtu === undefined ? {} : { mtu: mtuOf(nic) ?? nic.effective_mtu }),
    };
  },

  async update(context, id, old, inputs) {
    const found = await lookForInterface(context.services, { id });
    if (!found) {
      throw new ProviderError(
        "gone",
        `The ${kind.label} ${old.name ?? id} of machine ${old.systemId} is not in MAAS any more: commissioning takes it away, or ` +
          "somebody did. Run `pulumi refresh`, then `pulumi up` to make it again.",
      );
    }
    await sync(context, kind, found, inputs, old);
    return toState(inputs, found.machine, found.nic, old.former);
  },

  async delete(context, id, state) {
    const { services, warn } = context;
    const machine = await services.machineById(state.systemId);
    if (!machine) return;
    const nic = machine.interface_set.find((other) => interfaceId(machine, other) === id);
    if (isTaken(machine)) {
      warn(
        `The ${kind.label} ${nic?.name ?? id} stays on machine ${machine.hostname}, which is ${machine.status_name}: somebody ` +
          "uses it.",
      );
    } else if (state.former.adopted) {
      if (nic) await putBack(services, kind, machine, nic, state);
    } else {
      if (nic) await services.client.interfaces.delete(state.systemId, nic.id);
      // Also by a run that goes on after a crash: it is gone, its parents may still be bare.
      for (const former of state.former.parents) await giveBackParent(context, kind, machine, nic, former, state);
    }
  },
});

async function findPlace(services: MaasServices, references: Reference[]): Promise<Place> {
  const found = await Promise.all(references.map((reference) => findInterface(services, reference)));
  const [first] = found;
  if (!first) throw new ProviderError("bad-input", "There is no interface named that it would be over.");
  return { machine: first.machine, parents: found.map(({ nic }) => nic) };
}

async function lookForPlace(services: MaasServices, references: Reference[]): Promise<Place | undefined> {
  const found = await Promise.all(references.map((reference) => lookForInterface(services, reference)));
  const there = found.filter((place) => place !== undefined);
  return there[0] && there.length === found.length
    ? { machine: there[0].machine, parents: there.map(({ nic }) => nic) }
    : undefined;
}

export const namesOf = (interfaces: Interface[]): string => interfaces.map(({ name }) => name).join(" and ");

const keyOf = ({ label }: { label: string }, { machine, parents }: Place): string =>
  `${label} over ${parents.map((parent) => interfaceId(machine, parent)).join(" and ")}`;

function pictureOf<Inputs extends MadeInputs>(
  kind: Kind<Inputs>,
  { machine, parents }: Place,
  there: Interface | undefined,
  inputs: Inputs,
): Former {
  const asked = new Set(Object.keys(kind.wanted(inputs)));
  const actual = there ? Object.entries(kind.actual(there)).filter(([key]) => asked.has(key)) : [];
  return {
    adopted: there !== undefined,
    self: Object.fromEntries(actual),
    parents: parents.map((parent) => ({
      ...formerInterface(machine, parent),
      ...(kind.takesLinks && !there ? {} : { links: [] }),
    })),
  };
}

async function make<Inputs extends MadeInputs>(
  context: Context<MaasServices>,
  kind: Kind<Inputs>,
  place: Place,
  inputs: Inputs,
): Promise<Interface> {
  context.progress(`Making the ${kind.label} over ${namesOf(place.parents)}`);
  try {
    return await kind.make(context, place, inputs);
  } catch (error) {
    if (!isError(error, "refused", "ambiguous", "conflict", "server-error")) throw error;
    // Somebody was faster, or the answer was lost: then it is there now.
    const there = kind.find(await findPlace(context.services, kind.references(inputs)), inputs);
    if (there) return there;
    throw error;
  }
}

/** One request for what differs, none where nothing does. */
async function sync<Inputs extends MadeInputs>(
  context: Context<MaasServices>,
  kind: Kind<Inputs>,
  { machine, nic }: { machine: Machine; nic: Interface },
  inputs: Inputs,
  old: Made<Inputs>,
): Promise<void> {
  const actual: Record<string, unknown> = { ...kind.actual(nic) };
  const [wanted, before] = [kind.wanted(inputs), kind.wanted(old)] as Record<string, unknown>[];
  const former: Record<string, unknown> = { mtu: "", ...old.former.self };
  const changes = {
    ...Object.fromEntries(Object.entries(wanted ?? {}).filter(([key, value]) => actual[key] !== value)),
    // What is not asked for any more goes back to what it was, where it is still as we set it.
    ...Object.fromEntries(
      Object.entries(former).filter(
        ([key]) => wanted?.[key] === undefined && before?.[key] !== undefined && before[key] === actual[key],
      ),
    ),
  };
  if (Object.keys(changes).length > 0) {
    requireRest(machine, `change the ${kind.label} ${nic.name}`);
    context.progress(`Setting ${Object.keys(changes).join(", ")} of ${nic.name}`);
    await context.services.client.interfaces.update(machine.system_id, nic.id, changes);
  }
  await syncInterfaceTags(context.services, machine.system_id, nic, inputs.tags, old.tags);
}

/** Adopted: as it was found, where it is still as we set it. */
async function putBack<Inputs extends MadeInputs>(
  services: MaasServices,
  kind: Kind<Inputs>,
  machine: Machine,
  nic: Interface,
  state: Made<Inputs>,
): Promise<void> {
  const now: Record<string, unknown> = { ...kind.actual(nic) };
  const ours: Record<string, unknown> = { ...kind.wanted(state) };
  const former: Record<string, unknown> = { mtu: "", ...state.former.self };
  const changes = Object.fromEntries(
    Object.entries(former).filter(([key, value]) => key in ours && now[key] === ours[key] && now[key] !== value),
  );
  if (Object.keys(changes).length > 0) await services.client.interfaces.update(machine.system_id, nic.id, changes);
  await syncInterfaceTags(services, machine.system_id, nic, [], state.tags);
}

async function giveBackParent<Inputs extends MadeInputs>(
  context: Context<MaasServices>,
  kind: Kind<Inputs>,
  machine: Machine,
  gone: Interface | undefined,
  former: FormerInterface,
  state: Made<Inputs>,
): Promise<void> {
  const parent = machine.interface_set.find(({ id }) => id === former.id);
  if (!parent || machine.interface_set.some((other) => other.id !== gone?.id && takesLinksOf(other, parent))) return;
  const vlan =
    kind.givesVlan === true ? state.former.parents.find((other) => other.vlan !== undefined)?.vlan : undefined;
  const now = await giveBack(context.services, state.systemId, parent, former, { mtu: state.mtu, vlan });
  if (isBare(now)) await restoreLinks(context, state.systemId, now, former.links);
}

/** Whether the other one is over it, and nothing below has a link. */
export const takesLinksOf = (other: Interface, parent: Interface): boolean =>
  (other.type === "bridge" || other.type === "bond") && other.parents.includes(parent.name);

const toState = <Inputs extends MadeInputs>(
  inputs: Inputs,
  machine: Machine,
  nic: Interface,
  former: Former,
): Made<Inputs> => ({ ...inputs, systemId: machine.system_id, interfaceId: nic.id, former });
