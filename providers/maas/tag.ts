/** A tag for machines. One that MAAS has already is used and left there; the machines name the tags they have. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import type { MaasServices } from "./services.ts";
import { named } from "./named.ts";
import type { NamedInputs, NamedState } from "./named.ts";
import { nameProblem } from "./names.ts";

export interface TagArgs {
  /** Its name in MAAS: letters, digits, dots, dashes and underscores. Changing this replaces. */
  name: pulumi.Input<string>;
  /** What it is for, in words; changed in place. @default "Made by Metalform" */
  description?: pulumi.Input<string>;
}

export const tag: Lifecycle<MaasServices, NamedInputs, NamedState> = {
  changes: {
    name: { replace: "another name is another tag" },
    description: "update",
  },
  deleteBeforeReplace: false,

  check(check) {
    check.onlyKnown(["name", "description", "adopted"]);
    check.required("name", '"nucs"');
    check.text("name", nameProblem("tag"));
    check.text("description");
  },

  ...named({
    noun: "tag",
    read: async ({ client }, name) => (await client.tags.read(name))?.comment,
    make: ({ client }, { name, description }) => client.tags.create({ name, comment: description }),
    describe: ({ client }, name, description) => client.tags.update(name, { comment: description }),
    remove: ({ services }, name) => services.client.tags.delete(name),
  }),
};

export class Tag extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: TagArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Tag", name, { ...args }, ["adopted"], options);
  }
}
