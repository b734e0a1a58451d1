/**
 * What is wrong with DNS names and the data of records. MAAS answers many of these with a 500, or takes them and writes a
 * zone that its name server cannot load: it copies names and data into the zone as they are (facts: maas.md 2.13;
 * canonical/maas models/dnsdata.py, models/dnsresource.py, templates/dns/zone.template).
 */
import { isIPv4, isIPv6 } from "node:net";
import type { Problem } from "../core/check.ts";

/** Addresses lie elsewhere in MAAS than the rest. */
export const RECORD_TYPES = ["A", "AAAA", "CNAME", "MX", "NS", "SRV", "SSHFP", "TXT"] as const;
export type RecordType = (typeof RECORD_TYPES)[number];

/** Seconds: what a DNS answer can hold. */
export const LONGEST_RECORD_TTL = 2 ** 31 - 1;
/** Seconds: a week, which is what MAAS takes for a domain. */
export const LONGEST_DOMAIN_TTL = 604_800;

const LABEL = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i;
const SERVICE_LABEL = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/i;

/** A domain that MAAS can serve: labels of letters, digits and dashes. */
export function domainNameProblem(name: string): string | undefined {
  if (name.endsWith(".")) return `"${name}" ends in a dot; write "${name.replace(/\.+$/, "")}"`;
  if (/^\d+$/.test(name))
    return `"${name}" is a number, which MAAS would take for an id; write for example "rack.example"`;
  return labelsProblem(name, "a domain", "rack.example");
}

/** A domain's name, or its id in MAAS (`domain.id`). */
export const domainReferenceProblem: Problem = (domain) =>
  /^\d+$/.test(domain) ? undefined : domainNameProblem(domain);

/** The left side of a record, without its domain. */
export function recordNameProblem(
  name: string,
  type: RecordType | undefined,
  domain: string | undefined,
): string | undefined {
  const within = domain === undefined ? undefined : `.${domain}`;
  if (name === domain) return `"${name}" is the domain itself; write "@"`;
  if (within !== undefined && name.endsWith(within)) {
    return `"${name}" has the domain in it; write "${name.slice(0, -within.length)}"`;
  }
  if (type === "SRV") return serviceNameProblem(name);
  if (name === "@") {
    return type === "CNAME"
      ? '"@" is the domain itself, which has other records, and a CNAME stands alone; write A records instead'
      : undefined;
  }
  if (name === "*") return undefined;
  if (type === "TXT" || type === "CNAME") return underscoredProblem(name);
  if (name.includes("_")) return `"${name}" has an underscore; write "${name.replaceAll("_", "-")}"`;
  if (name.includes(".")) {
    return `"${name}" has more than one label, which MAAS has no names for; write one label, or make the rest a DnsDomain`;
  }
  return labelsProblem(name, "a name in a domain", "www");
}

const serviceNameProblem = (name: string): string | undefined => {
  const [service = "", protocol = "", host, ...more] = name.split(".");
  const fine =
    /^_[a-z0-9]/i.test(service) &&
    /^_[a-z0-9]/i.test(protocol) &&
    [service.slice(1), protocol.slice(1), host ?? "x"].every((label) => LABEL.test(label) && label.length <= 62) &&
    more.length === 0;
  return fine
    ? undefined
    : `"${name}" is no name for an SRV record; write _service._protocol, for example "_http._tcp"`;
};

const underscoredProblem = (name: string): string | undefined =>
  name.length <= 191 && name.split(".").every((label) => SERVICE_LABEL.test(label) && label.length <= 63)
    ? undefined
    : `"${name}" is no DNS name; write letters, digits, dashes and underscores, at most 63 between two dots`;

function labelsProblem(name: string, what: string, example: string): string | undefined {
  if (name.length > 253)
    return `"${name.slice(0, 30)}..." has ${String(name.length)} characters; at most 253 are allowed`;
  for (const label of name.split(".")) {
    if (label === "")
      return `"${name}" is not ${what}: there is nothing between two dots; write for example "${example}"`;
    if (label.length > 63) return `"${name}" has a label of ${String(label.length)} characters; at most 63 are allowed`;
    if (!LABEL.test(label)) {
      return `"${name}" is not ${what}; write letters, digits and dashes, with a letter or digit at both ends, for example "${example}"`;
    }
  }
  return undefined;
}

