/**
 * Adopt before create, and give back the way it was found. MAAS makes fabrics, VLANs and subnets by itself, so each kind
 * of network looks for its own first. What was there is changed as asked, and on delete its former values are restored,
 * where they are still ours; what was not there is deleted (docs/decisions).
 *
 * A kind says in a table which of its inputs MAAS keeps under which name; the verbs of its life cycle follow from that.
 */
import { isDeepStrictEqual } from "node:util";
import { isError, ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import type { MaasServices } from "./services.ts";

export type Plain = string | number | boolean | string[];

export interface Property<Found> {
  /** Its name on the wire. */
  field: string;
  of(found: Found): Plain;
  /** What MAAS gives a thing that is made without it. */
  unset: Plain;
}

/** By the names of the inputs. */
export type Properties<Found> = Readonly<Record<string, Property<Found>>>;

/** Inputs in the words in which `of` answers; what is undefined is left as it is in MAAS. */
export type Wanted = Readonly<Record<string, Plain | undefined>>;

/** The before-picture, part of the state. */
export interface Former {
  /** True when MAAS had it before us: then it is given back on delete, else deleted. */
  adopted: boolean;
  /** The values that it had then. */
  was?: Readonly<Record<string, Plain>>;
  /** Inputs that somebody else has changed since, as a refresh has seen: what the state has of them is not ours. */
  theirs?: string[];
}

/** Fields by their names on the wire; a list becomes a text with blanks between. */
export type Form = Record<string, string | number | boolean>;

export interface AdoptableKind<Inputs extends object, Found extends { id: number }> {
  /** For messages: "subnet 172.16.0.0/20". */
  what(inputs: Inputs): string;
  properties: Properties<Found>;
  wanted(inputs: Inputs, services: MaasServices): Wanted | Promise<Wanted>;
  /** By its natural key. */
  find(services: MaasServices, inputs: Inputs): Promise<Found | undefined>;
  /** Sends the creation once: a lost answer must be an `ambiguous` error, not a second try. */
  make(services: MaasServices, inputs: Inputs, form: Form): Promise<Found>;
  byId(services: MaasServices, id: string): Promise<Found | undefined>;
  change(services: MaasServices, id: number, form: Form): Promise<unknown>;
  /** Deletes what we made, after a look at what would go with it. */
  remove(context: Context<MaasServices>, found: Found, state: Inputs): Promise<void>;
  /** Drift of inputs that are not in the table. */
  drift?(found: Found, state: Inputs): Partial<Inputs>;
}

type Verbs<Inputs extends object> = Required<
  Pick<
    Lifecycle<MaasServices, Inputs, Inputs & { former: Former }>,
    "create" | "leftBehind" | "read" | "update" | "delete"
  >
>;

export function adopting<Inputs extends object, Found extends { id: number }>(
  kind: AdoptableKind<Inputs, Found>,
): Verbs<Inputs> {
  const { properties } = kind;
  const apply = async (services: MaasServices, found: Found, form: Form) => {
    if (Object.keys(form).length > 0) await kind.change(services, found.id, form);
  };
  return {
    async create(context, inputs) {
      const { services } = context;
      const wanted = await kind.wanted(inputs, services);
      const { found, former } = await findOrMake(context, kind, inputs, wanted);
      const state = { ...inputs, former };
      context.created(String(found.id), state);
      await apply(services, found, changesTo(properties, found, wanted));
      return { id: String(found.id), state };
    },

    async leftBehind({ services, recorded }, inputs) {
      const former = recorded(kind.what(inputs)) as Former | undefined;
      const found = former && (await kind.find(services, inputs));
      return found && { id: String(found.id), state: { ...inputs, former } };
    },

    async read({ services }, id, state) {
      const found = await kind.byId(services, id);
      if (!found) return undefined;
      const wanted = await kind.wanted(state, services);
      return { ...state, ...drift(properties, found, { state, wanted }), ...kind.drift?.(found, state) };
    },

    async update({ services }, id, old, inputs) {
      const found = await kind.byId(services, id);
      if (!found) {
        throw new ProviderError(
          "gone",
          `${kind.what(old)} is not in MAAS any more. Run \`pulumi refresh\`, then \`pulumi up\` to make it again.`,
        );
      }
      const wanted = await kind.wanted(inputs, services);
      // Only what was taken out of the program needs to be known as it was before.
      const isLess = Object.keys(old).some((key) => key !== "former" && !(key in inputs));
      const before = isLess ? await kind.wanted(old, services) : {};
      await apply(services, found, changesFrom(properties, found, { old: before, former: old.former, wanted }));
      return { ...inputs, former: ours(old.former) };
    },

    async delete(context, id, state) {
      const found = await kind.byId(context.services, id);
      if (!found) return;
      if (!state.former.adopted) await kind.remove(context, found, state);
      else {
        const old = await kind.wanted(state, context.services);
        await apply(context.services, found, changesFrom(properties, found, { old, former: state.former, wanted: {} }));
      }
    },
  };
}

async function findOrMake<Inputs extends object, Found extends { id: number }>(
  context: Context<MaasServices>,
  kind: AdoptableKind<Inputs, Found>,
  inputs: Inputs,
  wanted: Wanted,
): Promise<{ found: Found; former: Former }> {
  const { services } = context;
  const what = kind.what(inputs);
  const found = await kind.find(services, inputs);
  const former = context.before(what, pictureOf(kind.properties, found));
  if (found !== undefined) return { found, former };
  try {
    return { found: await kind.make(services, inputs, formOf(kind.properties, wanted)), former };
  } catch (error) {
    // A lost answer may leave what we made. What MAAS has refused was not made: what is there is somebody else's.
    const isRefused = isError(error, "bad-input", "conflict", "gone", "not-allowed", "refused");
    if (isRefused) context.retract(what);
    else if (!isError(error, "ambiguous")) throw error;
    const now = await kind.find(services, inputs);
    if (now === undefined) throw error;
    return { found: now, former: isRefused ? context.before(what, pictureOf(kind.properties, now)) : former };
  }
}

export function pictureOf<Found>(properties: Properties<Found>, found: Found | undefined): Former {
  if (found === undefined) return { adopted: false };
  const was = Object.entries(properties).map(([input, property]) => [input, property.of(found)] as const);
  return { adopted: true, was: Object.fromEntries(was) };
}

/** What is to be sent so that MAAS has what is wanted. */
export function changesTo<Found>(properties: Properties<Found>, found: Found, wanted: Wanted): Form {
  const missing = Object.entries(wanted).filter(
    ([input, value]) => value !== undefined && !isDeepStrictEqual(properties[input]?.of(found), value),
  );
  return formOf(properties, Object.fromEntries(missing));
}

/**
 * Like `changesTo`, after inputs were taken out of the program: what is still as it was asked for goes back to what was
 * found, or to what MAAS gives by itself; what others have changed meanwhile stays.
 */
export function changesFrom<Found>(
  properties: Properties<Found>,
  found: Found,
  { old, former, wanted }: { old: Wanted; former: Former; wanted: Wanted },
): Form {
  const left = Object.entries(properties).flatMap(([input, property]) => {
    const isSet = old[input] !== undefined && former.theirs?.includes(input) !== true;
    const isOurs = isSet && isDeepStrictEqual(property.of(found), old[input]);
    return wanted[input] === undefined && isOurs ? [[input, former.was?.[input] ?? property.unset] as const] : [];
  });
  return changesTo(properties, found, { ...wanted, ...Object.fromEntries(left) });
}

/** What of the wanted is otherwise in MAAS, as inputs: only that counts as drift. */
export function drift<Found>(
  properties: Properties<Found>,
  found: Found,
  { state, wanted }: { state: { former: Former }; wanted: Wanted },
): Record<string, unknown> {
  const now = Object.entries(properties).flatMap(([input, property]) => {
    const value = property.of(found);
    return wanted[input] === undefined || isDeepStrictEqual(value, wanted[input]) ? [] : [[input, value] as const];
  });
  if (now.length === 0) return {};
  const theirs = new Set([...(state.former.theirs ?? []), ...now.map(([input]) => input)]);
  return { ...Object.fromEntries(now), former: { ...state.former, theirs: [...theirs] } };
}

/** After an update has put right what others had changed. */
export function ours({ adopted, was }: Former): Former {
  return was === undefined ? { adopted } : { adopted, was };
}

function formOf<Found>(properties: Properties<Found>, wanted: Wanted): Form {
  const fields = Object.entries(properties).flatMap(([input, { field }]) => {
    const value = wanted[input];
    return value === undefined ? [] : [[field, Array.isArray(value) ? value.join(" ") : value] as const];
  });
  return Object.fromEntries(fields);
}
