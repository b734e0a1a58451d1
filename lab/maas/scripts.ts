/** Commissioning, testing and release scripts: MAAS's own, to read; their tags can be changed (facts: maas.md 2.9). */
import { requireSuperuser } from "./boot-sources.ts";
import { FormErrors, mandatory } from "./form.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { json, notFound, refusal } from "./reply.ts";
import { isId } from "./specifier.ts";
import type { LabState, Script } from "./state.ts";
import { shortTime } from "./timestamp.ts";

const typeNames: Record<number, string> = {
  0: "Commissioning script",
  2: "Testing script",
  3: "Release script",
};
const hardwareNames = ["Node", "CPU", "Memory", "Storage", "Network", "GPU"];
const parallelNames = ["Disabled", "Run along other instances of this script", "Run along any other script."];

const typeWords: Record<string, number> = { commission: 0, commissioning: 0, test: 2, testing: 2, release: 3 };
const hardwareWords: Record<string, number> = {
  node: 0,
  machine: 0,
  controller: 0,
  other: 0,
  generic: 0,
  cpu: 1,
  processor: 1,
  memory: 2,
  ram: 2,
  storage: 3,
  disk: 3,
  ssd: 3,
  network: 4,
  net: 4,
  interface: 4,
  gpu: 5,
  graphics: 5,
};

function renderScript(script: Script, withContent: boolean): Record<string, unknown> {
  return {
    name: script.name,
    title: script.title,
    description: script.description,
    tags: script.tags,
    hardware_type: script.hardwareType,
    parallel: script.parallel,
    results: script.results,
    parameters: script.parameters,
    packages: script.packages,
    timeout: script.timeout,
    destructive: script.destructive,
    default: script.isDefault,
    for_hardware: script.forHardware,
    may_reboot: script.mayReboot,
    recommission: script.recommission,
    apply_configured_networking: script.applyConfiguredNetworking,
    parallel_name: parallelNames[script.parallel],
    id: script.id,
    history: script.history.map(({ id, comment, created, content }) => ({
      id,
      comment,
      created: shortTime(created),
      ...(withContent ? { data: Buffer.from(content).toString("base64") } : {}),
    })),
    type_name: typeNames[script.type],
    type: script.type,
    hardware_type_name: hardwareNames[script.hardwareType],
    resource_uri: `/MAAS/api/2.0/scripts/${script.name}`,
  };
}

/** By id when the text is a number, else by name. */
export const findScript = (state: LabState, name: string): Script | undefined =>
  isId(name) ? state.scripts[Number(name)] : Object.values(state.scripts).find((script) => script.name === name);

function scriptOr404(call: Call): Script {
  const script = findScript(call.state, call.params["name"] ?? "");
  if (!script) throw notFound("Script");
  return script;
}

interface Kind {
  words: Record<string, number>;
  /** What MAAS says to another word. */
  refusal: string;
  /** In "Invalid NOUN numeric value." */
  noun: string;
}

const types: Kind = {
  words: typeWords,
  refusal: "Script type must be commissioning, testing or release",
  noun: "script type",
};

const hardware: Kind = {
  words: hardwareWords,
  refusal: "Hardware type must be node, cpu, memory, storage, or gpu",
  noun: "hardware type",
};

/** A number or a word; undefined when the filter was not sent. */
function readKind(query: Fields, name: string, kind: Kind): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  if (isId(text) && !Object.values(kind.words).includes(Number(text)))
    throw refusal(400, `Invalid ${kind.noun} numeric value.`);
  const value = isId(text) ? Number(text) : kind.words[text.toLowerCase()];
  if (value === undefined) throw refusal(400, kind.refusal);
  return value;
}

const wantsContent = (query: Fields): boolean => {
  const text = query.get("include_script");
  return text !== undefined && text !== "" && text.toLowerCase() !== "false" && text !== "0";
};

