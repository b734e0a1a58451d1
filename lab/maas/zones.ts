/** Physical zones, keyed by name (facts: maas.md 2.10). */
import { FormErrors, readText } from "./form.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, json, notFound, refusal } from "./reply.ts";
import { byName } from "./specifier.ts";
import { nextId, type LabState, type Zone } from "./state.ts";
import { namePattern } from "./vlans.ts";

/** It may be renamed, so it is known by its id. */
export const defaultZoneId = 1;

export const renderZone = (zone: Zone): Record<string, unknown> => ({
  name: zone.name,
  description: zone.description,
  id: zone.id,
  resource_uri: `/MAAS/api/2.0/zones/${encodeURIComponent(zone.name)}/`,
});

export const zoneByName = (state: LabState, name: string): Zone | undefined =>
  Object.values(state.zones).find((zone) => zone.name === name);

function readZone(state: LabState, form: Fields, current: Zone | undefined): Omit<Zone, "id"> {
  const errors = new FormErrors();
  const name = readText(form, errors, "name", {
    current: current?.name,
    required: true,
    pattern: namePattern,
    max: 256,
  });
  const description = readText(form, errors, "description", { current: current?.description });
  const taken = zoneByName(state, name);
  if (taken && taken.id !== current?.id) errors.add("name", "Physical zone with this Name already exists.");
  errors.throwIfAny();
  return { name, description };
}

function zoneOr404(call: Call): Zone {
  const zone = zoneByName(call.state, call.params["name"] ?? "");
  if (!zone) throw notFound("Zone");
  return zone;
}

function create({ state, form }: Call) {
  const fields = readZone(state, form, undefined);
  const zone: Zone = { id: nextId(state, "zone"), ...fields };
  state.zones[zone.id] = zone;
  return json(renderZone(zone));
}

function update(call: Call) {
  const zone = zoneOr404(call);
  Object.assign(zone, readZone(call.state, call.form, zone));
  return json(renderZone(zone));
}

/** Deleting a zone that isn't there is a success. Its nodes move to the default zone. */
function remove({ state, params }: Call) {
  const zone = zoneByName(state, params["name"] ?? "");
  if (!zone) return deleted();
  if (zone.id === defaultZoneId) throw refusal(400, "This zone is the default zone, it cannot be deleted.");
  const nodes = [...Object.values(state.machines), ...Object.values(state.controllers)];
  for (const node of nodes) if (node.zoneId === zone.id) node.zoneId = defaultZoneId;
  Reflect.deleteProperty(state.zones, zone.id);
  return deleted();
}

export const zoneOperations: Operation[] = [
  {
    method: "GET",
    path: "zones/",
    access: "user",
    handle: ({ state }) => json(byName(Object.values(state.zones)).map(renderZone)),
  },
  { method: "POST", path: "zones/", access: "admin", handle: create },
  { method: "GET", path: "zones/:name/", access: "user", handle: (call) => json(renderZone(zoneOr404(call))) },
  { method: "PUT", path: "zones/:name/", access: "admin", handle: update },
  { method: "DELETE", path: "zones/:name/", access: "admin", handle: remove },
];
