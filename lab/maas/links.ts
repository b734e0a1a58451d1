/**
 * Links of interfaces to subnets: rows of `ips` (facts: maas.md 2.14, 4; src/maasserver/models/interface.py, signals/interfaces.py).
 *
 * `saveInterface` stands for MAAS's save of an interface with its side effects: saving a bridge or a bond clears its parents' links and
 * hands them its VLAN, and saving a parent saves its children. That is why a static link on a bridged parent is gone at once (trap 9).
 */
import { nextFreeAddress } from "./address-ranges.ts";
import { addIp, ipsOfInterface, moveIp, removeIp } from "./ipam.ts";
import type { Interface, Machine } from "./machine-state.ts";
import { allocType, type StaticIp, type Subnet } from "./network-state.ts";
import { refusal } from "./reply.ts";
import { nextId, type LabState } from "./state.ts";

export type LinkMode = "auto" | "dhcp" | "static" | "link_up";

export function linkMode(row: StaticIp): LinkMode {
  if (row.allocType === allocType.auto) return "auto";
  if (row.allocType === allocType.dhcp || row.allocType === allocType.discovered) return "dhcp";
  return row.ip === null && row.allocType === allocType.sticky ? "link_up" : "static";
}

export const linksOf = (state: LabState, nic: Interface): StaticIp[] =>
  ipsOfInterface(state, nic.id).filter((row) => row.allocType !== allocType.discovered);

export const discoveredOf = (state: LabState, nic: Interface): StaticIp[] =>
  ipsOfInterface(state, nic.id).filter((row) => row.allocType === allocType.discovered);

export const interfacesOf = (state: LabState, machine: Machine): Interface[] =>
  machine.interfaceIds.flatMap((id) => state.interfaces[id] ?? []);

export const childrenOf = (state: LabState, nic: Interface): Interface[] =>
  siblingsOf(state, nic).filter((other) => other.parentIds.includes(nic.id));

export const parentsOf = (state: LabState, nic: Interface): Interface[] =>
  nic.parentIds.flatMap((id) => state.interfaces[id] ?? []);

/** Machines and devices have interfaces alike. */
export const nodeById = (state: LabState, systemId: string): Machine | undefined =>
  state.machines[systemId] ?? state.devices[systemId];

function siblingsOf(state: LabState, nic: Interface): Interface[] {
  const machine = nodeById(state, nic.systemId);
  return machine ? interfacesOf(state, machine) : [];
}

/** The one it booted from, else the first. */
export function bootInterface(state: LabState, machine: Machine): Interface | undefined {
  return (
    interfacesOf(state, machine).find((nic) => nic.id === machine.bootInterfaceId) ?? interfacesOf(state, machine)[0]
  );
}

/** Has a link that is more than "up". */
export const isConfigured = (state: LabState, nic: Interface): boolean =>
  nic.enabled && linksOf(state, nic).some((row) => linkMode(row) !== "link_up");

/** Deploying needs a link with a subnet. */
export const isOnNetwork = (state: LabState, machine: Machine): boolean =>
  interfacesOf(state, machine).some((nic) =>
    linksOf(state, nic).some((row) => linkMode(row) !== "link_up" && subnetOfLink(state, nic, row) !== undefined),
  );

/** A DHCP link shows the address and subnet that was discovered on its interface. */
export function addressOfLink(state: LabState, nic: Interface, row: StaticIp): string | null {
  if (row.allocType !== allocType.dhcp) return row.ip;
  return (
    discoveredOf(state, nic).find((other) => row.subnetId === null || other.subnetId === row.subnetId)?.ip ?? row.ip
  );
}

export function subnetOfLink(state: LabState, nic: Interface, row: StaticIp): Subnet | undefined {
  const found =
    row.allocType === allocType.dhcp
      ? discoveredOf(state, nic).find((other) => row.subnetId === null || other.subnetId === row.subnetId)
      : undefined;
  const id = found?.subnetId ?? row.subnetId;
  return id === null ? undefined : state.subnets[id];
}

/** Drops a link, and the machine's choice of it as default gateway. */
export function dropLink(state: LabState, nic: Interface, row: StaticIp): void {
  removeIp(state, row.id);
  forgetGateway(state, nic, row);
}

function forgetGateway(state: LabState, nic: Interface, row: StaticIp): void {
  const machine = nodeById(state, nic.systemId);
  if (machine?.gatewayLinkId === row.id) machine.gatewayLinkId = null;
}

function dropLinks(state: LabState, nic: Interface, mode: LinkMode): void {
  for (const row of linksOf(state, nic)) if (linkMode(row) === mode) dropLink(state, nic, row);
}

