/** Commissioning, testing and release scripts: MAAS's own, to read; their tags can be changed (facts: maas.md 2.9). */
import { requireSuperuser } from "./boot-sources.ts";
import { mandatory } from "./form.ts";
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
const hardwareNames = ["Node", "CPU", "Memory", "Storage", "Network"];
const parallelNames = ["Disabled", "Run along other instances of this script", "Run along any other script."];

const typeWords: Record<string, number> = { commission: 0, commissioning: 0, test: 2, testing: 2, release: 3 };
const hardwareWords: Record<string, number> = {
  node: 0,
  controller: 0,
  other: 0,
  generic: 0,
  cpu: 1,
  processor: 1,
  memory: 2,
  ram: 2,
  storage: 3,
  disk: 3,
  network: 4,
  net: 4,
  interface: 4,
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

/** A number or a word; undefined when the filter was not sent. */
function readKind(query: Fields, name: string, known: Record<string, number>, refusalText: string): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  const numbers = new Set(Object.values(known));
  const value = isId(text) ? Number(text) : known[text.toLowerCase()];
  if (value === undefined || !numbers.has(value)) throw refusal(400, refusalText);
  return value;
}

const wantsContent = (query: Fields): boolean => {
  const text = query.get("include_script");
  return text !== undefined && text !== "" && text.toLowerCase() !== "false" && text !== "0";
};

function list({ state, query }: Call) {
  const type = readKind(query, "type", typeWords, "Script type must be commissioning, testing or release");
  const hardware = readKind(
    query,
    "hardware_type",
    hardwareWords,
    "Hardware type must be node, cpu, memory, storage, or network",
  );
  const filters = query.get("filters")?.split(",");
  const scripts = Object.values(state.scripts).filter(
    (script) =>
      (type === undefined || script.type === type) &&
      (hardware === undefined || script.hardwareType === hardware) &&
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
