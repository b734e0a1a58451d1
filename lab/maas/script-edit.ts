/** Uploading a script and changing one: its fields come from the form and from the YAML inside of it, which wins (facts: maas.md 2.9). */
import { FormErrors, requiredMessage } from "./form.ts";
import type { Fields } from "./operation.ts";
import { durationSeconds } from "./script-form.ts";
import { hardwareTypes, kindOf, parallelKinds, scriptTypes, type Kind } from "./script-kinds.ts";
import { readMetadata, textOfValue } from "./script-metadata.ts";
import { nextId, type Json, type LabState, type Script } from "./state.ts";

type Data = Map<string, Json>;

const editable = [
  ...["name", "title", "description", "tags", "script_type", "hardware_type", "parallel", "packages", "timeout"],
  ...["destructive", "script", "for_hardware", "may_reboot", "recommission", "apply_configured_networking"],
];

/** What MAAS ships keeps everything but these. */
const editableOfDefaults = new Set(["tags", "timeout"]);

/** A file under another name than "script" gives the script that name. */
function dataOf(form: Fields): Data {
  const files = form.names().filter((name) => form.isFile(name));
  const [only] = files;
  const data: Data = new Map();
  for (const name of form.names()) if (!form.isFile(name)) data.set(name, form.get(name) ?? "");
  if (files.includes("script")) data.set("script", form.get("script") ?? "");
  else if (only !== undefined && files.length === 1) {
    data.set("name", only);
    data.set("script", form.get(only) ?? "");
  }
  const type = data.get("type");
  if (type !== undefined && !data.has("script_type")) data.set("script_type", type);
  return data;
}

/** Tags and timeout of the YAML count only for a new script; a field of the form must not say something else than the YAML. */
function mergeMetadata(data: Data, fields: Record<string, Json>, isNew: boolean, errors: FormErrors): void {
  for (const [name, value] of Object.entries(fields)) {
    if (name === "tags" || name === "timeout") {
      if (isNew && !data.has(name))
        data.set(name, Array.isArray(value) ? value.map(textOfValue).join(",") : textOfValue(value));
    } else if (name === "packages" || name === "for_hardware") {
      if (!data.has(name)) data.set(name, JSON.stringify(value));
    } else if (editable.includes(name)) {
      const sent = data.get(name);
      if (sent === undefined) data.set(name, value);
      else if (name === "script_type" ? differ(scriptTypes, sent, value) : sent !== value)
        errors.add(name, "May not override values defined in embedded YAML.");
    }
  }
}

const differ = (kind: Kind, a: Json, b: Json): boolean => kindOf(kind, textOfValue(a)) !== kindOf(kind, textOfValue(b));

const textOf = (data: Data, name: string, current: string): string => {
  const value = data.get(name);
  return value === undefined ? current : textOfValue(value).trim();
};

/** A checkbox: "false" and nothing are false. */
const flagOf = (data: Data, name: string, current: boolean): boolean => {
  const value = data.get(name);
  if (value === undefined) return current;
  return typeof value === "string" ? value !== "" && value.toLowerCase() !== "false" : Boolean(value);
};

function readKind(data: Data, name: string, kind: Kind, current: number, errors: FormErrors): number {
  const text = textOf(data, name, "");
  if (text === "") return current;
  const value = kindOf(kind, text);
  if (typeof value === "number") return value;
  errors.add(name, value.error);
  return current;
}

function checkName(state: LabState, data: Data, current: Script | undefined, errors: FormErrors): string {
  const name = textOf(data, "name", current?.name ?? "");
  if (name === "" && (data.has("name") || !current)) errors.add("name", requiredMessage);
  if (Object.values(state.scripts).some((other) => other !== current && other.name === name))
    errors.add("name", "Script with this Name already exists.");
  if (!data.has("name")) return name;
  if (name.toLowerCase() === "none") errors.add("name", '"none" is a reserved name.');
  if (/^\d+$/.test(name)) errors.add("name", "Cannot be a number.");
  if (!/^[\w@%+=:,./-]+$/.test(name))
    errors.add("name", `Name '${name}' contains disallowed characters, e.g. space or quotes.`);
  return name;
}

function readTimeout(data: Data, current: string, errors: FormErrors): string {
  const text = textOf(data, "timeout", "");
  if (text === "") return data.has("timeout") ? "0:00:00" : current;
  const timeout = duration(text);
  if (timeout === undefined) errors.add("timeout", "Enter a valid duration.");
  return timeout ?? current;
}

