/**
 * Turns the calls that Pulumi's dynamic provider makes into a life cycle's verbs, and keeps the rules that the engine
 * silently expects: ids are texts, outputs are plain JSON, every failure is a fresh Error, a half-made thing goes into
 * the state together with its provider text.
 */
import { difference } from "./changes.ts";
import type { Consequence } from "./changes.ts";
import { Check } from "./check.ts";
import type { CheckFailure } from "./check.ts";
import type { Clock } from "./clock.ts";
import { messageOf } from "./errors.ts";
import type { Journal } from "./journal.ts";
import type { Context, Lifecycle } from "./lifecycle.ts";

type Properties = Record<string, unknown>;

/** A life cycle whose inputs and state the core need not know. */
export type AnyLifecycle<Services> = Lifecycle<Services, Properties, Properties>;

/**
 * Forgets the types of a life cycle's inputs: the engine hands over plain properties, and `check` has seen them before
 * any other verb does.
 */
export const untyped = <Services, Inputs extends object, State extends Inputs>(
  lifecycle: Lifecycle<Services, Inputs, State>,
): AnyLifecycle<Services> => lifecycle as unknown as AnyLifecycle<Services>;

/** What the core needs from the process it runs in. */
export interface Surroundings<Services> {
  services(): Services;
  clock: Clock;
  progress(urn: string, text: string): void;
  warn(urn: string, text: string): void;
  note(urn: string, text: string): void;
  /** Told before anything is made, changed or deleted. */
  changing?(urn: string): void;
  /** Remembers creates over the death of this process. */
  journal?: Journal;
}

/** The object that Pulumi's dynamic provider process works with (cmd/dynamic-provider). */
export interface DynamicProvider {
  check(olds: Properties, news: Properties): Promise<{ inputs: Properties; failures: CheckFailure[] }>;
  diff(
    id: string,
    olds: Properties,
    news: Properties,
  ): Promise<{ changes: boolean; replaces: string[]; deleteBeforeReplace: boolean }>;
  create(inputs: Properties): Promise<{ id: string; outs: Properties }>;
  /** Not called by the engine, but by the recovery from a crash (tools): finds what a create left behind. */
  leftBehind(inputs: Properties): Promise<{ id: string; outs: Properties } | undefined>;
  read(id: string, state: Properties): Promise<{ id?: string; props?: Properties; inputs?: Properties }>;
  update(id: string, olds: Properties, news: Properties): Promise<{ outs: Properties }>;
  delete(id: string, state: Properties): Promise<void>;
}

export function dynamicProvider<Services>(
  load: () => Promise<AnyLifecycle<Services>>,
  around: Surroundings<Services>,
): DynamicProvider {
  return {
    async check(_olds, news) {
      return await plainly(async () => {
        const lifecycle = await load();
        const inputs = lifecycle.normalise ? { ...news, ...lifecycle.normalise(bare(news)) } : news;
        const check = new Check(bare(inputs));
        const context = contextOf(around, inputs, () => undefined);
        await lifecycle.check(check, context);
        return { inputs: plain(inputs), failures: check.failures };
      });
    },

    async diff(_id, olds, news) {
      return await plainly(async () => {
        const lifecycle = await load();
        const found = difference(lifecycle.changes, bare(olds), bare(news));
        const context = contextOf(around, news, () => undefined);
        const atWork = found.redeploys.length > 0 && (await isInUse(lifecycle, context, bare(olds)));
        const replaces = [...found.replaces, ...(atWork ? found.redeploys : [])];
        const tell = (label: string, consequences: Consequence[]) => {
          for (const [because, of] of Map.groupBy(consequences, (consequence) => consequence.because)) {
            around.note(urnOf(news), `[${label}] ${of.map(({ input }) => input).join(", ")}: ${because}`);
          }
        };
        tell("replace", found.replaces);
        if (atWork) tell("redeploy", found.redeploys);
        if (replaces.length === 0) tell("in place", found.interrupts);
        return {
          changes: found.changed.length > 0,
          replaces: replaces.map(({ input }) => input),
          deleteBeforeReplace: lifecycle.deleteBeforeReplace,
        };
      });
    },

    async create(inputs) {
      const lifecycle = await load();
      const urn = urnOf(inputs);
      around.changing?.(urn);
      const journal = lifecycle.leftBehind && urn !== "" ? around.journal : undefined;
      journal?.begin(urn, inputs);
      return await keepingHalf(inputs, async (created) => {
        const { id, state } = await lifecycle.create(contextOf(around, inputs, created), bare(inputs));
        return { id, outs: carry(inputs, state) };
      });
    },

    async leftBehind(inputs) {
      return await plainly(async () => {
        const lifecycle = await load();
        const found = await lifecycle.leftBehind?.(
          contextOf(around, inputs, () => undefined),
          bare(inputs),
        );
        return found && { id: found.id, outs: carry(inputs, found.state) };
      });
    },

    async read(id, state) {
      return await plainly(async () => {
        const lifecycle = await load();
        const now = await lifecycle.read(
          contextOf(around, state, () => undefined),
          id,
          bare(state),
        );
        if (!now) {
          // What is made anew under this name, by whomever, is not what the before-pictures are of.
          around.journal?.forget(urnOf(state));
          return {};
        }
        // The engine compares inputs with inputs: what was found is what a later diff starts from.
        const inputs = Object.fromEntries(Object.keys(lifecycle.changes).map((key) => [key, now[key]]));
        return { id, props: carry(state, now), inputs: carry(state, inputs) };
      });
    },

    async update(id, olds, news) {
      const lifecycle = await load();
      around.changing?.(urnOf(news));
      return await keepingHalf(news, async (created) => {
        const context = contextOf(around, news, created);
        created(id, { ...bare(olds), ...bare(news) });
        return { outs: carry(news, await lifecycle.update(context, id, bare(olds), bare(news))) };
      });
    },

    async delete(id, state) {
      await plainly(async () => {
        const lifecycle = await load();
        around.changing?.(urnOf(state));
        await lifecycle.delete(
          contextOf(around, state, () => undefined),
          id,
          bare(state),
        );
        around.journal?.forget(urnOf(state));
      });
    },
  };
}

