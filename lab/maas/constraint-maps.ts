/** The two small languages of allocate: `root:100(ssd),data:400` and `lbl:name=enp1s0,subnet=3;...` (facts: maas.md 2.7). */
import type { FormErrors } from "./form.ts";

export interface StorageConstraint {
  label: string;
  /** As written, in GB. */
  size: string;
  tags: string[];
}

const storagePattern = /(?:([a-zA-Z0-9]+):)?([0-9.]+)(?:\(([^)]+)\))?/g;

/** Everything must be understood: what is parsed, written again, must be the text. */
export function parseStorage(text: string, errors: FormErrors): StorageConstraint[] {
  const parsed = [...text.matchAll(storagePattern)].map(([, label = "", size = "", tags = ""]) => ({
    label,
    size,
    tags,
  }));
  const rewritten = parsed
    .map(({ label, size, tags }) => `${label && `${label}:`}${size}${tags && `(${tags})`}`)
    .join(",");
  if (parsed.length === 0 || rewritten !== text) errors.add("storage", `Malformed storage constraint, "${text}".`);
  return parsed.map(({ label, size, tags }) => ({ label, size, tags: tags === "" ? [] : tags.split(",") }));
}

export interface InterfaceConstraint {
  label: string;
  /** Values by key; all keys must hold, for each one any value. */
  wanted: Record<string, string[]>;
}

const interfaceKeys = new Set([
  ...[
    "id",
    "fabric",
    "fabric_class",
    "ip",
    "name",
    "hostname",
    "subnet",
    "space",
    "subnet_cidr",
    "vlan",
    "vid",
    "tag",
  ].flatMap((key) => [key, `not_${key}`]),
  "mode",
  "type",
  "link_speed",
]);

export function parseInterfaces(text: string, errors: FormErrors): InterfaceConstraint[] {
  const constraints: InterfaceConstraint[] = [];
  for (const part of text.split(";")) {
    const match = /^([^:]+):(.+)$/.exec(part.trim());
    const pairs = (match?.[2] ?? "").split(",").map((pair) => pair.split("="));
    if (!match || pairs.some((pair) => pair.length < 2)) {
      errors.add(
        "interfaces",
        `Malformed constraint: '${part}' (required format: '<label>:<key>=<value>[,<key2>=<value2>[,...]]')`,
      );
      return [];
    }
    const wanted: Record<string, string[]> = {};
    for (const [key = "", ...value] of pairs) {
      // The quote that MAAS forgets to close.
      if (!interfaceKeys.has(key)) errors.add("interfaces", `Unknown interfaces constraint: '${key}`);
      (wanted[key] ??= []).push(value.join("="));
    }
    constraints.push({ label: match[1] ?? "", wanted });
  }
  return constraints;
}

/** A value as Python prints it: what the 409 of allocate quotes. */
export const pythonText = (text: string): string =>
  text.includes("'") && !text.includes('"') ? `"${text}"` : `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** `4.0`, `1.5`: a Python float. */
export const pythonFloat = (value: number): string => (Number.isInteger(value) ? `${String(value)}.0` : String(value));
