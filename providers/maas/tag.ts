/** A tag for machines. One that MAAS has already is used and left there; the machines name the tags they have. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import type { MaasServices } from "./services.ts";
import { nameProblem } from "./names.ts";

export interface TagArgs {
  /** Its name in MAAS: letters, digits, dots, dashes and underscores. Changing this replaces. */
  name: pulumi.Input<string>;
  /** What it is for, in words; changed in place. @default "Made by Metalform" */
  description?: pulumi.Input<string>;
}

interface Inputs {
  name: string;
  description: string;
}

interface State extends Inputs {
  /** True when MAAS had it before us: then it is left there on delete. */
  adopted: boolean;
}

export const tag: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    name: { replace: "another name is another tag" },
    description: "update",
  },
  deleteBeforeReplace: false,

  normalise: (inputs) => ({ ...inputs, description: inputs.description ?? "Made by Metalform" }),

  check(check) {
    check.onlyKnown(["name", "description", "adopted"]);
    check.required("name", '"nucs"');
    check.text("name", nameProblem("tag"));
    check.text("description");
  },

  async create({ services, created }, inputs) {
    const { tags } = services.client;
    const known = await tags.read(inputs.name);
    const adopted = known !== undefined && known.comment !== inputs.description;
    if (!known) {
      await tags.create({ name: inputs.name, comment: inputs.description }).catch(async (error: unknown) => {
        // Somebody was faster, or the answer was lost: then it is there now.
        if (!isError(error, "refused", "ambiguous", "conflict") || !(await tags.read(inputs.name))) throw error;
      });
    }
    created(inputs.name, { ...inputs, adopted });
    return { id: inputs.name, state: { ...inputs, adopted } };
  },

  async leftBehind({ services }, inputs) {
    const found = await services.client.tags.read(inputs.name);
    return found?.comment === inputs.description
      ? { id: inputs.name, state: { ...inputs, adopted: false } }
      : undefined;
  },

  async read({ services }, id, state) {
    const found = await services.client.tags.read(id);
    return found && { ...state, description: state.adopted ? state.description : found.comment };
  },

  async update({ services }, id, old, inputs) {
    const adopted = old.adopted;
    if (!adopted) await services.client.tags.update(id, { comment: inputs.description });
    return { ...inputs, adopted };
  },

  async delete({ services }, id, state) {
    if (!state.adopted) await services.client.tags.delete(id);
  },
};

export class Tag extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: TagArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Tag", name, { ...args }, ["adopted"], options);
  }
}
