/** Splitting and checking names of DNS resources. */
import type { Domain } from "./network-state.ts";
import type { Fields } from "./operation.ts";
import { notFound, refusal } from "./reply.ts";
import { findNamed } from "./specifier.ts";
import type { LabState } from "./state.ts";

const label = "[a-zA-Z0-9]([-a-zA-Z0-9]{0,62}[a-zA-Z0-9])?";
const serviceLabel = "_[a-zA-Z0-9]([-a-zA-Z0-9]{0,62}[a-zA-Z0-9])?";
const service = `${serviceLabel}.${serviceLabel}(.${label})?`;
const domainName = `(${label}[.])*${label}[.]?`;
const special = ["", "@", "*"];

export interface NameParts {
  name: string | undefined;
  domain: Domain | undefined;
}

/** `fqdn` counts only when neither `name` nor `domain` was sent. Throws 404 for an unknown domain. */
export function readName(state: LabState, fields: Fields, rrtype: string | undefined): NameParts {
  const [name, domain, fqdn] = [fields.get("name"), fields.get("domain"), fields.get("fqdn")];
  if (name !== undefined || domain !== undefined || fqdn === undefined)
    return { name, domain: domain === undefined ? undefined : domainOr404(state, domain) };
  const parts = splitFqdn(state, fqdn, rrtype);
  return { name: parts.name, domain: parts.domain === undefined ? undefined : domainOr404(state, parts.domain) };
}

function domainOr404(state: LabState, text: string): Domain {
  const domain = findNamed(state.domains, text);
  if (!domain) throw notFound("Domain");
  return domain;
}

function splitFqdn(state: LabState, fqdn: string, rrtype: string | undefined): { name: string; domain?: string } {
  if (special.includes(fqdn)) return { name: fqdn };
  if (Object.values(state.domains).some((domain) => domain.name === fqdn)) return { name: "@", domain: fqdn };
  const left = rrtype === "SRV" ? service : label;
  const groups = new RegExp(`^(?<name>${left})[.](?<domain>${domainName})$`).exec(fqdn)?.groups;
  // MAAS unpacks a match that isn't there.
  if (!groups) throw refusal(500, "cannot unpack non-iterable NoneType object");
  return { name: groups["name"] ?? "", domain: groups["domain"] ?? "" };
}

export const isResourceName = (name: string, rrtype: string): boolean =>
  special.includes(name) || new RegExp(`^${rrtype === "SRV" ? service : label}$`).test(name);

export const isDomainName = (name: string): boolean => new RegExp(`^${domainName}$`).test(name) && name.length <= 255;

/** The first thing wrong with the labels of a name, in MAAS's words. */
export function labelsProblem(name: string): string | undefined {
  if (name.length > 255) return "Hostname is too long.  Maximum allowed is 255 characters.";
  for (const part of name.split(".")) {
    if (part === "") return "DNS name contains an empty label.";
    if (part.length > 63) return `Label is too long: '${part}'.  Maximum allowed is 63 characters.`;
    if (part.startsWith("-") || part.endsWith("-")) return `Label cannot start or end with hyphen: '${part}'.`;
    if (!/^[a-zA-Z0-9-]*$/.test(part)) return `Label contains disallowed characters: '${part}'.`;
  }
  return undefined;
}

/** The same for a host: its first label may not have an underscore either. */
export function hostnameProblem(name: string): string | undefined {
  const [host = ""] = name.split(".");
  if (name.length <= 255 && host.includes("_")) return `Host label cannot contain underscore: '${host}'.`;
  return labelsProblem(name);
}