/** A machine that cannot be asked after is taken for one at work: the preview then promises the dearer way. */
async function isInUse<Services>(
  lifecycle: AnyLifecycle<Services>,
  context: Context<Services>,
  state: Properties,
): Promise<boolean> {
  try {
    return (await lifecycle.inUse?.(context, state)) ?? true;
  } catch {
    return true;
  }
}

function contextOf<Services>(
  around: Surroundings<Services>,
  properties: Properties,
  created: (id: string, state: object) => void,
): Context<Services> {
  const urn = urnOf(properties);
  return {
    get services() {
      return around.services();
    },
    clock: around.clock,
    urn,
    progress: (text) => {
      around.progress(urn, text);
    },
    before: (thing, found) => around.journal?.before(urn, thing, found) ?? found,
    retract: (thing) => around.journal?.retract(urn, thing),
    recorded: (thing) => around.journal?.recorded(urn, thing),
    warn: (text) => {
      around.warn(urn, text);
    },
    created,
  };
}

/**
 * Runs a create or an update; after a failure what already exists is handed over with it.
 */
async function keepingHalf<T>(
  inputs: Properties,
  work: (created: (id: string, state: object) => void) => Promise<T>,
): Promise<T> {
  let half: { id: string; properties: Properties } | undefined;
  try {
    const whole = await work((id, state) => {
      half = { id, properties: carry(inputs, { ...bare(inputs), ...state }) };
    });
    return whole;
  } catch (error) {
    const failure = freshError(error);
    if (!half) throw failure;
    throw Object.assign(failure, half, { reasons: [messageOf(error)] });
  }
}

async function plainly<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw freshError(error);
  }
}

/**
 * A new Error: an error that happens to own an `id` would be taken for a half-made resource. Its stack is printed by
 * the engine's provider process and is of use to nobody but Metalform's developers.
 */
function freshError(error: unknown): Error {
  const fresh = new Error(messageOf(error));
  fresh.stack =
    process.env["METALFORM_DEBUG"] !== undefined && error instanceof Error ? (error.stack ?? "") : "see above";
  fresh.toString = () => fresh.message;
  return fresh;
}

const urnOf = (properties: Properties): string => {
  const urn = properties["__urn"];
  return typeof urn === "string" && urn.startsWith("urn:") ? urn : "";
};

/** Without what belongs to the engine's side: keys with two underscores. */
const bare = (properties: Properties): Properties =>
  Object.fromEntries(Object.entries(properties).filter(([key, value]) => !key.startsWith("__") && value !== null));

/** Plain JSON with the keys of the engine's side taken over. */
const carry = (from: Properties, state: object): Properties =>
  plain({
    ...state,
    ...Object.fromEntries(Object.entries(from).filter(([key]) => key.startsWith("__"))),
  });

const plain = (value: Properties): Properties => JSON.parse(JSON.stringify(value)) as Properties;
