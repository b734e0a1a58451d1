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
  /** What was set on it, `mtu`, `bridge_type`, `bond_mode`...; a controller's are "" (transcript s11). */
  params: InterfaceParams | "";
  /** Its own MTU, else its VLAN's, or a larger one of its children. */
  effective_mtu: number;
  links: Link[];
  /** Seen by DHCP, not links: but the addresses count as used. */
  discovered: { subnet?: Subnet; ip_address?: string }[] | null;
}

export interface InterfaceParams {
  mtu?: number;
  bridge_type?: BridgeType;
  bridge_stp?: boolean;
  bridge_fd?: number;
  bond_mode?: string;
  bond_miimon?: number;
  bond_downdelay?: number;
  bond_updelay?: number;
  bond_lacp_rate?: string;
  bond_xmit_hash_policy?: string;
}

export type BridgeType = "standard" | "ovs";

export interface Link {
  id: number;
  mode: "auto" | "dhcp" | "static" | "link_up";
  subnet?: Subnet;
  /** AUTO has one only while the machine is deployed. */
  ip_address?: string;
}

export interface LinkSubnet {
  mode: "AUTO" | "DHCP" | "STATIC" | "LINK_UP";
  /** Id, or a specifier such as "cidr:192.168.14.0/24"; DHCP and LINK_UP do without. */
  subnet?: number | string;
  /** STATIC only; left out, MAAS picks one. */
  ip_address?: string;
  default_gateway?: boolean;
  /** Wipes the other links. */
  force?: boolean;
}

/** What every interface takes. */
export interface InterfaceFields {
  name?: string;
  /** Id; "" for none. A change drops the links. */
  vlan?: number | "";
  /** 552 or more; "" takes it away. A parent with less gets it too (transcript s11). */
  mtu?: number | "";
  /** With commas between; replaces those that it has. */
  tags?: string;
}

export interface BridgeFields extends InterfaceFields {
  bridge_type?: BridgeType;
  bridge_stp?: boolean;
  /** Seconds. */
  bridge_fd?: number;
}

export interface BondFields extends InterfaceFields {
  bond_mode?: string;
  /** Milliseconds, like the delays. */
  bond_miimon?: number;
  bond_downdelay?: number;
  bond_updelay?: number;
  bond_lacp_rate?: string;
  bond_xmit_hash_policy?: string;
  mac_address?: string;
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

  /**
   * On a Ready machine it stays, and takes all links of its parent away; on an Allocated one it lasts as long as the
   * deployment, and takes the links over (trap 8). The name is required, whatever MAAS's own page says (trap 11).
   */
  createBridge: (systemId: string, fields: BridgeFields & { name: string; parent: number }) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces"),
      op: "create_bridge",
      form: { ...fields },
      doing: `making the bridge ${fields.name} on machine ${systemId}`,
      repeating: "harm",
    }),

  /** The parents must be in one VLAN, and lose their links. */
  createBond: (systemId: string, fields: BondFields & { name: string; parents: readonly number[] }) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces"),
      op: "create_bond",
      form: { ...fields },
      doing: `making the bond ${fields.name} on machine ${systemId}`,
      repeating: "harm",
    }),

  /** Named after its parent and VLAN, "enp1s0.20". */
  createVlan: (systemId: string, fields: Omit<InterfaceFields, "name"> & { parent: number; vlan: number }) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces"),
      op: "create_vlan",
      form: { ...fields },
      doing: `making a VLAN interface on machine ${systemId}`,
      repeating: "harm",
    }),

  /** Links survive it, but for a change of the VLAN. A Deployed machine takes the name only. */
  update: (systemId: string, id: number, fields: BridgeFields | BondFields) =>
    send<Interface>({
      method: "PUT",
      path: at("nodes", systemId, "interfaces", id),
      form: { ...fields },
      doing: `changing interface ${String(id)} of machine ${systemId}`,
    }),

  /** Gone already is fine. Parents are left without any link (trap 10). */
  delete: async (systemId: string, id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("nodes", systemId, "interfaces", id),
      doing: `deleting interface ${String(id)} of machine ${systemId}`,
    });
  },

  /** `ip-in-use` when the address is taken, also by this very interface (trap 7). */
  linkSubnet: (systemId: string, id: number, link: LinkSubnet) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces", id),
      op: "link_subnet",
      form: { ...link },
      doing:
        `linking interface ${String(id)} of machine ${systemId}` +
        (link.subnet === undefined ? "" : ` to subnet ${String(link.subnet)}`),
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

  setDefaultGateway: (systemId: string, id: number, linkId: number) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces", id),
      op: "set_default_gateway",
      form: { link_id: linkId },
      doing: `choosing the default gateway of machine ${systemId}`,
    }),

  addTag: (systemId: string, id: number, tag: string) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces", id),
      op: "add_tag",
      form: { tag },
      doing: `tagging interface ${String(id)} of machine ${systemId}`,
    }),

  removeTag: (systemId: string, id: number, tag: string) =>
    send<Interface>({
      method: "POST",
      path: at("nodes", systemId, "interfaces", id),
      op: "remove_tag",
      form: { tag },
      doing: `taking a tag from interface ${String(id)} of machine ${systemId}`,
    }),
});

export type InterfacesApi = ReturnType<typeof interfacesApi>;
