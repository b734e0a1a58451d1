/** Commissioning, testing and release scripts: MAAS's own, of which tags and timeout can be changed, and uploaded ones (facts: maas.md 2.9). */
import { requireSuperuser } from "./boot-sources.ts";
import { mandatory } from "./form.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, json, notFound, refusal } from "./reply.ts";
import { completeTags, saveScript } from "./script-edit.ts";
import { filterOf, hardwareTypes, isAsked, parallelKinds, scriptTypes } from "./script-kinds.ts";
import { isId } from "./specifier.ts";
import type { LabState, Script } from "./state.ts";
import { shortTime } from "./timestamp.ts";

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
    parallel_name: parallelKinds.names[script.parallel],
    id: script.id,
    history: script.history.map(({ id, comment, created, content }) => ({
      id,
      comment,
      created: shortTime(created),
      ...(withContent ? { data: Buffer.from(content).toString("base64") } : {}),
    })),
    type_name: scriptTypes.names[script.type],
    type: script.type,
    hardware_type_name: hardwareTypes.names[script.hardwareType],
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

function list({ state, query }: Call) {
  const type = filterOf(scriptTypes, query.get("type"));
  const hardwareType = filterOf(hardwareTypes, query.get("hardware_type"));
  const filters = query.get("filters")?.split(",");
  const scripts = Object.values(state.scripts).filter(
    (script) =>
      (type === undefined || script.type === type) &&
      (hardwareType === undefined || script.hardwareType === hardwareType) &&
      (!filters || filters.includes(script.name) || script.tags.some((tag) => filters.includes(tag))),
  );
  const content = isAsked(query.get("include_script"));
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
  completeTags(script);
  return json(renderScript(script, false));
}

function remove(call: Call) {
  const script = scriptOr404(call);
  if (script.isDefault) throw refusal(400, "Unable to delete default script");
  Reflect.deleteProperty(call.state.scripts, script.id);
  return deleted();
}

/** To the version with this id, or so many versions back when it is negative; the newer ones are gone then. */
function revert(call: Call) {
  const text = mandatory(call.form, "to");
  if (!/^-?\d+$/.test(text.trim())) throw refusal(400, "Invalid to: Please enter an integer value");
  const to = Number(text);
  const script = scriptOr404(call);
  if (script.isDefault) throw refusal(400, "Unable to revert default script");
  const index = to > 0 ? script.history.findIndex(({ id }) => id === to) : -to;
  if (index < 0) throw refusal(400, `${String(to)} not found in history`);
  if (index >= script.history.length) throw refusal(400, "Goes too far back.");
  script.history = script.history.slice(index);
  return json(renderScript(script, false));
}

const path = "scripts/:name";

export const scriptOperations: Operation[] = [
  { method: "GET", path: "scripts/", access: "user", handle: list },
  {
    method: "GET",
    path,
    access: "user",
    handle: (call) => json(renderScript(scriptOr404(call), isAsked(call.query.get("include_script")))),
  },
  { method: "GET", path, op: "download", access: "user", handle: download },
  {
    method: "POST",
    path: "scripts/",
    access: "admin",
    handle: ({ state, form }) => json(renderScript(saveScript(state, form), false)),
  },
  {
    method: "PUT",
    path,
    access: "admin",
    handle: (call) => json(renderScript(saveScript(call.state, call.form, scriptOr404(call)), false)),
  },
  { method: "POST", path, op: "revert", access: "admin", handle: revert },
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