export function clearLinks(state: LabState, nic: Interface): void {
  for (const row of linksOf(state, nic)) dropLink(state, nic, row);
}

export interface NewLink {
  mode: LinkMode;
  subnet: Subnet | null;
  /** STATIC only; MAAS picks one when it is missing. */
  address?: string | undefined;
}

/** Throws 404 `IP address is already in use.` and 503 when the subnet is full. */
export function linkSubnet(state: LabState, nic: Interface, link: NewLink): StaticIp {
  const { mode, subnet } = link;
  const subnetId = subnet?.id ?? null;
  const address = mode === "static" && subnet ? staticAddress(state, subnet, link.address) : null;
  if (nic.vlanId === null && subnet) {
    nic.vlanId = subnet.vlanId;
    saveInterface(state, nic);
  }
  // Only these two save the interface.
  const saves = (mode === "static" && link.address !== undefined) || mode === "link_up";
  if (mode === "dhcp") dropLinks(state, nic, "dhcp");
  if (mode === "link_up") dropLinks(state, nic, "link_up");
  const type = { auto: allocType.auto, dhcp: allocType.dhcp, static: allocType.sticky, link_up: allocType.sticky }[
    mode
  ];
  const row = addIp(state, { allocType: type, ip: address, subnetId, interfaceId: nic.id });
  if (mode !== "dhcp") dropLinks(state, nic, "dhcp");
  if (mode !== "link_up") dropLinks(state, nic, "link_up");
  if (saves) saveInterface(state, nic);
  return row;
}

function staticAddress(state: LabState, subnet: Subnet, wanted: string | undefined): string {
  if (wanted === undefined) return pickAddress(state, subnet);
  if (Object.values(state.ips).some((row) => row.ip === wanted)) throw refusal(404, "IP address is already in use.");
  return wanted;
}

export function pickAddress(state: LabState, subnet: Subnet): string {
  const address = nextFreeAddress(state, subnet);
  if (address === undefined) throw refusal(503, `No more IPs available in subnet: ${subnet.cidr}.`);
  return address;
}

/** An interface that is connected and has no link gets `link_up`; beside other links `link_up` goes. */
export function ensureLinkUp(state: LabState, nic: Interface): void {
  const links = linksOf(state, nic);
  if (links.some((row) => linkMode(row) !== "link_up")) dropLinks(state, nic, "link_up");
  else if (links.length === 0 && nic.vlanId !== null) {
    const seen = discoveredOf(state, nic).find(
      (row) => row.subnetId !== null && state.subnets[row.subnetId]?.vlanId === nic.vlanId,
    );
    const subnet =
      seen?.subnetId === undefined || seen.subnetId === null ? null : (state.subnets[seen.subnetId] ?? null);
    linkSubnet(state, nic, { mode: "link_up", subnet });
  }
}

/** A new VLAN drops the links (not the discovered addresses), and the fabric that it leaves when nothing else is in it. */
export function setVlan(state: LabState, nic: Interface, vlanId: number | null): void {
  const former = nic.vlanId;
  if (former === vlanId) return;
  nic.vlanId = vlanId;
  clearLinks(state, nic);
  if (former !== null) pruneFabric(state, former);
}

/** Without subnet and without interface a fabric goes as soon as its last interface has left. */
export function pruneFabric(state: LabState, vlanId: number): void {
  const fabricId = state.vlans[vlanId]?.fabricId;
  const ids = new Set(Object.values(state.vlans).flatMap((vlan) => (vlan.fabricId === fabricId ? [vlan.id] : [])));
  const inUse =
    Object.values(state.subnets).some((subnet) => ids.has(subnet.vlanId)) ||
    Object.values(state.interfaces).some((other) => other.vlanId !== null && ids.has(other.vlanId)) ||
    Object.values(state.controllers).some((rack) => ids.has(rack.interface.vlanId));
  if (inUse || fabricId === undefined) return;
  for (const vlan of Object.values(state.vlans))
    if (vlan.relayVlanId !== null && ids.has(vlan.relayVlanId)) vlan.relayVlanId = null;
  for (const id of ids) Reflect.deleteProperty(state.vlans, id);
  Reflect.deleteProperty(state.fabrics, fabricId);
}

export function saveInterface(state: LabState, nic: Interface): void {
  const parents = parentsOf(state, nic);
  if (parents.length > 0) nic.enabled = parents.some(({ enabled }) => enabled);
  if (nic.type === "vlan" && parents[0]) nic.mac = parents[0].mac;
  if (nic.type === "bridge" || nic.type === "bond")
    for (const parent of parents) {
      clearLinks(state, parent);
      setVlan(state, parent, nic.vlanId);
    }
  for (const child of childrenOf(state, nic)) saveInterface(state, child);
}

