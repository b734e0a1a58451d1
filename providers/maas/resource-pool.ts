/** A resource pool: machines that belong together. One that MAAS has already is used and left there. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import type { MaasServices } from "./services.ts";
import { named } from "./named.ts";
import type { NamedInputs, NamedState } from "./named.ts";
import { nameProblem } from "./names.ts";

export interface ResourcePoolArgs {
  /** Its name in MAAS. Changing this replaces. */
  name: pulumi.Input<string>;
  /** What it is for, in words; changed in place. @default "Made by Metalform" */
  description?: pulumi.Input<string>;
}

export const resourcePool: Lifecycle<MaasServices, NamedInputs, NamedState> = {
  changes: {
    name: { replace: "another name is another resource pool" },
    description: "update",
  },
  deleteBeforeReplace: false,

  check(check) {
    check.onlyKnown(["name", "description", "adopted"]);
    check.required("name", '"nucs"');
    check.text("name", nameProblem("resource pool"));
    check.text("description");
  },

  ...named({
    noun: "resource pool",
    read: async ({ client }, name) => (await client.pools.read(name))?.description,
    make: ({ client }, inputs) => client.pools.create(inputs),
    describe: ({ client }, name, description) => client.pools.update(name, { description }),
    async remove({ services, warn }, name) {
      try {
        await services.client.pools.delete(name);
      } catch (error) {
        if (!isError(error, "refused")) throw error;
        warn(`The resource pool ${name} stays in MAAS: somebody's machines are in it.`);
      }
    },
  }),
};

export class ResourcePool extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: ResourcePoolArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:ResourcePool", name, { ...args }, ["adopted"], options);
  }
}
