/** Fabrics; each is born with an untagged VLAN (facts: maas.md 2.11). */
import { requireAdmin } from "./caller.ts";
import { FormErrors, readText } from "./form.ts";
import { formatNetwork, parseNetwork } from "./ip-address.ts";
import type { Fabric } from "./network-state.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import { namedOr404 } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";
import { namePattern, newVlan, wordPattern, renderVlan, vlansOf } from "./vlans.ts";

const renderFabric = (state: LabState, fabric: Fabric): Record<string, unknown> => ({
  class_type: fabric.classType,
  vlans: vlansOf(state, fabric.id).map((vlan) => renderVlan(state, vlan)),
  id: fabric.id,
  name: fabric.name,
  resource_uri: `/MAAS/api/2.0/fabrics/${String(fabric.id)}/`,
});

export const fabricOr404 = (call: Call): Fabric =>
  namedOr404(call.state.fabrics, call.params["fabric_id"] ?? call.params["id"] ?? "", "Fabric");

function readFabric(state: LabState, form: Fields, current: Fabric | undefined): Omit<Fabric, "id"> {
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { current: current?.name, max: 256 });
  if (name !== "" && !wordPattern.test(name)) errors.add("name", `Invalid fabric name: ${name}.`);
  const description = readText(form, errors, "description", { current: current?.description });
  const classType = readText(form, errors, "class_type", {
    current: current?.classType ?? undefined,
    pattern: namePattern,
    max: 256,
  });
  // A fabric may be called by its own number again (models/fabric.py, clean_name).
  const own = current && `fabric-${String(current.id)}`;
  if (/^fabric-\d+$/.test(name) && name !== own) errors.add("name", "Reserved fabric name.");
  const taken = Object.values(state.fabrics).some((fabric) => fabric.name === name && fabric.id !== current?.id);
  if (name !== "" && taken) errors.add("name", "Fabric with this Name already exists.");
  errors.throwIfAny();
  // An empty name changes nothing.
  return { name: name || (current?.name ?? ""), description, classType: classType || null };
}

function create(call: Call) {
  const { state } = call;
  const fields = readFabric(state, call.form, undefined);
  const id = nextId(state, "fabric");
  const fabric: Fabric = { id, ...fields, name: fields.name || `fabric-${String(id)}` };
  state.fabrics[id] = fabric;
  newVlan(state, id);
  return json(renderFabric(state, fabric));
}

function update(call: Call) {
  const fabric = fabricOr404(call);
  requireAdmin(call);
  Object.assign(fabric, readFabric(call.state, call.form, fabric));
  return json(renderFabric(call.state, fabric));
}

function remove(call: Call) {
  const { state } = call;
  const fabric = fabricOr404(call);
  requireAdmin(call);
  if (fabric.id === 0) throw refusal(400, "This fabric is the default fabric, it cannot be deleted.");
  const vlanIds = new Set(vlansOf(state, fabric.id).map((vlan) => vlan.id));
  const cidrs = Object.values(state.subnets)
    .filter((subnet) => vlanIds.has(subnet.vlanId))
    .map((subnet) => subnet.cidr)
    .toSorted(compareNetworks);
  if (cidrs.length > 0)
    throw refusal(400, `Can't delete fabric; the following subnets are still present: ${cidrs.join(", ")}`);
  const connected = Object.values(state.interfaces)
    .filter((nic) => nic.vlanId !== null && vlanIds.has(nic.vlanId))
    .map((nic) => `${nic.name} (${nic.type}) on ${state.machines[nic.systemId]?.hostname ?? nic.systemId}`);
  if (connected.length > 0)
    throw refusal(
      400,
      `Can't delete fabric; the following interfaces are still connected: ${connected.sort().join(", ")}`,
    );
  for (const id of vlanIds) Reflect.deleteProperty(state.vlans, id);
  Reflect.deleteProperty(state.fabrics, fabric.id);
  return deleted();
}

function compareNetworks(a: string, b: string): number {
  const [left, right] = [parseNetwork(a), parseNetwork(b)];
  if (!left || !right) return a.localeCompare(b);
  if (left.version !== right.version) return left.version - right.version;
  if (left.first !== right.first) return left.first < right.first ? -1 : 1;
  return formatNetwork(left).localeCompare(formatNetwork(right));
}

export const fabricOperations: Operation[] = [
  {
    method: "GET",
    path: "fabrics/",
    access: "user",
    handle: ({ state }) => json(Object.values(state.fabrics).map((fabric) => renderFabric(state, fabric))),
  },
  { method: "POST", path: "fabrics/", access: "admin", handle: create },
  {
    method: "GET",
    path: "fabrics/:id/",
    access: "user",
    handle: (call) => json(renderFabric(call.state, fabricOr404(call))),
  },
  { method: "PUT", path: "fabrics/:id/", access: "user", handle: update },
  { method: "DELETE", path: "fabrics/:id/", access: "user", handle: remove },
];
