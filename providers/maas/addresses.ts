/**
 * MAC addresses, IP addresses, subnets and hostnames: what is wrong with them, in one line that says what to write
 * instead, and what lies in what. IPv4 and IPv6 alike.
 */
import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";

/** MAAS stores and finds MAC addresses in lower case with colons only (facts: maas.md trap 22). */
export const normaliseMac = (mac: string): string => {
  const digits = mac.replace(/[:.-]/g, "").toLowerCase();
  return /^[0-9a-f]{12}$/.test(digits) && /^[0-9a-f]{1,4}([:.-][0-9a-f]{1,4})*$|^[0-9a-f]{12}$/i.test(mac)
    ? (digits.match(/../g) ?? []).join(":")
    : mac;
};

export function macProblem(mac: string): string | undefined {
  if (!/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/.test(normaliseMac(mac))) {
    return `"${mac}" is not a MAC address; write six pairs of hex digits, for example "52:54:00:12:34:56"`;
  }
  const first = Number.parseInt(normaliseMac(mac).slice(0, 2), 16);
  return first & 1 ? `"${mac}" is a multicast address; a network card has an even first byte` : undefined;
}

export function addressProblem(address: string): string | undefined {
  if (isIPv4(address) || isIPv6(address)) return undefined;
  return `"${address}" is not an IP address; write for example "172.16.0.101"`;
}

/** A host label: MAAS refuses underscores, and replaces a name that looks like an IP address by a random one. */
export function hostnameProblem(name: string): string | undefined {
  if (name.includes("_")) return `"${name}" has an underscore; write "${name.replaceAll("_", "-").toLowerCase()}"`;
  if (isIPv4(name)) return `"${name}" is an IP address; MAAS would give the machine a random name instead`;
  if (name.length > 63) return `"${name}" has ${String(name.length)} characters; at most 63 are allowed`;
  if (name !== name.toLowerCase()) return `"${name}" has capital letters; write "${name.toLowerCase()}"`;
  if (!/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(name)) {
    return `"${name}" is not a hostname; write letters, digits and dashes, with a letter or digit at both ends`;
  }
  return undefined;
}

/** Addresses from the first to the last, as numbers. */
export interface Span {
  family: 4 | 6;
  first: bigint;
  last: bigint;
}

export const overlap = (a: Span, b: Span): boolean => a.family === b.family && a.first <= b.last && b.first <= a.last;

export const within = (inner: Span, outer: Span): boolean =>
  inner.family === outer.family && inner.first >= outer.first && inner.last <= outer.last;

/** From one address to another, or of one alone; undefined when either is none, or they are of two families. */
export function spanOf(start: string, end = start): Span | undefined {
  const [first, last] = [parse(start), parse(end)];
  return first?.family === last?.family && first && last
    ? { family: first.family, first: first.value, last: last.value }
    : undefined;
}

/** All addresses of a subnet, its network and broadcast addresses among them; undefined when it is none. */
export function subnetSpan(cidr: string): Span | undefined {
  const [address = "", prefix = ""] = cidr.split("/");
  const start = parse(address);
  const bits = start?.family === 4 ? 32 : 128;
  if (!start || !/^\d{1,3}$/.test(prefix) || Number(prefix) > bits || cidr.split("/").length !== 2) return undefined;
  const size = 1n << BigInt(bits - Number(prefix));
  const first = start.value - (start.value % size);
  return { family: start.family, first, last: first + size - 1n };
}

/** The spelling that MAAS answers with: IPv6 in lower case and as short as can be. What is no address stays as it is. */
export const canonicalAddress = (address: string): string =>
  isIPv6(address) ? ipaddr.parse(address).toString() : address;

/** Like `canonicalAddress`, of a subnet. */
export const canonicalCidr = (cidr: string): string => {
  const [address = "", ...rest] = cidr.trim().split("/");
  return [canonicalAddress(address), ...rest].join("/");
};

/** A subnet as network address and prefix length. MAAS would cut host bits in silence (facts: maas.md 2.12). */
export function cidrProblem(cidr: string): string | undefined {
  const span = subnetSpan(cidr);
  const [address = "", prefix = ""] = cidr.split("/");
  if (!span || Number(prefix) === 0) return `"${cidr}" is not a subnet; write for example "172.16.0.0/20"`;
  if (parse(address)?.value === span.first) return undefined;
  return `"${cidr}" is an address in a subnet, not the subnet; write "${textOf(span.family, span.first)}/${prefix}"`;
}

/** A subnet as others name it: by its id or its CIDR. */
export const subnetProblem = (subnet: string): string | undefined =>
  /^\d+$/.test(subnet) ? undefined : cidrProblem(subnet);

/** Tells an address that is no host's in the subnet; says nothing where either of them is wrong in itself. */
export function outsideProblem(address: string, subnet: string | undefined): string | undefined {
  const [inner, outer] = [spanOf(address), subnet === undefined ? undefined : subnetSpan(subnet)];
  if (!inner || !outer || subnet === undefined) return undefined;
  if (!within(inner, outer)) return `"${address}" is outside ${subnet}; write an address in it`;
  // MAAS takes them, and the machine is then not reachable (facts: maas.md 2.14).
  const edge = edgeOf(inner, outer);
  return edge === undefined ? undefined : `"${address}" is ${subnet}'s ${edge} address; write another`;
}

/** "network" or "broadcast" where the span holds that address of the subnet, which no host can have. */
export function edgeOf(span: Span, subnet: Span): "network" | "broadcast" | undefined {
  if (subnet.last - subnet.first < 2n) return undefined;
  if (span.first <= subnet.first) return "network";
  return subnet.family === 4 && span.last >= subnet.last ? "broadcast" : undefined;
}

function parse(address: string): { family: 4 | 6; value: bigint } | undefined {
  // Not ipaddr.js's own judgement: it takes "10.1" and "0x7f.1" for addresses, and a zone that MAAS does not know.
  const family = isIPv4(address) ? 4 : isIPv6(address) && !address.includes("%") ? 6 : undefined;
  if (family === undefined) return undefined;
  const hex = ipaddr
    .parse(address)
    .toByteArray()
    .map((byte) => byte.toString(16).padStart(2, "0"));
  return { family, value: BigInt(`0x${hex.join("")}`) };
}

function textOf(family: 4 | 6, value: bigint): string {
  const digits = value.toString(16).padStart(family === 4 ? 8 : 32, "0");
  return ipaddr.fromByteArray((digits.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16))).toString();
}