/** Seconds, or [H:]M:SS, as MAAS prints it. */
function duration(text: string): string | undefined {
  const seconds = durationSeconds(text);
  if (seconds === undefined) return undefined;
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${String(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

const hardwareId =
  /^modalias:.+|pci:[\da-f]{4}:[\da-f]{4}|usb:[\da-f]{4}:[\da-f]{4}|system_vendor:.*|system_product:.*|system_version:.*|mainboard_vendor:.*|mainboard_product:.*$/i;

function readHardware(data: Data, current: string[], errors: FormErrors): string[] {
  const text = textOf(data, "for_hardware", "");
  if (text === "") return current;
  let value: unknown = text;
  try {
    value = JSON.parse(text);
  } catch {
    // A comma list.
  }
  const list = typeof value === "string" ? value.split(",") : value;
  if (!Array.isArray(list)) {
    errors.add("for_hardware", "Must be a list or string");
    return current;
  }
  const ids = list.map(String);
  for (const id of ids)
    if (!hardwareId.test(id))
      errors.add(
        "for_hardware",
        `Hardware identifier '${id}' must be a modalias, PCI ID, USB ID, system vendor, system product, system version, mainboard vendor, or mainboard product.`,
      );
  return ids;
}

function readPackages(data: Data, current: Json): Json {
  const text = textOf(data, "packages", "");
  if (text === "") return current;
  const packages = JSON.parse(text) as Record<string, Json>;
  for (const key of ["apt", "snap", "url"]) {
    const value = packages[key];
    if (value !== undefined && !Array.isArray(value)) packages[key] = [value];
  }
  return packages;
}

/** The tags say which hardware the script is for, and that it destroys. */
export function completeTags(script: Script): void {
  const own = hardwareTypes.names[script.hardwareType]?.toLowerCase() ?? "";
  const others = Object.values(hardwareTypes.names).map((name) => name.toLowerCase());
  const kept = script.tags.filter((tag) => tag === own || (!others.includes(tag) && tag !== "destructive"));
  script.tags = [...new Set([...kept, ...(script.destructive ? ["destructive"] : []), own])];
}

const fresh: Omit<Script, "id" | "name"> = {
  title: "",
  description: "",
  tags: [],
  type: 2,
  hardwareType: 0,
  parallel: 0,
  results: {},
  parameters: {},
  packages: {},
  timeout: "0:00:00",
  destructive: false,
  isDefault: false,
  forHardware: [],
  mayReboot: false,
  recommission: false,
  applyConfiguredNetworking: false,
  history: [],
};

/** Makes a script of the form, or changes `current`; throws 400 with all that is wrong. */
export function saveScript(state: LabState, form: Fields, current?: Script): Script {
  const errors = new FormErrors();
  const data = dataOf(form);
  const before = current ?? fresh;
  const sent = data.get("script");
  const content = sent === undefined ? undefined : textOfValue(sent);
  const metadata = readMetadata(content ?? "");
  if (content === undefined && !current) errors.add("script", "Must be given a value");
  if ("error" in metadata) errors.add("script", metadata.error);
  const embedded = "error" in metadata ? undefined : metadata.fields;
  const { results = {}, parameters = {}, ...fields } = embedded ?? {};
  mergeMetadata(data, fields, current === undefined, errors);
  if (data.has("comment") && content === undefined)
    errors.add("comment", '"comment" may only be used when specifying a "script" as well.');
  const tags = data.has("tags") ? textOf(data, "tags", "").split(",") : before.tags;
  const changes: Partial<Script> & { name: string } = {
    name: checkName(state, data, current, errors),
    title: textOf(data, "title", before.title),
    description: textOf(data, "description", before.description),
    tags: tags.map((tag) => tag.trim()).filter((tag) => tag !== ""),
    type: readKind(data, "script_type", scriptTypes, before.type, errors),
    hardwareType: readKind(data, "hardware_type", hardwareTypes, before.hardwareType, errors),
    parallel: readKind(data, "parallel", parallelKinds, before.parallel, errors),
    packages: readPackages(data, before.packages),
    timeout: readTimeout(data, before.timeout, errors),
    destructive: flagOf(data, "destructive", before.destructive),
    forHardware: readHardware(data, before.forHardware, errors),
    mayReboot: flagOf(data, "may_reboot", before.mayReboot),
    recommission: flagOf(data, "recommission", before.recommission),
    applyConfiguredNetworking: flagOf(data, "apply_configured_networking", before.applyConfiguredNetworking),
    ...(embedded === undefined ? {} : { results, parameters }),
  };
  if (current?.isDefault && !errors.any)
    for (const field of editable)
      if (data.has(field) && !editableOfDefaults.has(field))
        errors.add(field, "Not allowed to change on default scripts.");
  errors.throwIfAny();
  const script: Script = Object.assign(current ?? { ...fresh, id: nextId(state, "script") }, changes);
  state.scripts[script.id] = script;
  if (content !== undefined) addVersion(state, script, content, textOf(data, "comment", ""), data.has("comment"));
  completeTags(script);
  return script;
}

/** The same text again is no new version. */
function addVersion(state: LabState, script: Script, text: string, comment: string, isCommented: boolean): void {
  const content = text.replaceAll("\r\n", "\n");
  if (script.history[0]?.content === content) return;
  const version = {
    id: nextId(state, "scriptVersion"),
    comment: isCommented ? comment : null,
    created: Date.now(),
    content,
  };
  script.history = [version, ...script.history];
}
