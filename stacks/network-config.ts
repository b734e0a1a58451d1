/** The rack's network in the config: the subnet, what is in it, and the bridge over each machine's card. */
import {
  addressProblem,
  cidrProblem,
  interfaceNameProblem,
  outsideProblem,
  overlap,
  spanOf,
  subnetSpan,
  within,
} from "../providers/index.ts";
import type { Check } from "../providers/index.ts";

export interface RangeConfig {
  type: "dynamic" | "reserved";
  start: string;
  end: string;
  comment: string;
  /** The config's key, for messages: "dynamicRange", "reservedRanges[0]". */
  where: string;
}

export interface NetworkConfig {
  cidr: string;
  /** undefined: as MAAS has it. */
  gateway: string | undefined;
  /** undefined: as MAAS has them. */
  dnsServers: string[] | undefined;
  ranges: RangeConfig[];
  /** undefined: as MAAS has it. */
  dhcp: boolean | undefined;
  /** Name of the OVS bridge over the card of every machine. */
  bridge: string | undefined;
  /** What the bridge belongs to: it survives a release, or goes with it. */
  bridgeBelongsTo: BridgeOwner;
}

export type BridgeOwner = "machine" | "deployment";

/** Keys of the config that speak of the network. */
export const NETWORK_KEYS = [
  "bridge",
  "bridgeBelongsTo",
  "dhcp",
  "dnsServers",
  "dynamicRange",
  "gateway",
  "reservedRanges",
  "subnet",
];

export interface WrittenNetwork {
  subnet: string | undefined;
  gateway: string | undefined;
  dnsServers: unknown;
  dynamicRange: string | undefined;
  reservedRanges: unknown;
  dhcp: unknown;
  bridge: string | undefined;
  bridgeBelongsTo: string | undefined;
}

/** undefined where the config has no subnet: then it may have nothing of a network. */
export function networkConfig(check: Check, written: WrittenNetwork): NetworkConfig | undefined {
  const { subnet, gateway } = written;
  check.text("subnet", cidrProblem);
  check.text("gateway", (address) => addressProblem(address) ?? outsideProblem(address, subnet));
  check.texts("dnsServers", addressProblem);
  check.flag("dhcp");
  check.text("bridge", interfaceNameProblem);
  check.oneOf("bridgeBelongsTo", ["machine", "deployment"]);
  const ranges = rangesOf(check, written);
  if (written.dhcp === true && written.dynamicRange === undefined && subnet === undefined) {
    check.fail("dhcp", "needs addresses to give away; write `subnet` and `dynamicRange`");
  }
  if (subnet === undefined) {
    for (const key of ["gateway", "dnsServers", "dynamicRange", "reservedRanges", "bridge"] as const) {
      if (!check.absent(key)) check.fail(key, 'needs the rack\'s subnet; write `subnet`, for example "172.16.0.0/20"');
    }
    return undefined;
  }
  return {
    cidr: subnet,
    gateway,
    dnsServers: Array.isArray(written.dnsServers) ? written.dnsServers.map(String) : undefined,
    ranges,
    // Who gives DHCP a range wants it; who says nothing leaves it to MAAS.
    dhcp: typeof written.dhcp === "boolean" ? written.dhcp : written.dynamicRange === undefined ? undefined : true,
    bridge: written.bridge,
    bridgeBelongsTo: written.bridgeBelongsTo === "deployment" ? "deployment" : "machine",
  };
}

/** Why no machine can have this address, or undefined. */
export function notFree(address: string, { gateway, ranges }: NetworkConfig): string | undefined {
  if (address === gateway) return "is the gateway; write another";
  const span = spanOf(address);
  const range = ranges.find(({ type, start, end }) => {
    const there = spanOf(start, end);
    return type === "dynamic" && span !== undefined && there !== undefined && within(span, there);
  });
  return range === undefined
    ? undefined
    : `is inside ${range.where} (${range.start}-${range.end}), whose addresses DHCP gives away; write one outside of it`;
}

function rangesOf(check: Check, written: WrittenNetwork): RangeConfig[] {
  const texts: { text: unknown; type: RangeConfig["type"]; where: string }[] = [
    ...(written.dynamicRange === undefined
      ? []
      : [{ text: written.dynamicRange, type: "dynamic" as const, where: "dynamicRange" }]),
    ...listOf(check, written.reservedRanges).map((text, index) => ({
      text,
      type: "reserved" as const,
      where: `reservedRanges[${String(index)}]`,
    })),
  ];
  const ranges = texts.flatMap(({ text, type, where }) => {
    // "172.16.15.1-172.16.15.254 AMT": what follows the addresses is the comment.
    const [, start = "", end = "", comment = ""] = /^([^\s-]+)\s*-\s*([^\s-]+)\s*(.*)$/.exec(String(text)) ?? [];
    const range = { type, start, end, comment, where };
    const problem = rangeProblem(range, String(text), written);
    if (problem === undefined) return [range];
    check.fail(where, problem);
    return [];
  });
  ranges.forEach((range, index) => {
    const span = spanOf(range.start, range.end);
    const before = ranges.slice(0, index).find((other) => {
      const there = spanOf(other.start, other.end);
      return span !== undefined && there !== undefined && overlap(span, there);
    });
    if (before) check.fail(range.where, `overlaps ${before.where} (${before.start}-${before.end}); move one of them`);
  });
  return ranges;
}

function rangeProblem(range: RangeConfig, text: string, { subnet, gateway }: WrittenNetwork): string | undefined {
  const span = spanOf(range.start, range.end);
  if (span === undefined) return `"${text}" is no range of addresses; write for example "172.16.14.1-172.16.14.254"`;
  if (span.first > span.last) return `"${text}" ends before it begins; write "${range.end}-${range.start}"`;
  const whole = subnet === undefined ? undefined : subnetSpan(subnet);
  if (whole !== undefined && !within(span, whole)) return `"${text}" is not inside ${subnet ?? ""}; write one that is`;
  // MAAS takes no range that holds the network's or the broadcast address.
  const edge = [range.start, range.end].map((address) => outsideProblem(address, subnet)).find(Boolean);
  if (edge !== undefined) return `"${text}": ${edge}`;
  const inner = gateway === undefined ? undefined : spanOf(gateway);
  return range.type === "dynamic" && inner !== undefined && within(inner, span)
    ? `"${text}" covers the gateway ${gateway ?? ""}, which DHCP must not give away; leave it out`
    : undefined;
}

function listOf(check: Check, ranges: unknown): unknown[] {
  if (ranges === undefined) return [];
  if (Array.isArray(ranges)) return ranges;
  check.fail("reservedRanges", 'must be a list of texts, for example ["172.16.15.1-172.16.15.254 AMT"]');
  return [];
}
