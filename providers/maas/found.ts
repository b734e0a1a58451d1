/** What a look-up answers with: MAAS's things in the words of programs, with ids as the resources take them. */
import type { BootResource } from "./api/boot-resources.ts";
import type { Fabric } from "./api/fabrics.ts";
import type { Machine } from "./api/machines.ts";
import type { RackController } from "./api/rack-controllers.ts";
import type { Subnet, Vlan } from "./api/subnets.ts";

export interface FoundFabric {
  /** As Vlan and Subnet take it. */
  id: string;
  name: string;
  vlans: FoundVlan[];
}

export interface FoundVlan {
  /** MAAS's id, as Subnet and VlanDhcp take it; not the VID. */
  id: string;
  vid: number;
  name: string | undefined;
  /** Name of its fabric. */
  fabric: string;
  mtu: number;
  dhcpOn: boolean;
  /** System ID of the rack controller that serves DHCP. */
  primaryRack: string | undefined;
  /** Name of its space. */
  space: string | undefined;
}

export interface FoundSubnet {
  /** As IpRange and StaticRoute take it. */
  id: string;
  cidr: string;
  name: string;
  gateway: string | undefined;
  dnsServers: string[];
  managed: boolean;
  vlan: FoundVlan;
}

export interface FoundRack {
  /** System ID, as VlanDhcp takes it. */
  id: string;
  hostname: string;
  addresses: string[];
  /** Ids of the VLANs that it has an interface on. */
  vlans: string[];
}

export interface FoundMachine {
  /** System ID, as InterfaceLink and Deployment take it. */
  id: string;
  hostname: string;
  /** MAAS's word: "Ready", "Deployed"... */
  status: string;
  owner: string | undefined;
  architecture: string;
  cpuCount: number;
  /** MiB. */
  memory: number;
  /** The one that it boots from first. */
  macAddresses: string[];
  addresses: string[];
  tags: string[];
  pool: string;
  zone: string;
}

export interface FoundImage {
  /** "ubuntu/jammy". */
  name: string;
  /** The last part of the name, as Deployment takes it: "jammy". */
  series: string;
  /** "amd64". */
  architecture: string;
}

export const foundFabric = ({ id, name, vlans }: Fabric): FoundFabric => ({
  id: String(id),
  name,
  vlans: vlans.map(foundVlan),
});

const foundVlan = (vlan: Vlan): FoundVlan => ({
  id: String(vlan.id),
  vid: vlan.vid,
  name: vlan.name ?? undefined,
  fabric: vlan.fabric,
  mtu: vlan.mtu,
  dhcpOn: vlan.dhcp_on,
  primaryRack: vlan.primary_rack ?? undefined,
  space: vlan.space === "undefined" ? undefined : vlan.space,
});

export const foundSubnet = (subnet: Subnet): FoundSubnet => ({
  id: String(subnet.id),
  cidr: subnet.cidr,
  name: subnet.name,
  gateway: subnet.gateway_ip || undefined,
  dnsServers: subnet.dns_servers,
  managed: subnet.managed,
  vlan: foundVlan(subnet.vlan),
});

export const foundRack = (rack: RackController): FoundRack => ({
  id: rack.system_id,
  hostname: rack.hostname,
  addresses: rack.ip_addresses,
  vlans: [...new Set(rack.interface_set.flatMap(({ vlan }) => (vlan ? [String(vlan.id)] : [])))],
});

export const foundMachine = (machine: Machine): FoundMachine => ({
  id: machine.system_id,
  hostname: machine.hostname,
  status: machine.status_name,
  owner: machine.owner ?? undefined,
  architecture: machine.architecture,
  cpuCount: machine.cpu_count,
  memory: machine.memory,
  macAddresses: machine.interface_set.map(({ mac_address }) => mac_address),
  addresses: machine.ip_addresses,
  tags: machine.tag_names,
  pool: machine.pool.name,
  zone: machine.zone.name,
});

export const foundImage = ({ name, architecture }: BootResource): FoundImage => ({
  name,
  series: name.split("/").at(-1) ?? name,
  architecture: architecture.split("/")[0] ?? architecture,
});
