/** `subnets/` (facts: maas.md 2.12). Adopt by CIDR: names are not unique, and the rack finds its subnets by itself. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface Vlan {
  id: number;
  vid: number;
  name: string;
  fabric: string;
  fabric_id: number;
  dhcp_on: boolean;
}

export interface Subnet {
  id: number;
  name: string;
  cidr: string;
  gateway_ip: string | null;
  dns_servers: string[];
  managed: boolean;
  vlan: Vlan;
}

export interface AddressRange {
  start: string;
  end: string;
  num_addresses: number;
  /** "gateway-ip", "assigned-ip", "dynamic", "reserved". */
  purpose: string[];
}

export const subnetsApi = (send: Send) => ({
  list: () => send<Subnet[]>({ method: "GET", path: at("subnets"), doing: "listing subnets" }),

  read: (id: number) =>
    send.orUndefined<Subnet>({ method: "GET", path: at("subnets", id), doing: `reading subnet ${String(id)}` }),

  reservedIpRanges: (id: number) =>
    send<AddressRange[]>({
      method: "GET",
      path: at("subnets", id),
      op: "reserved_ip_ranges",
      doing: `reading the used addresses of subnet ${String(id)}`,
    }),
});

export type SubnetsApi = ReturnType<typeof subnetsApi>;
