/** The YAML that a script may carry in its comments (facts: maas.md 2.9; MAAS's own scripts have it too). */
import { parse } from "yaml";
import type { Json } from "./state.ts";

const delimiter = /\s*#\s*-+\s*(?:Start|End) MAAS (\d+\.\d+) script metadata\s+-+/i;

/** The fields, undefined without YAML; or what is wrong with the script. */
export function readMetadata(script: string): { fields: Record<string, Json> | undefined } | { error: string } {
  const lines = script.split(/\r?\n/);
  const [first = "", ...rest] = lines;
  if (script !== "" && !first.startsWith("#!/")) return { error: "Must start with shebang." };
  const found: string[] = [];
  let version: string | undefined;
  for (const line of rest) {
    const match = delimiter.exec(line);
    if (match && version === undefined && match[1] === "1.0") version = match[1];
    else if (match && version === match[1]) break;
    else if (!match && version !== undefined && line.trim() !== "") {
      if (!line.includes("#")) return { error: 'Missing "#" on YAML line.' };
      found.push(line.slice(line.indexOf("#") + 1));
    }
  }
  try {
    // MAAS reads YAML 1.1: `yes` is true, and `00:05:00` is 300.
    const value: unknown = parse(found.join("\n"), { version: "1.1" });
    return { fields: isFields(value) ? value : undefined };
  } catch (error) {
    return { error: `Invalid YAML: ${error instanceof Error ? error.message : String(error)}` };
  }
}

/** A value as a form would send it. */
export const textOfValue = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

const isFields = (value: unknown): value is Record<string, Json> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
