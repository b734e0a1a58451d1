/**
 * Things that MAAS knows by their name, of which there is nothing but a description: a tag, a pool, a zone. One that was there before
 * us is used as it is and stays; one that we made goes again. Which of the two it is, is noted before it is made (journal), so that
 * a killed run does not forget it.
 */
import { isError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import type { MaasServices } from "./services.ts";

export interface NamedInputs {
  name: string;
  description: string;
}

export interface NamedState extends NamedInputs {
  /** True when MAAS had it before us: then it is left there on delete. */
  adopted: boolean;
}

export interface NamedKind {
  /** For the journal: "tag". */
  noun: string;
  /** Its description in MAAS; undefined when there is none of this name. */
  read(services: MaasServices, name: string): Promise<string | undefined>;
  make(services: MaasServices, inputs: NamedInputs): Promise<unknown>;
  describe(services: MaasServices, name: string, description: string): Promise<unknown>;
  remove(context: Context<MaasServices>, name: string): Promise<void>;
}

type Verbs = Required<
  Pick<
    Lifecycle<MaasServices, NamedInputs, NamedState>,
    "normalise" | "create" | "leftBehind" | "read" | "update" | "delete"
  >
>;

export function named(kind: NamedKind): Verbs {
  const thing = (name: string): string => `${kind.noun} ${name}`;
  return {
    normalise: (inputs) => ({ ...inputs, description: inputs.description ?? "Made by Metalform" }),

    async create(context, inputs) {
      const known = await kind.read(context.services, inputs.name);
      // What was there when an interrupted run looked is gone.
      if (known === undefined) context.retract(thing(inputs.name));
      const found = context.before(thing(inputs.name), { adopted: known !== undefined });
      const adopted = known === undefined ? await make(context, kind, inputs) : found.adopted;
      const state = { ...inputs, adopted };
      context.created(inputs.name, state);
      return { id: inputs.name, state };
    },

    async leftBehind({ services, recorded }, inputs) {
      const found = recorded(thing(inputs.name)) as { adopted: boolean } | undefined;
      if (!found || (await kind.read(services, inputs.name)) === undefined) return undefined;
      return { id: inputs.name, state: { ...inputs, adopted: found.adopted } };
    },

    async read({ services }, id, state) {
      const description = await kind.read(services, id);
      if (description === undefined) return undefined;
      return { ...state, description: state.adopted ? state.description : description };
    },

    async update({ services }, id, old, inputs) {
      const { adopted } = old;
      if (!adopted) await kind.describe(services, id, inputs.description);
      return { ...inputs, adopted };
    },

    async delete(context, id, state) {
      if (!state.adopted) await kind.remove(context, id);
    },
  };
}

/** @returns true when somebody else was faster */
async function make(context: Context<MaasServices>, kind: NamedKind, inputs: NamedInputs): Promise<boolean> {
  try {
    await kind.make(context.services, inputs);
    return false;
  } catch (error) {
    // Whose it is that is there after a lost answer cannot be told; most likely ours.
    if (!isError(error, "refused", "ambiguous", "conflict")) throw error;
    if ((await kind.read(context.services, inputs.name)) === undefined) throw error;
    if (!isError(error, "refused")) return false;
    const what = `${kind.noun} ${inputs.name}`;
    context.retract(what);
    return context.before(what, { adopted: true }).adopted;
  }
}
