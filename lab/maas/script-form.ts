/** Choosing scripts and their parameters: the part that commission, test and release have in common (facts: maas.md 2.6). */
import type { FormErrors } from "./form.ts";
import type { Machine } from "./machine-state.ts";
import type { Fields } from "./operation.ts";
import type { ScriptInput } from "./script-sets.ts";
import type { LabState, Script } from "./state.ts";
import { blockDevicesOf } from "./storage.ts";

export const scriptTypes = { commissioning: 0, testing: 2, release: 3 } as const;

/** A comma list of names and tags. */
export function readScripts(
  state: LabState,
  form: Fields,
  errors: FormErrors,
  field: string,
  type: number,
  allowNone: boolean,
): string[] {
  const text = form.get(field);
  if (text === undefined) return [];
  const scripts = Object.values(state.scripts).filter((script) => script.type === type);
  const choices = new Set([...(allowNone ? ["none"] : []), ...scripts.flatMap(({ name, tags }) => [name, ...tags])]);
  const chosen = text.split(",");
  const unknown = chosen.find((name) => !choices.has(name));
  if (unknown !== undefined)
    errors.add(field, `Select a valid choice. ${unknown} is not one of the available choices.`);
  return chosen;
}

/** `storage=nvme0n1` for every chosen script that takes it, or `smartctl-short_storage=nvme0n1` for one. */
export function readScriptInput(
  state: LabState,
  machine: Machine,
  form: Fields,
  errors: FormErrors,
  chosen: readonly string[],
): ScriptInput {
  const input: ScriptInput = {};
  for (const script of Object.values(state.scripts)) {
    if (!chosen.includes(script.name) && !script.tags.some((tag) => chosen.includes(tag))) continue;
    for (const [name, kind] of parameterKinds(script)) {
      const field = form.has(`${script.name}_${name}`) ? `${script.name}_${name}` : name;
      const value = form.get(field);
      if (value === undefined || value === "") continue;
      if (kind === "storage" && !storageChoices(state, machine).has(value) && !errors.has(field))
        errors.add(field, `Select a valid choice. ${value} is not one of the available choices.`);
      (input[script.name] ??= {})[name] = value;
    }
  }
  return input;
}

function parameterKinds(script: Script): [name: string, kind: string][] {
  const { parameters } = script;
  if (typeof parameters !== "object" || parameters === null || Array.isArray(parameters)) return [];
  return Object.entries(parameters).map(([name, definition]) => {
    const kind =
      typeof definition === "object" && definition !== null && !Array.isArray(definition)
        ? definition["type"]
        : undefined;
    return [name, typeof kind === "string" ? kind : ""];
  });
}

const storageChoices = (state: LabState, machine: Machine): Set<string> =>
  new Set([
    "all",
    ...blockDevicesOf(state, machine).flatMap((disk) => [
      String(disk.id),
      disk.name,
      disk.model,
      disk.serial,
      `${disk.model}:${disk.serial}`,
      ...disk.tags,
    ]),
  ]);
