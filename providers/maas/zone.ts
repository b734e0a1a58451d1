/** An availability zone: machines that fail together. One that MAAS has already is used and left there. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import type { MaasServices } from "./services.ts";
import { named } from "./named.ts";
import type { NamedInputs, NamedState } from "./named.ts";
import { nameProblem } from "./names.ts";

export interface ZoneArgs {
  /** Its name in MAAS. Changing this replaces. */
  name: pulumi.Input<string>;
  /** What it is for, in words; changed in place. @default "Made by Metalform" */
  description?: pulumi.Input<string>;
}

export const zone: Lifecycle<MaasServices, NamedInputs, NamedState> = {
  changes: {
    name: { replace: "another name is another availability zone" },
    description: "update",
  },
  deleteBeforeReplace: false,

  check(check) {
    check.onlyKnown(["name", "description", "adopted"]);
    check.required("name", '"nucs"');
    check.text("name", nameProblem("availability zone"));
    check.text("description");
  },

  ...named({
    noun: "availability zone",
    read: async ({ client }, name) => (await client.zones.read(name))?.description,
    make: ({ client }, inputs) => client.zones.create(inputs),
    describe: ({ client }, name, description) => client.zones.update(name, { description }),
    remove: ({ services }, name) => services.client.zones.delete(name),
  }),
};

export class Zone extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: ZoneArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Zone", name, { ...args }, ["adopted"], options);
  }
}