/** The right side of a record of this type. */
export function recordDataProblem(type: RecordType, data: string): string | undefined {
  if (/[\n\r\0]/.test(data)) return "has a line break in it, which would end the record; write it in one line";
  switch (type) {
    case "A":
      return isIPv4(data) ? undefined : `"${data}" is not an IPv4 address; write for example "172.16.0.3"`;
    case "AAAA":
      return isIPv6(data) ? undefined : `"${data}" is not an IPv6 address; write for example "fd00::3"`;
    case "CNAME":
    case "NS":
      return targetProblem(data, type === "CNAME" ? SERVICE_LABEL : LABEL);
    case "MX":
      return numbersThenTarget(data, 1, 'a preference and a server, for example "10 mail.rack.example."');
    case "SRV":
      return numbersThenTarget(data, 3, 'priority, weight, port and server, for example "0 0 80 www.rack.example."');
    case "SSHFP":
      return fingerprintProblem(data);
    case "TXT":
      return textProblem(data);
  }
}

function numbersThenTarget(data: string, count: number, example: string): string | undefined {
  const parts = data.split(" ");
  const numbers = parts.slice(0, count);
  const fine = parts.length === count + 1 && numbers.every((text) => /^\d{1,5}$/.test(text) && Number(text) <= 65_535);
  if (!fine) return `"${data}" is no such record; write ${example}; numbers go from 0 to 65535`;
  return count === 3 && parts[count] === "." ? undefined : targetProblem(parts[count] ?? "", LABEL);
}

/** A dotted name without a dot at its end is read below the domain once more: a slip, nearly always. */
function targetProblem(target: string, label: RegExp): string | undefined {
  const labels = target.replace(/\.$/, "").split(".");
  if (!labels.every((one) => label.test(one) && one.length <= 63) || target.length > 254) {
    return `"${target}" is not the name of a host; write for example "www.rack.example."`;
  }
  if (isIPv4(target)) return `"${target}" is an address, and a name is needed here; make an A record, and name that`;
  return labels.length > 1 && !target.endsWith(".")
    ? `"${target}" has no dot at its end, so the name server would put the domain behind it; write "${target}."`
    : undefined;
}

/** Fingerprints in hex: 1 is SHA-1, 2 is SHA-256. */
const FINGERPRINT_DIGITS: Record<string, number> = { "1": 40, "2": 64 };

function fingerprintProblem(data: string): string | undefined {
  const [, algorithm, kind = "", digits = ""] = /^(\d{1,3}) (\d{1,3}) ([0-9a-f]+)$/i.exec(data) ?? [];
  if (algorithm === undefined || Number(algorithm) > 255 || Number(kind) > 255) {
    return `"${data}" is no fingerprint of an SSH key; write what \`ssh-keygen -r HOST\` prints behind SSHFP, for example "4 2 1f3a..."`;
  }
  const wanted = FINGERPRINT_DIGITS[kind];
  return wanted === undefined || digits.length === wanted
    ? undefined
    : `has a fingerprint of ${String(digits.length)} hex digits, and type ${kind} has ${String(wanted)}; copy all of it`;
}

const textProblem = (data: string): string | undefined =>
  /^[\x20-\x7e]*$/.test(data)
    ? undefined
    : "has characters that are not ASCII; a TXT record holds printable ASCII only";

/** TXT data as a zone holds it: blanks would part it and a semicolon would end it, so it is quoted; 255 characters a string. */
export function quotedText(text: string): string {
  if (/^[\w.=:@/+-]{1,255}$/.test(text)) return text;
  const strings = text.match(/.{1,255}/g) ?? [""];
  return strings.map((string) => `"${string.replace(/["\\]/g, "\\$&")}"`).join(" ");
}

/** What `quotedText` was given; a text without quotes is itself. */
export function unquotedText(data: string): string {
  const strings = data.match(/"(?:[^"\\]|\\.)*"/g);
  if (strings?.join(" ") !== data.trim()) return data;
  return strings.map((string) => string.slice(1, -1).replace(/\\(.)/g, "$1")).join("");
}

/** Data in the one spelling in which MAAS keeps it. */
export function normaliseData(type: RecordType, data: string): string {
  if (type === "AAAA" && isIPv6(data)) return new URL(`http://[${data}]/`).hostname.slice(1, -1);
  return type === "TXT" ? data : data.trim().replace(/\s+/g, " ");
}
