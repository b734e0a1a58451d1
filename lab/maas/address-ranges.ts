/** Which parts of a subnet are used, and for what: the base of range checks, statistics and automatic addresses. */
import { addressesOf } from "./ipam.ts";
import { contains, formatIp, hostRange, parseIp, parseNetwork, type Network } from "./ip-address.ts";
import { allocType, type IpRange, type Subnet } from "./network-state.ts";
import type { LabState } from "./state.ts";

export interface AddressRange {
  first: bigint;
  last: bigint;
  purposes: string[];
}

interface UseOptions {
  /** Only ranges: gateways, name servers and single addresses are left out. */
  rangesOnly?: boolean;
  /** Leave reserved ranges out. */
  withoutReserved?: boolean;
  /** Discovered addresses don't count. */
  ignoreDiscovered?: boolean;
  /** A range that is being changed does not stand in its own way. */
  except?: IpRange | undefined;
}

export function networkOf(subnet: Subnet): Network {
  const network = parseNetwork(subnet.cidr);
  if (!network) throw new Error(`A subnet's CIDR is not one: ${subnet.cidr}`);
  return network;
}

export const sizeOf = (range: { first: bigint; last: bigint }): number => Number(range.last - range.first + 1n);

/** Used ranges in order, overlapping ones merged. */
export function usedRanges(state: LabState, subnet: Subnet, options: UseOptions = {}): AddressRange[] {
  const network = networkOf(subnet);
  const found: AddressRange[] = [];
  const use = (text: string | null, purpose: string): void => {
    const ip = text === null ? undefined : parseIp(text);
    if (ip && contains(network, ip)) found.push({ first: ip.value, last: ip.value, purposes: [purpose] });
  };
  if (network.version === 6 && network.prefix === 64)
    found.push({ first: network.first + 1n, last: network.first + 0xffffffffn, purposes: ["reserved"] });
  if (network.version === 6 && network.prefix < 127)
    found.push({ first: network.first, last: network.first, purposes: ["rfc-4291-2.6.1"] });
  if (!options.rangesOnly) {
    use(subnet.gatewayIp, "gateway-ip");
    for (const server of subnet.dnsServers) use(server, "dns-server");
    for (const route of Object.values(state.staticRoutes))
      if (route.sourceId === subnet.id) use(route.gatewayIp, "gateway-ip");
    for (const ip of addressesOf(state, subnet.id))
      if (!(options.ignoreDiscovered && ip.allocType === allocType.discovered)) use(ip.ip, "assigned-ip");
  }
  for (const range of Object.values(state.ipRanges)) {
    if (range.subnetId !== subnet.id || range.id === options.except?.id) continue;
    if (range.type === "reserved" && options.withoutReserved) continue;
    const [first, last] = [parseIp(range.startIp), parseIp(range.endIp)];
    if (first && last) found.push({ first: first.value, last: last.value, purposes: [range.type] });
  }
  return merge(found);
}

function merge(ranges: AddressRange[]): AddressRange[] {
  const sorted = ranges.toSorted((a, b) => compare(a.first, b.first) || compare(a.last, b.last));
  const merged: AddressRange[] = [];
  for (const range of sorted) {
    const previous = merged.at(-1);
    if (previous && range.first <= previous.last) {
      previous.last = max(previous.last, range.last);
      previous.purposes = [...new Set([...previous.purposes, ...range.purposes])].sort();
    } else if (previous && range.first === previous.last + 1n && previous.purposes.join() === range.purposes.join())
      previous.last = range.last;
    else merged.push({ ...range });
  }
  return merged;
}

/** The gaps between `used`, within the host addresses of the network. */
export function gaps(network: Network, used: AddressRange[], purpose = "unused"): AddressRange[] {
  const { first, last } = hostRange(network);
  const free: AddressRange[] = [];
  let next = first;
  for (const range of used) {
    if (range.first > next) free.push({ first: next, last: min(range.first - 1n, last), purposes: [purpose] });
    next = max(next, range.last + 1n);
  }
  if (next <= last) free.push({ first: next, last, purposes: [purpose] });
  return free.filter((range) => range.first <= range.last);
}

/** What MAAS may hand out: in a managed subnet all that is unused, in an unmanaged one only the inside of reserved ranges. */
export function freeRanges(state: LabState, subnet: Subnet, options: UseOptions = {}): AddressRange[] {
  const network = networkOf(subnet);
  const used = usedRanges(state, subnet, options);
  if (subnet.managed || options.rangesOnly) return gaps(network, used);
  const unmanaged = gaps(network, used, "unmanaged");
  return gaps(network, merge([...usedRanges(state, subnet, { ...options, withoutReserved: true }), ...unmanaged]));
}

/** The address MAAS picks by itself: the first of the smallest free range. Undefined when the subnet is full. */
export function nextFreeAddress(state: LabState, subnet: Subnet): string | undefined {
  const [best] = freeRanges(state, subnet).toSorted((a, b) => sizeOf(a) - sizeOf(b) || compare(a.first, b.first));
  return best && formatIp({ version: networkOf(subnet).version, value: best.first });
}

/** The dynamic or reserved range that holds the address. */
export function rangeAround(
  state: LabState,
  subnetId: number,
  address: string,
  type: IpRange["type"],
): IpRange | undefined {
  const ip = parseIp(address);
  if (!ip) return undefined;
  return Object.values(state.ipRanges).find((range) => {
    const [first, last] = [parseIp(range.startIp), parseIp(range.endIp)];
    return (
      range.subnetId === subnetId &&
      range.type === type &&
      first !== undefined &&
      last !== undefined &&
      ip.value >= first.value &&
      ip.value <= last.value
    );
  });
}

/** The subnet with the longest prefix around an address. */
export function bestSubnetFor(state: LabState, address: string): Subnet | undefined {
  const ip = parseIp(address);
  if (!ip) return undefined;
  return Object.values(state.subnets)
    .filter((subnet) => contains(networkOf(subnet), ip))
    .toSorted((a, b) => networkOf(b).prefix - networkOf(a).prefix)[0];
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
