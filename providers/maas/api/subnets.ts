/** `subnets/` (facts: maas.md 2.12). Adopt by CIDR: names are not unique, and the rack finds its subnets by itself. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface Vlan {
  id: number;
  /** 0 is the untagged VLAN. */
  vid: number;
  /** "untagged" for the one that a fabric is born with, whatever its name. */
  name: string | null;
  fabric: string;
  fabric_id: number;
  mtu: number;
  dhcp_on: boolean;
  /** System ID. */
  primary_rack: string | null;
  secondary_rack: string | null;
  relay_vlan: Vlan | null;
  /** Address of a DHCP server that is not MAAS's. */
  external_dhcp: string | null;
  /** Name of its space; "undefined" when it is in none. */
  space: string;
}

export interface Subnet {
  id: number;
  name: string;
  description: string;
  cidr: string;
  /** null, and "" in the answer to a write, when there is none. */
  gateway_ip: string | null;
  dns_servers: string[];
  /** Reverse DNS: 0 off, 1 on, 2 with the glue of RFC 2317. */
  rdns_mode: number;
  allow_dns: boolean;
  allow_proxy: boolean;
  managed: boolean;
  active_discovery: boolean;
  vlan: Vlan;
}

export interface SubnetFields {
  name?: string;
  description?: string;
  /** Id. */
  vlan?: number;
  /** "" takes it away. */
  gateway_ip?: string;
  /** Separated by blanks; "" takes them away. */
  dns_servers?: string;
  rdns_mode?: number;
  allow_dns?: boolean;
  allow_proxy?: boolean;
  managed?: boolean;
  active_discovery?: boolean;
}

export interface AddressRange {
  start: string;
  end: string;
  num_addresses: number;
  /** "gateway-ip", "assigned-ip", "dynamic", "reserved". */
  purpose: string[];
}

/** An address in use; whose it is, where MAAS knows. */
export interface SubnetAddress {
  ip: string;
  /** 0 AUTO, 1 STICKY, 4 USER_RESERVED, 5 DHCP, 6 DISCOVERED (src/maascommon/enums/ipaddress.py). */
  alloc_type: number;
  /** Who reserved it. */
  user?: string;
  node_summary?: { system_id: string; hostname: string; node_type: number };
  bmcs?: { id: number; power_type: string; nodes: { system_id: string; hostname: string }[] }[];
}

export const subnetsApi = (send: Send) => ({
  list: () => send<Subnet[]>({ method: "GET", path: at("subnets"), doing: "listing subnets" }),

  read: (id: number) =>
    send.orUndefined<Subnet>({ method: "GET", path: at("subnets", id), doing: `reading subnet ${String(id)}` }),

  /** @param cidr network and prefix, "172.16.0.0/20" */
  readByCidr: (cidr: string) =>
    send.orUndefined<Subnet>({
      method: "GET",
      // The CIDR's own slash stays one: not every proxy hands on an encoded one.
      path: at("subnets", ...`cidr:${cidr}`.split("/")),
      doing: `reading subnet ${cidr}`,
    }),

  /** A CIDR that exists is `refused` with `fields.cidr`: read it and adopt it. Without a VLAN: fabric-0's untagged one. */
  create: (fields: SubnetFields & { cidr: string }) =>
    send<Subnet>({
      method: "POST",
      path: at("subnets"),
      form: { ...fields },
      doing: `creating subnet ${fields.cidr}`,
      repeating: "harm",
    }),

  update: (id: number, fields: SubnetFields) =>
    send<Subnet>({
      method: "PUT",
      path: at("subnets", id),
      form: { ...fields },
      doing: `changing subnet ${String(id)}`,
    }),

  /**
   * Gone already is fine. The links of machines go with it without a word (trap 6); with a range in it and a BMC's
   * address it is a `conflict` for ever (trap 5): look first.
   */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("subnets", id),
      doing: `deleting subnet ${String(id)}`,
    });
  },

  /** Every address of the subnet that is in use, a BMC's or a rack's too. */
  addresses: (id: number) =>
    send<SubnetAddress[]>({
      method: "GET",
      path: at("subnets", id),
      op: "ip_addresses",
      doing: `reading the addresses in use of subnet ${String(id)}`,
    }),

  reservedIpRanges: (id: number) =>
    send<AddressRange[]>({
      method: "GET",
      path: at("subnets", id),
      op: "reserved_ip_ranges",
      doing: `reading the used addresses of subnet ${String(id)}`,
    }),
});

export type SubnetsApi = ReturnType<typeof subnetsApi>;
