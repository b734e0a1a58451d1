/** A fabric: switches whose VLANs belong together. MAAS makes fabric-0 by itself, and one more for each network it sees. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, messageOf } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { adopting } from "./adoption.ts";
import type { Former } from "./adoption.ts";
import type { Fabric as FabricObject } from "./api/fabrics.ts";
import { claims } from "./claims.ts";
import { networkNameProblem, refuseReservedName } from "./names.ts";
import type { MaasServices } from "./services.ts";

export interface FabricArgs {
  /**
   * Its name in MAAS: letters, digits, dashes and underscores. One of this name is adopted. Names such as "fabric-3" are
   * MAAS's own: they can be adopted, not made. Changing this renames it in place.
   */
  name: pulumi.Input<string>;
}

interface Inputs {
  name: string;
}

interface State extends Inputs {
  former: Former;
}

export const fabric: Lifecycle<MaasServices, Inputs, State> = {
  changes: { name: "update" },
  deleteBeforeReplace: false,

  check(check, { urn }) {
    check.onlyKnown(["name", "former"]);
    check.required("name", '"rack"');
    check.text("name", networkNameProblem("fabric"));
    const name = check.value("name");
    if (typeof name !== "string") return;
    claims(check, urn).claim(
      `fabric ${name}`,
      "name",
      (holder) => `"${name}" is the name of ${holder} too; each fabric has its own`,
    );
  },

  ...adopting<Inputs, FabricObject>({
    what: ({ name }) => `fabric ${name}`,
    properties: { name: { field: "name", of: (found) => found.name, unset: "" } },
    wanted: ({ name }) => ({ name }),
    find: ({ networks }, { name }) => networks.fabric(name),
    make: ({ client }, { name }) => {
      refuseReservedName("fabric", name);
      return client.fabrics.create({ name });
    },
    byId: ({ networks }, id) => networks.fabric(id),
    change: ({ client }, id, form) => client.fabrics.update(id, form),
    async remove({ services, warn }, found) {
      try {
        await services.client.fabrics.delete(found.id);
      } catch (error) {
        if (!isError(error, "refused")) throw error;
        warn(`The fabric ${found.name} stays in MAAS, since something is in it still. ${messageOf(error)}`);
      }
    },
  }),
};

export class Fabric extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: FabricArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Fabric", name, { ...args }, ["former"], options);
  }
}
