/** `nodes/{system_id}/interfaces/`: a machine's network interfaces and their links to subnets (facts: maas.md 2.14). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";
import type { Subnet, Vlan } from "./subnets.ts";

export interface Interface {
  id: number;
  /** "eth0" until commissioning has seen the hardware (trap 16): look up by MAC address. */
  name: string;
  type: "physical" | "bond" | "bridge" | "vlan" | "unknown";
  mac_address: string;
  /** null while MAAS does not know where it is plugged in. */
  vlan: Vlan | null;
  /** Names. */
  parents: string[];
  children: string[];
  tags: string[];
  enabled: boolean;
  link_connected: boolean;
  /** Mbit/s. */
  link_speed: number;
  links: Link[];
  /** Seen by DHCP, not links: but the addresses count as used. */
  discovered: { subnet?: Subnet; ip_address?: string }[] | null;
}

export interface Link {
  id: number;
  mode: "auto" | "dhcp" | "static" | "link_up";
  subnet?: Subnet;
  /** AUTO has one only while the machine is deployed. */
  ip_address?: string;
}

export interface LinkSubnet {
  mode: "AUTO" | "DHCP" | "STATIC" | "LINK_UP";
  /** Id, or a specifier such as "cidr:192.168.14.0/24". */
  subnet: number | string;
  /** STATIC only; left out, MAAS picks one. */
  ip_address?: string;
  default_gateway?: boolean;
  /** Wipes the other links. */
  force?: boolean;
}

export const interfacesApi = (send: Send) => ({
  list: (systemId: string) =>
    send<Interface[]>({
      method: "GET",
      path: at("nodes", systemId, "interfaces"),
      doing: `listing the interfaces of machine ${systemId}`,
    }),

  read: (systemId: string, id: number) =>
    send.orUndefined<Interface>({
      method: "GET",
      path: at("nodes", systemId, "interfaces", id),
      doing: `reading interface ${String(id)} of machine ${systemId}`,
    }),

  /** `ip-in-use` when the address is taken, also by this very interface (trap 7). */
  linkSubnet: (systemId: string, id: number, link: LinkSubnet) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces", id),
      op: "link_subnet",
      form: { ...link },
      doing: `linking interface ${String(id)} of machine ${systemId} to subnet ${String(link.subnet)}`,
      repeating: "harm",
    }),

  /** Removing the last link makes a `link_up`. */
  unlinkSubnet: (systemId: string, id: number, linkId: number) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces", id),
      op: "unlink_subnet",
      form: { id: linkId },
      doing: `unlinking interface ${String(id)} of machine ${systemId}`,
      repeating: "harm",
    }),
});

export type InterfacesApi = ReturnType<typeof interfacesApi>;
