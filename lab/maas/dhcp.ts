/** The address that a booting machine has from the rack (auto mode). No DHCP server runs in the lab: this is only what it would say. */
import { freeRanges, networkOf } from "./address-ranges.ts";
import { formatIp, parseIp } from "./ip-address.ts";
import { bootInterface, discoveredOf } from "./links.ts";
import type { Machine } from "./machine-state.ts";
import type { Subnet } from "./network-state.ts";
import type { LabState } from "./state.ts";

/** A lease is kept. Else the first free address of a dynamic range; without one, of the subnet's upper half. */
export function dhcpAddress(state: LabState, machine: Machine): string | undefined {
  const nic = bootInterface(state, machine);
  if (!nic) return undefined;
  const lease = discoveredOf(state, nic)[0]?.ip;
  if (lease) return lease;
  const subnet = subnetOf(state, nic.vlanId);
  return subnet && (fromDynamicRanges(state, subnet) ?? fromUpperHalf(state, subnet));
}

/** On the interface's VLAN; for one that is on none yet, where DHCP is served, else the first. */
function subnetOf(state: LabState, vlanId: number | null): Subnet | undefined {
  const subnets = Object.values(state.subnets).filter((subnet) => networkOf(subnet).version === 4);
  const served = (subnet: Subnet): boolean => state.vlans[subnet.vlanId]?.dhcpOn === true;
  return subnets.find((subnet) => subnet.vlanId === vlanId) ?? subnets.find(served) ?? subnets[0];
}

function fromDynamicRanges(state: LabState, subnet: Subnet): string | undefined {
  const used = new Set(Object.values(state.ips).map(({ ip }) => ip));
  for (const range of Object.values(state.ipRanges)) {
    if (range.subnetId !== subnet.id || range.type !== "dynamic") continue;
    const [first, last] = [parseIp(range.startIp), parseIp(range.endIp)];
    if (!first || !last) continue;
    for (let value = first.value; value <= last.value; value += 1n) {
      const address = formatIp({ version: 4, value });
      if (!used.has(address)) return address;
    }
  }
  return undefined;
}

/** There a plan of static addresses that counts from the bottom is not in the way. */
function fromUpperHalf(state: LabState, subnet: Subnet): string | undefined {
  const { first, last } = networkOf(subnet);
  const half = first + (last - first) / 2n + 2n;
  for (const range of freeRanges(state, subnet)) {
    const value = range.first > half ? range.first : half;
    if (value <= range.last) return formatIp({ version: 4, value });
  }
  return undefined;
}
