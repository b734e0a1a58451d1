/** The network side of the region: fabrics, VLANs, subnets, ranges, addresses and DNS. */
import type { Table } from "./state.ts";

export interface Fabric {
  id: number;
  name: string;
  description: string;
  classType: string | null;
}

export interface Vlan {
  id: number;
  fabricId: number;
  vid: number;
  /** A fabric's first VLAN is shown as "untagged" whatever stands here. */
  name: string | null;
  description: string;
  mtu: number;
  dhcpOn: boolean;
  /** system_id of a controller. */
  primaryRack: string | null;
  secondaryRack: string | null;
  relayVlanId: number | null;
  spaceId: number | null;
}

export interface Space {
  id: number;
  name: string;
  description: string;
}

export interface Subnet {
  id: number;
  name: string;
  description: string;
  vlanId: number;
  cidr: string;
  /** 0 off, 1 on, 2 RFC 2317. */
  rdnsMode: number;
  gatewayIp: string | null;
  dnsServers: string[];
  allowDns: boolean;
  allowProxy: boolean;
  activeDiscovery: boolean;
  managed: boolean;
  disabledBootArchitectures: string[];
}

export interface IpRange {
  id: number;
  type: "dynamic" | "reserved";
  startIp: string;
  endIp: string;
  subnetId: number;
  comment: string;
  userId: number | null;
}

export interface StaticRoute {
  id: number;
  sourceId: number;
  destinationId: number;
  gatewayIp: string;
  metric: number;
}

/** MAAS's numbers: auto 0, sticky (STATIC links, BMCs, racks) 1, reserved by a user 4, DHCP 5, discovered 6. */
export const allocType = { auto: 0, sticky: 1, userReserved: 4, dhcp: 5, discovered: 6 } as const;
export type AllocType = (typeof allocType)[keyof typeof allocType];

/**
 * A row of MAAS's static_ip table. A link of an interface is such a row (its id is the link id); so are the addresses of BMCs,
 * racks, reservations and DNS names. Add and remove them with ipam.ts only, which keeps `ipsByInterface` right.
 */
export interface StaticIp {
  id: number;
  /** null: an AUTO link that holds no address, a DHCP link, or link_up (sticky without subnet). */
  ip: string | null;
  allocType: AllocType;
  subnetId: number | null;
  /** The interface it is a link of (also a controller's). */
  interfaceId: number | null;
  /** system_id of the machine whose BMC has this address. */
  bmcOf: string | null;
  userId: number | null;
  created: number;
  updated: number;
}

export interface Domain {
  id: number;
  name: string;
  authoritative: boolean;
  ttl: number | null;
  forwardDnsServers: string;
}

export interface DnsResource {
  id: number;
  name: string;
  domainId: number;
  addressTtl: number | null;
  /** Ids in `ips`. */
  ipIds: number[];
}

export interface DnsRecord {
  id: number;
  resourceId: number;
  rrtype: string;
  rrdata: string;
  ttl: number | null;
}

export interface DhcpSnippet {
  id: number;
  name: string;
  description: string;
  enabled: boolean;
  /** Of a machine, of a subnet (and a range in it), or of none. */
  systemId: string | null;
  subnetId: number | null;
  rangeId: number | null;
  /** Newest first. */
  history: { id: number; value: string; created: number }[];
}

export interface NetworkState {
  fabrics: Table<Fabric>;
  vlans: Table<Vlan>;
  spaces: Table<Space>;
  subnets: Table<Subnet>;
  ipRanges: Table<IpRange>;
  staticRoutes: Table<StaticRoute>;
  dhcpSnippets: Table<DhcpSnippet>;
  ips: Table<StaticIp>;
  /** Index: ids in `ips` by interface id, in the order they were added. */
  ipsByInterface: Table<number[]>;
  domains: Table<Domain>;
  defaultDomainId: number;
  dnsResources: Table<DnsResource>;
  dnsRecords: Table<DnsRecord>;
}
