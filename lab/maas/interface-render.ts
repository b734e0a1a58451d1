/** Interfaces as answers show them (facts: maas.md 2.14). */
import { addressOfLink, childrenOf, discoveredOf, linkMode, linksOf, parentsOf, subnetOfLink } from "./links.ts";
import type { Interface, Machine } from "./machine-state.ts";
import type { StaticIp } from "./network-state.ts";
import type { LabState } from "./state.ts";
import { renderSubnet } from "./subnets.ts";
import { renderVlan } from "./vlans.ts";

type Shown = Record<string, unknown>;

const defaultMtu = 1500;

export function effectiveMtu(state: LabState, nic: Interface): number {
  const own = nic.params["mtu"];
  const vlan = nic.vlanId === null ? undefined : state.vlans[nic.vlanId];
  const mtu = typeof own === "number" ? own : (vlan?.mtu ?? defaultMtu);
  return Math.max(mtu, ...childrenOf(state, nic).map((child) => effectiveMtu(state, child)));
}

function renderLink(state: LabState, nic: Interface, row: StaticIp): Shown {
  const subnet = subnetOfLink(state, nic, row);
  const address = addressOfLink(state, nic, row);
  return {
    id: row.id,
    mode: linkMode(row),
    ...(address === null ? {} : { ip_address: address }),
    ...(subnet ? { subnet: renderSubnet(state, subnet) } : {}),
  };
}

function renderDiscovered(state: LabState, nic: Interface): Shown[] | null {
  const rows = discoveredOf(state, nic);
  if (rows.length === 0) return null;
  return rows.flatMap((row) => {
    const subnet = row.subnetId === null ? undefined : state.subnets[row.subnetId];
    return row.ip === null ? [] : [{ ip_address: row.ip, subnet: subnet ? renderSubnet(state, subnet) : null }];
  });
}

const namesOf = (interfaces: Interface[]): string[] => interfaces.map((nic) => nic.name).sort();

export function renderInterface(state: LabState, nic: Interface): Shown {
  const vlan = nic.vlanId === null ? undefined : state.vlans[nic.vlanId];
  return {
    id: nic.id,
    name: nic.name,
    type: nic.type,
    mac_address: nic.mac,
    vlan: vlan ? renderVlan(state, vlan) : null,
    parents: namesOf(parentsOf(state, nic)),
    children: namesOf(childrenOf(state, nic)),
    links: linksOf(state, nic).map((row) => renderLink(state, nic, row)),
    discovered: renderDiscovered(state, nic),
    effective_mtu: effectiveMtu(state, nic),
    tags: nic.tags,
    enabled: nic.enabled,
    params: nic.params,
    vendor: nic.vendor,
    product: nic.product,
    firmware_version: nic.firmwareVersion,
    link_connected: nic.linkConnected,
    interface_speed: nic.interfaceSpeed,
    link_speed: nic.linkSpeed,
    numa_node: nic.type === "physical" ? 0 : null,
    sriov_max_vf: 0,
    system_id: nic.systemId,
    resource_uri: `/MAAS/api/2.0/nodes/${nic.systemId}/interfaces/${String(nic.id)}/`,
  };
}

export const renderInterfaces = (state: LabState, machine: Machine): Shown[] =>
  machine.interfaceIds.flatMap((id) => {
    const nic = state.interfaces[id];
    return nic ? [renderInterface(state, nic)] : [];
  });
