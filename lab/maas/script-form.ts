/** Choosing scripts and their parameters: the part that commission, test and release have in common (facts: maas.md 2.6). */
import type { FormErrors } from "./form.ts";
import type { Machine } from "./machine-state.ts";
import type { Fields } from "./operation.ts";
import { childrenOf, interfacesOf } from "./links.ts";
import { textOfValue } from "./script-metadata.ts";
import type { ScriptInput } from "./script-sets.ts";
import type { Json, LabState, Script } from "./state.ts";
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

/**
 * `storage=nvme0n1` for every chosen script that takes it, or `smartctl-short_storage=nvme0n1` for one. What is sent is checked
 * whether a chosen script takes it or not.
 */
export function readScriptInput(
  state: LabState,
  machine: Machine,
  form: Fields,
  errors: FormErrors,
  wanted: { types: readonly number[]; chosen: readonly string[] },
): ScriptInput {
  const input: ScriptInput = {};
  for (const script of Object.values(state.scripts)) {
    if (!wanted.types.includes(script.type)) continue;
    const isChosen = [script.name, ...script.tags].some((word) => wanted.chosen.includes(word));
    for (const [name, definition] of parametersOf(script)) {
      const field = form.has(`${script.name}_${name}`) ? `${script.name}_${name}` : name;
      const value = readValue(state, machine, form, errors, field, definition);
      if (isChosen && value !== undefined) (input[script.name] ??= {})[name] = value;
    }
  }
  return input;
}

type Definition = Record<string, Json>;

function parametersOf({ parameters }: Script): [name: string, definition: Definition][] {
  if (!isDefinition(parameters)) return [];
  return Object.entries(parameters).map(([name, definition]) => [name, isDefinition(definition) ? definition : {}]);
}

const isDefinition = (value: Json): value is Definition =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Undefined for what was not sent, is empty, or is wrong. */
function readValue(
  state: LabState,
  machine: Machine,
  form: Fields,
  errors: FormErrors,
  field: string,
  definition: Definition,
): Json | undefined {
  const value = form.get(field);
  if (value === undefined || value === "") return undefined;
  const refuse = (message: string): void => {
    if (!errors.has(field)) errors.add(field, message);
  };
  const choose = (choices: Set<string>): Json | undefined => {
    if (choices.has(value)) return value;
    refuse(`Select a valid choice. ${value} is not one of the available choices.`);
    return undefined;
  };
  switch (definition["type"]) {
    case "storage":
      return choose(storageChoices(state, machine));
    case "interface":
      return choose(interfaceChoices(state, machine));
    case "choice":
      return choose(new Set(listed(definition["choices"])));
    case "boolean":
      return value.toLowerCase() === "false" ? undefined : true;
    case "runtime": {
      const seconds = durationSeconds(value);
      if (seconds === undefined) refuse("Enter a valid duration.");
      return seconds;
    }
    default:
      return value;
  }
}

const listed = (choices: Json | undefined): string[] =>
  Array.isArray(choices)
    ? choices.map((choice) => textOfValue(Array.isArray(choice) ? (choice[0] ?? "") : choice))
    : [];

/** Seconds, or [H:]M:SS. */
export function durationSeconds(text: string): number | undefined {
  const parts = /^(?:(\d+):)?(?:(\d+):)?(\d+)$/.exec(text.trim());
  if (!parts) return undefined;
  const numbers = parts.slice(1).filter(Boolean).map(Number);
  return numbers.reduce((sum, number) => sum * 60 + number, 0);
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

/** Interfaces that are in no bridge, bond or VLAN. */
const interfaceChoices = (state: LabState, machine: Machine): Set<string> =>
  new Set([
    "all",
    ...interfacesOf(state, machine)
      .filter((nic) => childrenOf(state, nic).length === 0)
      .flatMap(({ id, name, mac, vendor, product, tags }) => {
        const [make, model] = [vendor ?? "None", product ?? "None"];
        return [String(id), name, mac, make, model, `${make}:${model}`, ...tags];
      }),
  ]);
