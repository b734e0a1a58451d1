/** The network part of the curtin configuration: netplan (facts: maas.md 4; rules of src/maasserver/preseed_network.py; transcripts s11, s12). */
import { networkOf } from "./address-ranges.ts";
import { defaultGateway } from "./gateways.ts";
import { effectiveMtu } from "./interface-render.ts";
import { contains, parseIp } from "./ip-address.ts";
import { ipsOfInterface } from "./ipam.ts";
import { interfacesOf, linkMode, linksOf, parentsOf } from "./links.ts";
import type { Interface, Machine } from "./machine-state.ts";
import { allocType, type Subnet } from "./network-state.ts";
import type { Json, LabState } from "./state.ts";

type Node = Record<string, Json>;

/** Addresses of the region's controllers. */
export const rackAddresses = (state: LabState): string[] =>
  Object.values(state.controllers).flatMap((rack) =>
    ipsOfInterface(state, rack.interface.id).flatMap(({ ip }) => ip ?? []),
  );

/** Of the racks that serve the subnet's VLAN, where they are in it. */
function servingRacks(state: LabState, subnet: Subnet): string[] {
  const vlan = state.vlans[subnet.vlanId];
  return [vlan?.primaryRack, vlan?.secondaryRack].flatMap((systemId) => {
    const rack = systemId ? state.controllers[systemId] : undefined;
    if (!rack) return [];
    return ipsOfInterface(state, rack.interface.id).flatMap(({ ip, subnetId }) =>
      ip !== null && state.subnets[subnetId ?? -1]?.vlanId === subnet.vlanId ? [ip] : [],
    );
  });
}

interface Addressed {
  subnet: Subnet;
  ip: string | null;
}

const search = (state: LabState, machine: Machine): string[] => {
  const own = state.domains[machine.domainId]?.name ?? "";
  return [own];
};

/** Its own servers; undefined where the region's do. */
function nameservers(state: LabState, machine: Machine, addresses: Addressed[]): Node | undefined {
  const servers: string[] = [];
  let isSearched = false;
  for (const { subnet } of addresses) {
    isSearched ||= subnet.allowDns;
    const network = networkOf(subnet);
    const racks = subnet.allowDns ? servingRacks(state, subnet) : [];
    for (const ip of [...racks, ...subnet.dnsServers]) {
      const parsed = parseIp(ip);
      const isRack = racks.includes(ip);
      const fits = parsed?.version === network.version && (Boolean(subnet.gatewayIp) || contains(network, parsed));
      if (!servers.includes(ip) && (!isRack || fits)) servers.push(ip);
    }
  }
  if (servers.length === 0) return undefined;
  return { addresses: servers, ...(isSearched ? { search: search(state, machine) } : {}) };
}

function dhcp(state: LabState, nic: Interface): Node {
  const rows = linksOf(state, nic).filter((row) => row.allocType === allocType.dhcp);
  const versions = new Set(
    rows.flatMap(({ subnetId }) => {
      const subnet = subnetId === null ? undefined : state.subnets[subnetId];
      return subnet ? [networkOf(subnet).version] : [4, 6];
    }),
  );
  return Object.fromEntries([...versions].sort().map((version) => [`dhcp${String(version)}`, true]));
}

/** Gateways are given once a machine. */
interface Given {
  4: boolean;
  6: boolean;
}

function addressing(state: LabState, machine: Machine, nic: Interface, given: Given): Node {
  const node: Node = {};
  const addresses = linksOf(state, nic).flatMap((row): Addressed[] => {
    const subnet = row.subnetId === null ? undefined : state.subnets[row.subnetId];
    return subnet && row.allocType !== allocType.dhcp ? [{ subnet, ip: row.ip }] : [];
  });
  const isUp = linksOf(state, nic).every((row) => linkMode(row) === "link_up");
  if (!isUp) Object.assign(node, fixed(state, machine, nic, addresses, given));
  return { ...node, ...dhcp(state, nic) };
}

