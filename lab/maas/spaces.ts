/** Spaces, with the stand-in "undefined" for VLANs that are in none (facts: maas.md 2.11). */
import { requireAdmin } from "./caller.ts";
import { FormErrors, readText } from "./form.ts";
import type { Space } from "./network-state.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import { namedOr404 } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";
import { renderSubnet } from "./subnets.ts";
import { renderVlan, wordPattern } from "./vlans.ts";

const undefinedSpace: Space = {
  id: -1,
  name: "undefined",
  description: "Backward compatibility object to ensure objects not associated with a space can be found.",
};

const meansUndefined = (id: string | undefined): boolean => id === "-1" || id === "undefined";

function renderSpace(state: LabState, space: Space): Record<string, unknown> {
  const spaceId = space.id === -1 ? null : space.id;
  const vlans = Object.values(state.vlans).filter((vlan) => vlan.spaceId === spaceId);
  const vlanIds = new Set(vlans.map((vlan) => vlan.id));
  return {
    description: space.description,
    resource_uri: `/MAAS/api/2.0/spaces/${space.id === -1 ? "undefined" : String(space.id)}/`,
    subnets: Object.values(state.subnets)
      .filter((subnet) => vlanIds.has(subnet.vlanId))
      .map((subnet) => renderSubnet(state, subnet)),
    vlans: vlans.map((vlan) => renderVlan(state, vlan)),
    id: space.id,
    name: space.name,
  };
}

function readSpace(state: LabState, form: Fields, current: Space | undefined): Omit<Space, "id"> {
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { current: current?.name, max: 256 });
  if (name !== "" && !wordPattern.test(name)) errors.add("name", `Invalid space name: ${name}.`);
  const description = readText(form, errors, "description", { current: current?.description });
  // A space may be called by its own number again (models/space.py, clean_name).
  const own = current && `space-${String(current.id)}`;
  const reserved = name === "undefined" || (/^space-\d+$/.test(name) && name !== own);
  if (reserved) errors.add("name", "Reserved space name.");
  const taken = Object.values(state.spaces).some((space) => space.name === name && space.id !== current?.id);
  if (name !== "" && taken) errors.add("name", "Space with this Name already exists.");
  errors.throwIfAny();
  return { name: name || (current?.name ?? ""), description };
}

const spaceOr404 = (call: Call): Space => namedOr404(call.state.spaces, call.params["id"] ?? "", "Space");

function list({ state }: Call) {
  const spaces = Object.values(state.spaces);
  const loose = Object.values(state.vlans).some((vlan) => vlan.spaceId === null);
  return json([...spaces, ...(loose ? [undefinedSpace] : [])].map((space) => renderSpace(state, space)));
}

function create(call: Call) {
  const fields = readSpace(call.state, call.form, undefined);
  const id = nextId(call.state, "space");
  const space: Space = { id, ...fields, name: fields.name || `space-${String(id)}` };
  call.state.spaces[id] = space;
  return json(renderSpace(call.state, space));
}

function update(call: Call) {
  if (meansUndefined(call.params["id"])) throw refusal(400, "Space cannot be modified: undefined");
  const space = spaceOr404(call);
  requireAdmin(call);
  Object.assign(space, readSpace(call.state, call.form, space));
  return json(renderSpace(call.state, space));
}

function remove(call: Call) {
  if (meansUndefined(call.params["id"])) throw refusal(400, "Space cannot be deleted: undefined");
  const space = spaceOr404(call);
  requireAdmin(call);
  for (const vlan of Object.values(call.state.vlans)) if (vlan.spaceId === space.id) vlan.spaceId = null;
  Reflect.deleteProperty(call.state.spaces, space.id);
  return deleted();
}

export const spaceOperations: Operation[] = [
  { method: "GET", path: "spaces/", access: "user", handle: list },
  { method: "POST", path: "spaces/", access: "admin", handle: create },
  {
    method: "GET",
    path: "spaces/:id/",
    access: "user",
    handle: (call) =>
      json(renderSpace(call.state, meansUndefined(call.params["id"]) ? undefinedSpace : spaceOr404(call))),
  },
  { method: "PUT", path: "spaces/:id/", access: "user", handle: update },
  { method: "DELETE", path: "spaces/:id/", access: "user", handle: remove },
];