/** Takes its links, its children that have no other parent, and itself away. */
export function deleteInterface(state: LabState, nic: Interface): void {
  for (const child of childrenOf(state, nic)) if (child.parentIds.length === 1) deleteInterface(state, child);
  for (const row of ipsOfInterface(state, nic.id)) dropLink(state, nic, row);
  const machine = nodeById(state, nic.systemId);
  if (machine) {
    machine.interfaceIds = machine.interfaceIds.filter((id) => id !== nic.id);
    if (machine.bootInterfaceId === nic.id) machine.bootInterfaceId = null;
  }
  Reflect.deleteProperty(state.interfaces, nic.id);
}

export function newInterface(
  state: LabState,
  machine: Machine,
  fields: Pick<Interface, "name" | "type" | "mac"> & Partial<Interface>,
): Interface {
  const nic: Interface = {
    id: nextId(state, "interface"),
    systemId: machine.systemId,
    vlanId: null,
    parentIds: [],
    tags: [],
    enabled: true,
    params: {},
    acquired: false,
    vendor: null,
    product: null,
    firmwareVersion: null,
    linkConnected: true,
    interfaceSpeed: 0,
    linkSpeed: 0,
    ...fields,
  };
  state.interfaces[nic.id] = nic;
  machine.interfaceIds.push(nic.id);
  return nic;
}

/** eth0, eth1, ...: the first number that is free. */
export function nextInterfaceName(state: LabState, machine: Machine): string {
  const taken = interfacesOf(state, machine).flatMap((nic) => {
    const match = /^eth(\d+)$/.exec(nic.name);
    return match ? [Number(match[1])] : [];
  });
  let index = 0;
  while (taken.includes(index)) index += 1;
  return `eth${String(index)}`;
}

/** AUTO links get their address for the deployment: the lowest free one of the subnet. */
export function claimAutoAddresses(state: LabState, machine: Machine): void {
  for (const nic of interfacesOf(state, machine))
    for (const row of linksOf(state, nic)) {
      const subnet = row.subnetId === null ? undefined : state.subnets[row.subnetId];
      if (row.allocType === allocType.auto && row.ip === null && subnet) row.ip = pickAddress(state, subnet);
    }
}

/** The other way round, at release: AUTO addresses are free again, acquired bridges go and their links return to the parents. */
export function releaseInterfaces(state: LabState, machine: Machine): void {
  for (const nic of interfacesOf(state, machine)) {
    for (const row of linksOf(state, nic)) if (row.allocType === allocType.auto) row.ip = null;
    if (!nic.acquired) continue;
    const [parent] = parentsOf(state, nic);
    if (parent && nic.type === "bridge")
      for (const row of ipsOfInterface(state, nic.id)) handOver(state, row, nic, parent);
    deleteInterface(state, nic);
  }
}

/** Moves a link; the choice of it as default gateway does not move along (transcript s12). */
export function handOver(state: LabState, row: StaticIp, from: Interface, to: Interface): void {
  moveIp(state, row.id, to.id);
  forgetGateway(state, from, row);
}

export function clearNetworking(state: LabState, machine: Machine): void {
  machine.gatewayLinkId = null;
  for (const nic of interfacesOf(state, machine)) clearLinks(state, nic);
}

/** After commissioning: AUTO on the boot interface where a subnet is known, else DHCP; `link_up` on the others. */
export function setInitialNetworking(state: LabState, machine: Machine): void {
  const boot = bootInterface(state, machine);
  if (!boot) return;
  clearNetworking(state, machine);
  const seen = [...new Set(discoveredOf(state, boot).flatMap((row) => row.subnetId ?? []))];
  const subnets = seen.flatMap((id) => state.subnets[id] ?? []);
  for (const subnet of subnets) linkSubnet(state, boot, { mode: "auto", subnet });
  if (subnets.length === 0) linkWithoutSubnet(state, boot);
  for (const nic of interfacesOf(state, machine)) if (nic.id !== boot.id && nic.enabled) ensureLinkUp(state, nic);
}

function linkWithoutSubnet(state: LabState, nic: Interface): void {
  if (nic.vlanId === null) return;
  const known = Object.values(state.subnets).find((subnet) => subnet.vlanId === nic.vlanId);
  if (known) linkSubnet(state, nic, { mode: "auto", subnet: known });
  else linkSubnet(state, nic, { mode: "dhcp", subnet: null });
}
