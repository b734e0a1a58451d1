/** YAML as Python's safe_dump writes it: block style, sorted keys, lists not indented. For the curtin configuration only. */
import type { Json } from "./state.ts";

/** Texts that YAML 1.1 would read as something else: numbers (also 52:54:00, in base 60), booleans, null. */
const ambiguous =
  /^$|^[-+]?[0-9][0-9_]*(:[0-5]?[0-9])*(\.[0-9_]*)?$|^(true|false|yes|no|on|off|null|~)$|^[-?:,[\]{}#&*!|>'"%@`]|: |:$| #|^\s|\s$/i;

function scalar(value: string | number | boolean | null): string {
  if (typeof value !== "string") return value === null ? "null" : String(value);
  if (value.includes("\n")) return JSON.stringify(value);
  return ambiguous.test(value) ? `'${value.replaceAll("'", "''")}'` : value;
}

const isScalar = (value: Json): value is string | number | boolean | null =>
  typeof value !== "object" || value === null;

const pad = (depth: number): string => "  ".repeat(depth);

function lines(value: Json, depth: number): string[] {
  if (isScalar(value)) return [pad(depth) + scalar(value)];
  if (Array.isArray(value)) return value.flatMap((item) => listItem(item, depth));
  return Object.keys(value)
    .sort()
    .flatMap((key) => entry(key, value[key] ?? null, depth));
}

function entry(key: string, value: Json, depth: number): string[] {
  const name = `${pad(depth)}${scalar(key)}:`;
  if (isScalar(value)) return [`${name} ${scalar(value)}`];
  if (Array.isArray(value)) return value.length === 0 ? [`${name} []`] : [name, ...lines(value, depth)];
  return Object.keys(value).length === 0 ? [`${name} {}`] : [name, ...lines(value, depth + 1)];
}

function listItem(item: Json, depth: number): string[] {
  if (isScalar(item)) return [`${pad(depth)}- ${scalar(item)}`];
  const [first = "", ...rest] = lines(item, depth + 1);
  return [`${pad(depth)}- ${first.trimStart()}`, ...rest];
}

export const toYaml = (value: Record<string, Json>): string => `${lines(value, 0).join("\n")}\n`;
