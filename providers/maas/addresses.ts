/** What is wrong with MAC addresses, IP addresses and hostnames, in one line that says what to write instead. */
import { BlockList, isIPv4, isIPv6 } from "node:net";

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

/** A subnet as network address and prefix length. */
export function cidrProblem(cidr: string): string | undefined {
  const [network, prefix, ...rest] = cidr.split("/");
  const bits = Number(prefix);
  const fine = rest.length === 0 && network !== undefined && isIPv4(network) && Number.isInteger(bits) && bits <= 32;
  return fine && prefix !== "" ? undefined : `"${cidr}" is not a subnet; write for example "172.16.0.0/20"`;
}

/** Tells an address that is not in the subnet; says nothing where either of them is wrong in itself. */
export function outsideProblem(address: string, subnet: string | undefined): string | undefined {
  if (subnet === undefined || cidrProblem(subnet) !== undefined || !isIPv4(address)) return undefined;
  const [network = "", prefix] = subnet.split("/");
  const list = new BlockList();
  list.addSubnet(network, Number(prefix));
  if (!list.check(address)) return `"${address}" is outside ${subnet}; write an address in it`;
  // MAAS takes them, and the machine is then not reachable (facts: maas.md 2.14).
  const host = numberOf(address) % 2 ** (32 - Number(prefix));
  const isEdge = Number(prefix) < 31 && (host === 0 || host === 2 ** (32 - Number(prefix)) - 1);
  return isEdge
    ? `"${address}" is ${subnet}'s ${host === 0 ? "network" : "broadcast"} address; write another`
    : undefined;
}

const numberOf = (ipv4: string): number => ipv4.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
