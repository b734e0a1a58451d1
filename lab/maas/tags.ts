/** Tags and which nodes carry them (facts: maas.md 2.10; transcript s05). */
import { caller, requireAdmin } from "./caller.ts";
import { renderController } from "./controllers.ts";
import { FormErrors, readText } from "./form.ts";
import { nodeById } from "./links.ts";
import { renderMachine } from "./machine-render.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, json, notFound, text } from "./reply.ts";
import { nextId, type LabState, type Tag } from "./state.ts";
import { isXPath } from "./xpath.ts";

const renderTag = (tag: Tag): Record<string, unknown> => ({
  name: tag.name,
  definition: tag.definition,
  comment: tag.comment,
  kernel_opts: tag.kernelOpts,
  resource_uri: `/MAAS/api/2.0/tags/${tag.name}/`,
});

export const tagByName = (state: LabState, name: string): Tag | undefined =>
  Object.values(state.tags).find((tag) => tag.name === name);

/** Machines and controllers by system_id. */
const taggedNode = (state: LabState, systemId: string): { tagIds: number[] } | undefined =>
  nodeById(state, systemId) ?? state.controllers[systemId];

const allNodes = (state: LabState): { tagIds: number[] }[] => [
  ...Object.values(state.machines),
  ...Object.values(state.devices),
  ...Object.values(state.controllers),
];

function readTag(state: LabState, form: Fields, current: Tag | undefined): Omit<Tag, "id"> {
  const errors = new FormErrors();
  const name = readText(form, errors, "name", {
    current: current?.name,
    required: true,
    pattern: /^[a-zA-Z0-9_.-]+$/,
    max: 256,
  });
  const comment = readText(form, errors, "comment", { current: current?.comment });
  const definition = readText(form, errors, "definition", { current: current?.definition });
  const kernelOpts = readText(form, errors, "kernel_opts", { current: current?.kernelOpts });
  if (definition !== "" && !isXPath(definition))
    errors.add("definition", "Invalid xpath expression: Invalid expression");
  const taken = tagByName(state, name);
  if (taken && taken.id !== current?.id) errors.add("name", "Tag with this Name already exists.");
  errors.throwIfAny();
  return { name, comment, definition, kernelOpts };
}

function tagOr404(call: Call): Tag {
  const tag = tagByName(call.state, call.params["name"] ?? "");
  if (!tag) throw notFound("Tag");
  return tag;
}

/** For writes MAAS asks for the permission before it looks whether the tag exists. */
function tagToEdit(call: Call): Tag {
  requireAdmin(call);
  return tagOr404(call);
}

function create(call: Call) {
  requireAdmin(call);
  const fields = readTag(call.state, call.form, undefined);
  const tag: Tag = { id: nextId(call.state, "tag"), ...fields };
  call.state.tags[tag.id] = tag;
  return json(renderTag(tag));
}

function update(call: Call) {
  const tag = tagToEdit(call);
  const before = tag.definition;
  Object.assign(tag, readTag(call.state, call.form, tag));
  if (tag.definition !== before) rebuild(call.state, tag);
  return json(renderTag(tag));
}

function remove(call: Call) {
  const { state } = call;
  const tag = tagToEdit(call);
  for (const node of allNodes(state)) node.tagIds = node.tagIds.filter((id) => id !== tag.id);
  Reflect.deleteProperty(state.tags, tag.id);
  return deleted();
}

/** An automatic tag is recomputed, which undoes what was set by hand. No machine of the lab matches any definition. */
function rebuild(state: LabState, tag: Tag): void {
  if (tag.definition === "") return;
  for (const node of allNodes(state)) node.tagIds = node.tagIds.filter((id) => id !== tag.id);
}

/** Counts nodes that were matched, not changes; an unknown system_id is passed over. */
function updateNodes(call: Call) {
  const { state, form } = call;
  const tag = tagToEdit(call);
  const definition = form.get("definition");
  if (definition !== undefined && definition !== tag.definition)
    return text(`Definition supplied '${definition}' doesn't match current definition '${tag.definition}'`, 409);
  const nodes = (name: string): { tagIds: number[] }[] =>
    [...new Set(form.all(name))].flatMap((systemId) => taggedNode(state, systemId) ?? []);
  const [added, removed] = [nodes("add"), nodes("remove")];
  for (const node of added) if (!node.tagIds.includes(tag.id)) node.tagIds.push(tag.id);
  for (const node of removed) node.tagIds = node.tagIds.filter((id) => id !== tag.id);
  return json({ added: added.length, removed: removed.length });
}

type NodeKind = "machines" | "nodes" | "devices" | "rack_controllers" | "region_controllers";

/** Whole objects, of those the caller may see. */
function taggedNodes(call: Call, kind: NodeKind) {
  const { state } = call;
  const user = caller(call);
  const tag = tagOr404(call);
  const carries = (node: { tagIds: number[] }): boolean => node.tagIds.includes(tag.id);
  const racks = user.isSuperuser ? Object.values(state.controllers).filter(carries) : [];
  const machines = Object.values(state.machines).filter(
    (machine) => carries(machine) && (user.isSuperuser || machine.ownerId === null || machine.ownerId === user.id),
  );
  const view = kind === "region_controllers" ? "regioncontrollers" : "rackcontrollers";
  return json([
    ...(kind === "machines" || kind === "devices" ? [] : racks.map((rack) => renderController(state, rack, view))),
    ...(kind === "machines" || kind === "nodes" ? machines.map((machine) => renderMachine(state, machine)) : []),
  ]);
}

const kinds = ["machines", "nodes", "devices", "rack_controllers", "region_controllers"] as const;

const path = "tags/:name/";

export const tagOperations: Operation[] = [
  {
    method: "GET",
    path: "tags/",
    access: "user",
    handle: ({ state }) => json(Object.values(state.tags).map(renderTag)),
  },
  { method: "POST", path: "tags/", access: "user", handle: create },
  { method: "GET", path, access: "user", handle: (call) => json(renderTag(tagOr404(call))) },
  { method: "PUT", path, access: "user", handle: update },
  { method: "DELETE", path, access: "user", handle: remove },
  ...kinds.map((op): Operation => ({
    method: "GET",
    path,
    op,
    access: "user",
    handle: (call) => taggedNodes(call, op),
  })),
  { method: "POST", path, op: "update_nodes", access: "user", handle: updateNodes },
  {
    method: "POST",
    path,
    op: "rebuild",
    access: "user",
    handle: (call) => {
      const tag = tagToEdit(call);
      rebuild(call.state, tag);
      return json({ rebuilding: tag.name });
    },
  },
];