function list({ state, query }: Call) {
  const type = readKind(query, "type", types);
  const hardwareType = readKind(query, "hardware_type", hardware);
  const filters = query.get("filters")?.split(",");
  const scripts = Object.values(state.scripts).filter(
    (script) =>
      (type === undefined || script.type === type) &&
      (hardwareType === undefined || script.hardwareType === hardwareType) &&
      (!filters || filters.includes(script.name) || script.tags.some((tag) => filters.includes(tag))),
  );
  const content = wantsContent(query);
  return json(scripts.map((script) => renderScript(script, content)));
}

function download(call: Call) {
  const script = scriptOr404(call);
  const revision = call.query.get("revision") ?? call.query.get("rev");
  const version =
    revision === undefined ? script.history[0] : script.history.find((one) => String(one.id) === revision);
  if (!version) throw refusal(400, `${revision ?? ""} not found in history`);
  return { status: 200, contentType: "application/binary", body: version.content };
}

function changeTag(call: Call, change: (tags: string[], tag: string) => string[]) {
  const tag = mandatory(call.form, "tag");
  if (tag.includes(",")) throw refusal(400, 'Tag may not contain a ",".');
  const script = scriptOr404(call);
  script.tags = change(script.tags, tag);
  return json(renderScript(script, false));
}

/** Of MAAS's own scripts only tags and timeout may be changed. */
const fixedFields = [
  ...["name", "title", "description", "script_type", "hardware_type", "parallel", "packages", "destructive", "script"],
  ...["for_hardware", "may_reboot", "recommission", "apply_configured_networking"],
];

function update(call: Call) {
  const { form } = call;
  const script = scriptOr404(call);
  const errors = new FormErrors();
  const sent = new Set(form.names().map((name) => (name === "type" ? "script_type" : name)));
  for (const field of fixedFields) if (sent.has(field)) errors.add(field, "Not allowed to change on default scripts.");
  const timeout = form.has("timeout") ? duration(form.get("timeout") ?? "") : script.timeout;
  if (timeout === undefined) errors.add("timeout", "Enter a valid duration.");
  errors.throwIfAny();
  script.timeout = timeout ?? script.timeout;
  const tags = form.get("tags");
  if (tags !== undefined) script.tags = tags.split(",").filter(Boolean);
  return json(renderScript(script, false));
}

/** Seconds, or H:MM:SS, as MAAS prints it. */
function duration(text: string): string | undefined {
  const parts = /^(?:(\d+):)?(?:(\d+):)?(\d+)$/.exec(text.trim());
  if (!parts) return undefined;
  const numbers = parts.slice(1).filter(Boolean).map(Number);
  const seconds = numbers.reduce((sum, number) => sum * 60 + number, 0);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${String(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function remove(call: Call): never {
  scriptOr404(call);
  throw refusal(400, "Unable to delete default script");
}

const path = "scripts/:name";

export const scriptOperations: Operation[] = [
  { method: "GET", path: "scripts/", access: "user", handle: list },
  {
    method: "GET",
    path,
    access: "user",
    handle: (call) => json(renderScript(scriptOr404(call), wantsContent(call.query))),
  },
  { method: "GET", path, op: "download", access: "user", handle: download },
  { method: "PUT", path, access: "admin", handle: update },
  { method: "DELETE", path, access: "admin", handle: remove },
  {
    method: "POST",
    path,
    op: "add_tag",
    access: "admin",
    handle: (call) => changeTag(call, (tags, tag) => (tags.includes(tag) ? tags : [...tags, tag])),
  },
  {
    method: "POST",
    path,
    op: "remove_tag",
    access: "admin",
    handle: (call) => changeTag(call, (tags, tag) => tags.filter((one) => one !== tag)),
  },
  {
    method: "GET",
    path: "commissioning-scripts/",
    access: "user",
    handle: (call) => {
      requireSuperuser(call);
      const names = Object.values(call.state.scripts)
        .filter((script) => script.type === 0)
        .map((script) => script.name);
      return json(names.sort());
    },
  },
];