function fixed(state: LabState, machine: Machine, nic: Interface, addresses: Addressed[], given: Given): Node {
  const node: Node = {};
  const cidrs = addresses.flatMap(({ subnet, ip }) =>
    ip === null ? [] : [`${ip}/${String(networkOf(subnet).prefix)}`],
  );
  if (cidrs.length > 0) node["addresses"] = cidrs;
  for (const { subnet } of addresses) {
    const { version } = networkOf(subnet);
    const isGateway = defaultGateway(state, machine, version).nic?.id === nic.id;
    if (!isGateway || given[version] || !subnet.gatewayIp) continue;
    given[version] = true;
    node[`gateway${String(version)}`] = subnet.gatewayIp;
  }
  const own = nameservers(state, machine, addresses);
  const asksRegion = addresses.every(({ subnet }) => subnet.allowDns);
  if (own) node["nameservers"] = own;
  else if (cidrs.length > 0 && asksRegion)
    node["nameservers"] = { addresses: rackAddresses(state), search: search(state, machine) };
  const sources = new Set(addresses.map(({ subnet }) => subnet.id));
  const routes = Object.values(state.staticRoutes)
    .filter(({ sourceId }) => sources.has(sourceId))
    .map(({ destinationId, gatewayIp, metric }) => ({
      to: state.subnets[destinationId]?.cidr ?? "",
      via: gatewayIp,
      metric,
    }));
  if (routes.length > 0) node["routes"] = routes;
  return node;
}

const bondParameters: Record<string, string> = {
  bond_mode: "mode",
  bond_miimon: "mii-monitor-interval",
  bond_downdelay: "down-delay",
  bond_updelay: "up-delay",
  // MAAS's own spelling.
  bond_num_grat_arp: "gratuitious-arp",
  bond_lacp_rate: "lacp-rate",
  bond_xmit_hash_policy: "transmit-hash-policy",
};

function bondNode({ params }: Interface): Node {
  const mode = params["bond_mode"];
  return Object.fromEntries(
    Object.entries(params).flatMap(([key, value]) => {
      const name = bondParameters[key];
      const isIdle =
        (key === "bond_lacp_rate" && mode !== "802.3ad") || (key === "bond_num_grat_arp" && mode !== "active-backup");
      return name === undefined || isIdle ? [] : [[name, value]];
    }),
  );
}

/** Everything that is no option of bonds and bridges goes as it is. */
const otherParams = ({ params }: Interface): Node =>
  Object.fromEntries(Object.entries(params).filter(([key]) => !/^(bond_|bridge_|mtu$)/.test(key)));

function renderNic(state: LabState, machine: Machine, nic: Interface, given: Given): Node {
  const parents = parentsOf(state, nic)
    .map(({ name }) => name)
    .sort();
  const common: Node = {
    ...otherParams(nic),
    ...addressing(state, machine, nic, given),
    mtu: effectiveMtu(state, nic),
    ...(nic.vlanId === null ? { optional: true } : {}),
  };
  switch (nic.type) {
    case "physical":
      return { ...common, match: { macaddress: nic.mac }, "set-name": nic.name };
    case "vlan":
      return { ...common, id: state.vlans[nic.vlanId ?? 0]?.vid ?? 0, link: parents[0] ?? "" };
    case "bond":
      return { ...common, interfaces: parents, macaddress: nic.mac, parameters: bondNode(nic) };
    case "bridge": {
      const { bridge_fd: delay = 15, bridge_stp: stp = false, bridge_type: type } = nic.params;
      return {
        ...common,
        interfaces: parents,
        macaddress: nic.mac,
        parameters: { "forward-delay": delay, stp },
        ...(type === "ovs" ? { openvswitch: {}, optional: false } : {}),
      };
    }
  }
}

const netplanKinds = { physical: "ethernets", bond: "bonds", bridge: "bridges", vlan: "vlans" } as const;

/** Parents first: the first of several that may have the gateway gets it. */
export function curtinNetwork(state: LabState, machine: Machine): Node {
  const plan: Node = { version: 2 };
  const given: Given = { 4: false, 6: false };
  for (const nic of interfacesOf(state, machine).filter(({ enabled }) => enabled)) {
    const kind = netplanKinds[nic.type];
    const section = plan[kind];
    const known = typeof section === "object" && section !== null && !Array.isArray(section) ? section : {};
    plan[kind] = { ...known, [nic.name]: renderNic(state, machine, nic, given) };
  }
  return plan;
}
