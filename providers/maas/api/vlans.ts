/** `vlans/{id}/` and `fabrics/{fabric}/vlans/` (facts: maas.md 2.11). The VLAN itself is in subnets.ts. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";
import type { Vlan } from "./subnets.ts";

export interface VlanFields {
  name?: string;
  mtu?: number;
  /** Name or id of a space; "" takes the VLAN out of its space. */
  space?: string;
}

/** DHCP needs a dynamic range on a subnet of the VLAN, and a rack with an interface on it. */
export interface DhcpFields {
  dhcp_on?: boolean;
  /** System ID; "" takes it away. */
  primary_rack?: string;
  secondary_rack?: string;
  /** Id of another VLAN; "" takes it away. Excludes `dhcp_on`. */
  relay_vlan?: number | "";
}

export const vlansApi = (send: Send) => ({
  read: (id: number) =>
    send.orUndefined<Vlan>({ method: "GET", path: at("vlans", id), doing: `reading VLAN ${String(id)}` }),

  /** @param fabric id, or "name:lab" */
  readByVid: (fabric: number | string, vid: number) =>
    send.orUndefined<Vlan>({
      method: "GET",
      path: at("fabrics", fabric, "vlans", vid),
      doing: `reading VLAN ${String(vid)} of fabric ${String(fabric)}`,
    }),

  /** A VID that the fabric has is `refused`: read it and adopt it. */
  create: (fabric: number | string, fields: VlanFields & { vid: number }) =>
    send<Vlan>({
      method: "POST",
      path: at("fabrics", fabric, "vlans"),
      form: { ...fields },
      doing: `creating VLAN ${String(fields.vid)} in fabric ${String(fabric)}`,
      repeating: "harm",
    }),

  update: (id: number, fields: VlanFields & DhcpFields) =>
    send<Vlan>({ method: "PUT", path: at("vlans", id), form: { ...fields }, doing: `changing VLAN ${String(id)}` }),

  /**
   * Gone already is fine. Moves its subnets and interfaces to the fabric's untagged VLAN without a word (trap 24), and
   * deletes the machines' VLAN interfaces on it: look first.
   */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({ method: "DELETE", path: at("vlans", id), doing: `deleting VLAN ${String(id)}` });
  },
});

export type VlansApi = ReturnType<typeof vlansApi>;
