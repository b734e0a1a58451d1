/** IPv4 and IPv6 addresses and networks as numbers. */
import { isIPv4, isIPv6 } from "node:net";

export interface IpAddress {
  version: 4 | 6;
  value: bigint;
}

export interface Network {
  version: 4 | 6;
  prefix: number;
  /** Network address. */
  first: bigint;
  /** IPv4: the broadcast address. */
  last: bigint;
}

export function parseIp(text: string): IpAddress | undefined {
  if (isIPv4(text))
    return { version: 4, value: BigInt(text.split(".").reduce((sum, part) => sum * 256 + Number(part), 0)) };
  if (!isIPv6(text) || text.includes("%")) return undefined;
  const [head = "", tail] = embedded(text).split("::");
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: gap }, () => "0"), ...right];
  return { version: 6, value: groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n) };
}

/** `::ffff:1.2.3.4` with its last part in hexadecimal. */
function embedded(text: string): string {
  const dotted = /\d+\.\d+\.\d+\.\d+$/.exec(text)?.[0];
  const value = dotted === undefined ? undefined : parseIp(dotted)?.value;
  if (dotted === undefined || value === undefined) return text;
  const groups = `${(value >> 16n).toString(16)}:${(value & 0xffffn).toString(16)}`;
  return text.slice(0, -dotted.length) + groups;
}

export function formatIp({ version, value }: IpAddress): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((value >> shift) & 255n)).join(".");
  const groups = Array.from({ length: 8 }, (_, index) => (value >> BigInt(112 - 16 * index)) & 0xffffn);
  const { start, length } = longestZeros(groups);
  const text = (part: bigint[]): string => part.map((group) => group.toString(16)).join(":");
  return length < 2 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`;
}

/** The first of the longest runs of zero groups: it is written as `::`. */
function longestZeros(groups: bigint[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0n) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}

/** `10.9.0.7/24` is 10.9.0.0/24; an address alone has the full prefix. */
export function parseNetwork(text: string): Network | undefined {
  const [address = "", prefixText, more] = text.trim().split("/");
  const ip = parseIp(address);
  if (!ip || more !== undefined) return undefined;
  const bits = ip.version === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d+$/.test(prefixText)) return undefined;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  if (prefix > bits) return undefined;
  const size = 1n << BigInt(bits - prefix);
  const first = ip.value - (ip.value % size);
  return { version: ip.version, prefix, first, last: first + size - 1n };
}

export const formatNetwork = (network: Network): string =>
  `${formatIp({ version: network.version, value: network.first })}/${String(network.prefix)}`;

export const contains = (network: Network, ip: IpAddress): boolean =>
  ip.version === network.version && ip.value >= network.first && ip.value <= network.last;

/** First and last address that a host may have. */
export function hostRange(network: Network): { first: bigint; last: bigint } {
  if (network.version === 6) {
    return network.prefix >= 127
      ? { first: network.first, last: network.last }
      : { first: network.first + 1n, last: network.last };
  }
  if (network.prefix >= 31) return { first: network.first, last: network.last };
  return { first: network.first + 1n, last: network.last - 1n };
}
