/** A resource pool: machines that belong together. One that MAAS has already is used and left there. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import type { MaasServices } from "./services.ts";
import { nameProblem } from "./names.ts";

export interface ResourcePoolArgs {
  /** Its name in MAAS. Changing this replaces. */
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

export const resourcePool: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    name: { replace: "another name is another resource pool" },
    description: "update",
  },
  deleteBeforeReplace: false,

  normalise: (inputs) => ({ ...inputs, description: inputs.description ?? "Made by Metalform" }),

  check(check) {
    check.onlyKnown(["name", "description", "adopted"]);
    check.required("name", '"nucs"');
    check.text("name", nameProblem("resource pool"));
    check.text("description");
  },

  async create({ services, created }, inputs) {
    const { pools } = services.client;
    const known = await pools.read(inputs.name);
    const adopted = known !== undefined && known.description !== inputs.description;
    if (!known) {
      await pools.create(inputs).catch(async (error: unknown) => {
        // Somebody was faster, or the answer was lost: then it is there now.
        if (!isError(error, "refused", "ambiguous", "conflict") || !(await pools.read(inputs.name))) throw error;
      });
    }
    created(inputs.name, { ...inputs, adopted });
    return { id: inputs.name, state: { ...inputs, adopted } };
  },

  async leftBehind({ services }, inputs) {
    const found = await services.client.pools.read(inputs.name);
    return found?.description === inputs.description
      ? { id: inputs.name, state: { ...inputs, adopted: false } }
      : undefined;
  },

  async read({ services }, id, state) {
    const found = await services.client.pools.read(id);
    return found && { ...state, description: state.adopted ? state.description : found.description };
  },

  async update({ services }, id, old, inputs) {
    const adopted = old.adopted;
    if (!adopted) await services.client.pools.update(id, { description: inputs.description });
    return { ...inputs, adopted };
  },

  async delete({ services, warn }, id, state) {
    if (state.adopted) return;
    try {
      await services.client.pools.delete(id);
    } catch (error) {
      if (!isError(error, "refused")) throw error;
      warn(`The resource pool ${id} stays in MAAS: somebody's machines are in it.`);
    }
  },
};

export class ResourcePool extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: ResourcePoolArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:ResourcePool", name, { ...args }, ["adopted"], options);
  }
}
