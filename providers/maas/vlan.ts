/** A VLAN of a fabric. The untagged one, VID 0, comes with the fabric and is always adopted. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { adopting } from "./adoption.ts";
import type { Former } from "./adoption.ts";
import type { Vlan as VlanObject } from "./api/subnets.ts";
import { claims } from "./claims.ts";
import { refuseToCutOff } from "./cut-off.ts";
import { isId, specifier } from "./networks.ts";
import { noteOrigin } from "./origin.ts";
import type { MaasServices } from "./services.ts";

export interface VlanArgs {
  /** The fabric: `fabric.id`, or the name of one that MAAS has. Changing this replaces. */
  fabric: pulumi.Input<string>;
  /** Its number on the wire, 0 to 4094; 0 is the untagged VLAN. Changing this replaces: another VID is another VLAN. */
  vid: pulumi.Input<number>;
  /** Its name; changed in place. Not for VID 0, which MAAS shows as "untagged" whatever it is called. @default none */
  name?: pulumi.Input<string>;
  /** Largest packet in bytes, 552 to 65535; changed in place, machines that run keep the old one. @default 1500 */
  mtu?: pulumi.Input<number>;
  /** The space that it is in: `space.id`, or the name of one that MAAS has. Changed in place. @default in none */
  space?: pulumi.Input<string>;
}

interface Inputs {
  fabric: string;
  vid: number;
  name?: string;
  mtu?: number;
  space?: string;
}

interface State extends Inputs {
  former: Former;
}

export const vlan: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    fabric: {
      replace: "a VLAN belongs to its fabric: another one is made there, and this one goes",
      evenUnknown: true,
    },
    vid: { replace: "another VID is another VLAN" },
    name: "update",
    mtu: "update",
    space: "update",
  },
  deleteBeforeReplace: false,

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(vlan.changes), "former"]);
    check.required("fabric", '`fabric.id`, or "fabric-0"');
    check.text("fabric");
    check.required("vid", "20, or 0 for the untagged VLAN");
    check.wholeNumber("vid", 0, 4094, "0 is the untagged VLAN");
    check.wholeNumber("mtu", 552, 65_535, "bytes");
    check.text("space");
    const [fabric, vid] = [check.value("fabric"), check.value("vid")];
    check.text("name", (name) => {
      if (vid === 0) return 'cannot be set for VID 0: MAAS shows it as "untagged"; leave the name out';
      return /^[\p{L}\p{N}_][ \p{L}\p{N}_-]*$/u.test(name)
        ? undefined
        : `"${name}" is no name for a VLAN; write letters, digits, blanks, dashes and underscores`;
    });
    if (typeof fabric !== "string" || typeof vid !== "number") return;
    const what = `VLAN ${String(vid)} of fabric ${fabric}`;
    claims(check, urn).claim(
      what,
      "vid",
      (holder) => `${String(vid)} is ${holder} in this fabric already; write another`,
    );
  },

  ...adopting<Inputs, VlanObject>({
    what: ({ fabric, vid }) => `VLAN ${String(vid)} of fabric ${fabric}`,
    properties: {
      name: { field: "name", of: ({ name }) => name ?? "", unset: "" },
      mtu: { field: "mtu", of: ({ mtu }) => mtu, unset: 1500 },
      space: { field: "space", of: ({ space }) => (space === "undefined" ? "" : space), unset: "" },
    },
    wanted: async ({ name, mtu, space }, services) => ({ name, mtu, space: await spaceName(services, space) }),
    find: ({ client }, { fabric, vid }) => client.vlans.readByVid(specifier(fabric), vid),
    make: ({ client }, { fabric, vid }, form) => client.vlans.create(specifier(fabric), { ...form, vid }),
    byId: ({ networks }, id) => networks.vlan(id),
    change: ({ client }, id, form) => client.vlans.update(id, form),
    async remove(context, found) {
      const { services, warn } = context;
      const what = `VLAN ${String(found.vid)} of fabric ${found.fabric}`;
      const subnets = (await services.networks.subnets()).filter((subnet) => subnet.vlan.id === found.id);
      if (subnets.length > 0) {
        throw new ProviderError(
          "wrong-state",
          `The ${what} is not deleted: MAAS would move its subnets ${subnets.map(({ cidr }) => cidr).join(", ")} to the ` +
            "untagged VLAN without a word. Move or delete them, then run it again.",
        );
      }
      await refuseToCutOff(context, what, { vlans: [found.id] });
      const racks = (await services.networks.rackControllers()).filter(({ interface_set }) =>
        interface_set.some((card) => card.vlan?.id === found.id),
      );
      if (racks.length > 0) {
        const them = racks.map(({ hostname }) => hostname).join(", ");
        warn(`The rack controller ${them} had an interface on ${what}; MAAS counts it to the untagged VLAN now.`);
      }
      try {
        await services.client.vlans.delete(found.id);
      } catch (error) {
        if (!isError(error, "refused")) throw error;
        warn(`The ${what} stays in MAAS. ${messageOf(error)}`);
      }
    },
    drift: (found, state) => ({
      ...(found.vid === state.vid ? {} : { vid: found.vid }),
      ...([String(found.fabric_id), found.fabric].includes(state.fabric) ? {} : { fabric: String(found.fabric_id) }),
    }),
  }),
};

/** MAAS shows the space of a VLAN by its name. */
async function spaceName(services: MaasServices, space: string | undefined): Promise<string | undefined> {
  if (space === undefined || !isId(space)) return space;
  const found = await services.networks.space(space);
  if (found) return found.name;
  throw new ProviderError("gone", `There is no space ${space} in MAAS.`);
}

export class Vlan extends DynamicResource {
  declare readonly vid: pulumi.Output<number>;

  constructor(name: string, args: VlanArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Vlan", name, { ...args }, ["former"], options);
    noteOrigin(this.id, { vid: args.vid });
  }
}
