/**
 * The YAML that a script of MAAS may carry in its comments, and what is wrong with a script: MAAS tells the same when it is
 * uploaded (facts: maas.md 2.9; canonical/maas forms/script.py).
 */
import { parse } from "yaml";
import { messageOf } from "../core/errors.ts";
import { nearest, suggestion } from "../core/nearest.ts";

const BORDER = /^\s*#\s*-+\s*(?:Start|End) MAAS (\d+\.\d+) script metadata\s+-+/i;

/** Keys that MAAS reads; it passes over others in silence. */
const KEYS = [
  ...["name", "title", "description", "tags", "script_type", "hardware_type", "parallel", "packages", "timeout"],
  ...[
    "destructive",
    "for_hardware",
    "may_reboot",
    "recommission",
    "apply_configured_networking",
    "results",
    "parameters",
  ],
];

const HARDWARE = ["node", "cpu", "memory", "storage", "network", "gpu"];
const PARALLEL = ["disabled", "instance", "any"];

/** Words for the kinds of scripts, with those that MAAS takes too. */
export const SCRIPT_TYPES: Readonly<Record<string, "commissioning" | "testing" | "release">> = {
  commission: "commissioning",
  commissioning: "commissioning",
  release: "release",
  test: "testing",
  testing: "testing",
};

export interface ScriptMetadata {
  fields: Readonly<Record<string, unknown>>;
  problems: string[];
  /** Keys that nobody reads, and what was meant. */
  slips: string[];
}

export function scriptMetadata(script: string): ScriptMetadata {
  const lines = script.split(/\r?\n/);
  const problems = (lines[0] ?? "").startsWith("#!/")
    ? []
    : ['must begin with a line that says what runs it, for example "#!/bin/bash"'];
  const yaml = embedded(lines.slice(1));
  if (yaml.bare !== undefined)
    problems.push(`has a line in its metadata that is no comment ("${yaml.bare}"); begin it with #`);
  if (!yaml.ended)
    problems.push('has metadata without an end; write "# --- End MAAS 1.0 script metadata ---" behind it');
  let fields: unknown;
  try {
    // As MAAS does: YAML 1.1, in which `yes` is true.
    fields = parse(yaml.text, { version: "1.1" });
  } catch (error) {
    problems.push(`has metadata that is not YAML: ${messageOf(error).split("\n")[0] ?? ""}`);
  }
  const found = typeof fields === "object" && fields !== null && !Array.isArray(fields) ? { ...fields } : {};
  return { fields: found, problems: [...problems, ...fieldProblems(found)], slips: slipsIn(found) };
}

function embedded(lines: string[]): { text: string; bare?: string; ended: boolean } {
  const start = lines.findIndex((line) => BORDER.exec(line)?.[1] === "1.0");
  if (start < 0) return { text: "", ended: true };
  const length = lines.slice(start + 1).findIndex((line) => BORDER.test(line));
  const inside = lines
    .slice(start + 1, length < 0 ? undefined : start + 1 + length)
    .filter((line) => line.trim() !== "");
  const bare = inside.find((line) => !line.includes("#"));
  return {
    text: inside.map((line) => line.slice(line.indexOf("#") + 1)).join("\n"),
    ...(bare === undefined ? {} : { bare: bare.trim() }),
    ended: length >= 0,
  };
}

/** A value of the metadata as it would be written. */
export const written = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

function fieldProblems(fields: Record<string, unknown>): string[] {
  const choice = (key: string, choices: readonly string[]): string[] => {
    const value = fields[key];
    return value === undefined || typeof value === "number" || choices.includes(written(value))
      ? []
      : [
          `has ${key}: ${written(value)} in its metadata, which MAAS does not know${suggestion(written(value), choices)}`,
        ];
  };
  const { timeout } = fields;
  const isTime = timeout === undefined || typeof timeout === "number" || secondsOf(written(timeout)) !== undefined;
  return [
    ...choice("script_type", Object.keys(SCRIPT_TYPES)),
    ...choice("hardware_type", HARDWARE),
    ...choice("parallel", PARALLEL),
    ...(isTime
      ? []
      : [`has timeout: ${written(timeout)} in its metadata; write hours, minutes and seconds, for example 00:05:00`]),
  ];
}

const slipsIn = (fields: Record<string, unknown>): string[] =>
  Object.keys(fields)
    .filter((key) => !KEYS.includes(key))
    .map((key) => {
      const meant = nearest(key, KEYS);
      return `MAAS does not read "${key}" in the metadata${meant === undefined ? "" : `; did you mean "${meant}"?`}`;
    });

/** "5:00" or "0:05:00", as MAAS writes and reads lengths of time; a number alone is seconds. */
export function secondsOf(text: string): number | undefined {
  if (!/^\d+(:\d{1,2}){0,2}$/.test(text.trim())) return undefined;
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Tags of the metadata, which may be a list or one text with commas. */
export function tagsOf(fields: Readonly<Record<string, unknown>>): string[] | undefined {
  const { tags } = fields;
  if (typeof tags === "string") return tags.split(",").map((tag) => tag.trim());
  return Array.isArray(tags) ? tags.map(String) : undefined;
}
