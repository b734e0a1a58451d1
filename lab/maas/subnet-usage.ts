/** What a subnet's addresses are used for: op=statistics, ip_addresses, reserved_ip_ranges, unreserved_ip_ranges. */
import { freeRanges, gaps, networkOf, sizeOf, usedRanges, type AddressRange } from "./address-ranges.ts";
import { readStringBool } from "./form.ts";
import { formatIp, parseIp } from "./ip-address.ts";
import { addressesOf } from "./ipam.ts";
import { allocType, type StaticIp, type Subnet } from "./network-state.ts";
import { interfaceHolder } from "./node-summary.ts";
import type { Call, Operation } from "./operation.ts";
import { json } from "./reply.ts";
import type { LabState } from "./state.ts";
import { subnetOr404 } from "./subnets.ts";
import { shortTime } from "./timestamp.ts";

const renderRange = (version: 4 | 6, range: AddressRange, withPurpose = true): Record<string, unknown> => ({
  start: formatIp({ version, value: range.first }),
  end: formatIp({ version, value: range.last }),
  num_addresses: sizeOf(range),
  ...(withPurpose ? { purpose: range.purposes } : {}),
});

function statistics(call: Call) {
  const subnet = subnetOr404(call);
  const network = networkOf(subnet);
  const used = usedRanges(call.state, subnet);
  const unused = gaps(network, used);
  const all = [...used, ...unused].toSorted((a, b) => (a.first < b.first ? -1 : 1));
  const available = unused.reduce((sum, range) => sum + sizeOf(range), 0);
  const unavailable = used.reduce((sum, range) => sum + sizeOf(range), 0);
  const total = available + unavailable;
  const version = network.version;
  const report: Record<string, unknown> = {
    num_available: available,
    largest_available: Math.max(0, ...unused.map(sizeOf)),
    num_unavailable: unavailable,
    total_addresses: total,
    usage: unavailable / total,
    usage_string: percent(unavailable / total),
    available_string: percent(available / total),
    first_address: formatIp({ version, value: all[0]?.first ?? network.first }),
    last_address: formatIp({ version, value: all.at(-1)?.last ?? network.last }),
    ip_version: version,
  };
  if (readStringBool(call.query, "include_ranges", false))
    report["ranges"] = all.map((range) => renderRange(version, range));
  if (readStringBool(call.query, "include_suggestions", false)) {
    const gateway = used.some((range) => range.purposes.includes("gateway-ip"))
      ? undefined
      : suggestedGateway(version, all);
    const dynamic = used.some((range) => range.purposes.includes("dynamic"))
      ? undefined
      : suggestedDynamicRange(unused, { available, total, gateway });
    report["suggested_gateway"] = gateway === undefined ? null : formatIp({ version, value: gateway });
    report["suggested_dynamic_range"] = dynamic ? renderRange(version, dynamic) : null;
  }
  return json(report);
}

/** Python's `:.0%`: a half goes to the even neighbour. */
function percent(share: number): string {
  const scaled = share * 100;
  const floor = Math.floor(scaled);
  const exactHalf = scaled - floor === 0.5;
  return `${String(exactHalf ? floor + (floor % 2) : Math.round(scaled))}%`;
}

/** The first address when it is free, else the last, else the first free one. */
function suggestedGateway(version: 4 | 6, all: AddressRange[]): bigint | undefined {
  const [first, last] = [all[0], all.at(-1)];
  if (!first || !last) return undefined;
  if (version === 6) return first.first - 1n;
  const isFree = (range: AddressRange): boolean => range.purposes.includes("unused");
  if (isFree(first)) return first.first;
  if (isFree(last)) return last.last;
  return all.find(isFree)?.first;
}

/** The end of the largest free block: at most a quarter of the subnet and half of what is free. */
function suggestedDynamicRange(
  unused: AddressRange[],
  { available, total, gateway }: { available: number; total: number; gateway: bigint | undefined },
): AddressRange | undefined {
  const [largest] = unused.toSorted((a, b) => sizeOf(b) - sizeOf(a));
  if (!largest || (gateway !== undefined && sizeOf(largest) === 1)) return undefined;
  let { first, last } = largest;
  if (gateway === first) first += 1n;
  else if (gateway === last) last -= 1n;
  const size = Number(last - first + 1n);
  const quarter = Math.floor(total / 4);
  const half = Math.floor(available / 2);
  if (size > quarter) first = last - BigInt(quarter);
  else if (size >= half) first = last - BigInt(half) + 1n;
  return first >= last ? undefined : { first, last, purposes: ["proposed-dynamic"] };
}

function ipAddresses(call: Call) {
  const subnet = subnetOr404(call);
  const withUsername = readStringBool(call.query, "with_username", true);
  const withSummary =
    readStringBool(call.query, "with_summary", true) && readStringBool(call.query, "with_node_summary", true);
  const rows = addressesOf(call.state, subnet.id).toSorted((a, b) => compareIps(a.ip, b.ip));
  return json(rows.map((row) => renderAddress(call.state, row, withUsername, withSummary)));
}

function renderAddress(state: LabState, row: StaticIp, withUsername: boolean, withSummary: boolean): unknown {
  const shown: Record<string, unknown> = {
    ip: row.ip,
    alloc_type: row.allocType,
    created: shortTime(row.created),
    updated: shortTime(row.updated),
  };
  const username = (id: number | null): string | undefined => (id === null ? undefined : state.users[id]?.username);
  const user = username(row.userId);
  if (withUsername && user !== undefined) shown["user"] = user;
  if (!withSummary) return shown;
  const holder = row.interfaceId === null ? undefined : interfaceHolder(state, row.interfaceId);
  if (holder) {
    const { ownerId, ...summary } = holder;
    shown["node_summary"] = summary;
    const owner = username(ownerId);
    if (withUsername && row.allocType !== allocType.discovered && owner !== undefined) shown["user"] = owner;
  }
  const names = Object.values(state.dnsResources).filter((resource) => resource.ipIds.includes(row.id));
  if (names.length > 0)
    shown["dns_records"] = names.map(({ id, name, domainId }) => ({
      id,
      name,
      domain: state.domains[domainId]?.name,
    }));
  const machine = row.bmcOf === null ? undefined : state.machines[row.bmcOf];
  if (machine)
    shown["bmcs"] = [
      {
        id: row.id,
        power_type: machine.powerType,
        nodes: [{ system_id: machine.systemId, hostname: machine.hostname }],
      },
    ];
  return shown;
}

function compareIps(a: string | null, b: string | null): number {
  const [left, right] = [parseIp(a ?? ""), parseIp(b ?? "")];
  if (!left || !right || left.value === right.value) return 0;
  return left.value < right.value ? -1 : 1;
}

function rangesReply(call: Call, ranges: (state: LabState, subnet: Subnet) => AddressRange[], withPurpose: boolean) {
  const subnet = subnetOr404(call);
  const { version } = networkOf(subnet);
  return json(ranges(call.state, subnet).map((range) => renderRange(version, range, withPurpose)));
}

const path = "subnets/:id+/";

export const subnetUsageOperations: Operation[] = [
  { method: "GET", path, op: "statistics", access: "user", handle: statistics },
  { method: "GET", path, op: "ip_addresses", access: "user", handle: ipAddresses },
  {
    method: "GET",
    path,
    op: "reserved_ip_ranges",
    access: "user",
    handle: (call) => rangesReply(call, usedRanges, true),
  },
  {
    method: "GET",
    path,
    op: "unreserved_ip_ranges",
    access: "user",
    handle: (call) => rangesReply(call, freeRanges, false),
  },
];
