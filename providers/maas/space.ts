/** A space: VLANs between which traffic is free; Juju binds applications to it. VLANs name the space that they are in. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { adopting } from "./adoption.ts";
import type { Former } from "./adoption.ts";
import type { Space as SpaceObject } from "./api/spaces.ts";
import { claims } from "./claims.ts";
import { networkNameProblem, refuseReservedName } from "./names.ts";
import type { MaasServices } from "./services.ts";

export interface SpaceArgs {
  /**
   * Its name in MAAS: letters, digits, dashes and underscores. One of this name is adopted. Names such as "space-3" are
   * MAAS's own: they can be adopted, not made. Changing this renames it in place.
   */
  name: pulumi.Input<string>;
  /** What it is for, in words; changed in place. */
  description?: pulumi.Input<string>;
}

interface Inputs {
  name: string;
  description?: string;
}

interface State extends Inputs {
  former: Former;
}

export const space: Lifecycle<MaasServices, Inputs, State> = {
  changes: { name: "update", description: "update" },
  deleteBeforeReplace: false,

  check(check, { urn }) {
    check.onlyKnown(["name", "description", "former"]);
    check.required("name", '"apps"');
    check.text("name", networkNameProblem("space"));
    check.text("description");
    const name = check.value("name");
    if (typeof name !== "string") return;
    claims(check, urn).claim(
      `space ${name}`,
      "name",
      (holder) => `"${name}" is the name of ${holder} too; each space has its own`,
    );
  },

  ...adopting<Inputs, SpaceObject>({
    what: ({ name }) => `space ${name}`,
    properties: {
      name: { field: "name", of: (found) => found.name, unset: "" },
      description: { field: "description", of: (found) => found.description, unset: "" },
    },
    wanted: ({ name, description }) => ({ name, description }),
    find: ({ networks }, { name }) => networks.space(name),
    make: ({ client }, { name }, form) => {
      refuseReservedName("space", name);
      return client.spaces.create({ ...form, name });
    },
    byId: ({ networks }, id) => networks.space(id),
    change: ({ client }, id, form) => client.spaces.update(id, form),
    remove: ({ services }, found) => services.client.spaces.delete(found.id),
  }),
};

export class Space extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: SpaceArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Space", name, { ...args }, ["former"], options);
  }
}
