/** Devices: what has addresses in MAAS's networks and nothing else of it (src/maasserver/api/devices.py, DeviceForm). */
import { may } from "./access.ts";
import { annotationsAfter } from "./annotations.ts";
import { caller, requireAdmin } from "./caller.ts";
import { FormErrors, invalidChoice } from "./form.ts";
import { deleteInterface, interfacesOf, nodeById, setInitialNetworking } from "./links.ts";
import { readMachineForm, type MachineDraft } from "./machine-form.ts";
import { renderMachine } from "./machine-render.ts";
import type { Device } from "./machine-state.ts";
import { addInterfaces, newNode } from "./new-machine.ts";
import { filteredNodes } from "./node-list.ts";
import { status } from "./node-status.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, forbidden, json, notFound, refusal } from "./reply.ts";
import type { LabState, User } from "./state.ts";

const shown = [
  ...["system_id", "hostname", "description", "domain", "fqdn", "owner", "owner_data", "tag_names", "address_ttl"],
  ...["ip_addresses", "interface_set", "zone", "workload_annotations"],
] as const;

export function renderDevice(state: LabState, device: Device): Record<string, unknown> {
  const all = renderMachine(state, device);
  return {
    ...Object.fromEntries(shown.map((name) => [name, all[name]])),
    parent: device.parent,
    node_type: 1,
    node_type_name: "Device",
    resource_uri: `/MAAS/api/2.0/devices/${device.systemId}/`,
  };
}

export const visibleDevices = (state: LabState, user: User): Device[] =>
  Object.values(state.devices).filter((device) => may(user, device, "view"));

type Permission = "view" | "edit" | "admin";

function deviceFor(call: Call, permission: Permission): Device {
  const device = call.state.devices[call.params["system_id"] ?? ""];
  if (!device) throw notFound("Device");
  if (!may(caller(call), device, permission)) throw forbidden();
  return device;
}

/** Zone and description are for everyone here; the parent is a node by its system_id. */
function readDevice({ state, form }: Call, current?: Device): { draft: MachineDraft; parent: string | null } {
  const draft = readMachineForm(state, form, { isAdmin: true, isDevice: true, ...(current ? { current } : {}) });
  const errors = new FormErrors();
  const sent = form.get("parent");
  const parent = sent ?? current?.parent ?? "";
  if (parent !== "" && !nodeById(state, parent) && !state.controllers[parent]) errors.add("parent", invalidChoice);
  errors.throwIfAny();
  return { draft, parent: parent === "" ? null : parent };
}

/** Without a domain of its own it gets its parent's. */
const domainOf = (state: LabState, form: Fields, domainId: number, parent: string | null): number =>
  (form.has("domain") || parent === null ? undefined : nodeById(state, parent)?.domainId) ?? domainId;

function create(call: Call) {
  const { state, form } = call;
  const user = caller(call);
  const { draft, parent } = readDevice(call);
  const device: Device = { ...newNode(state, draft), parent, ownerId: user.id, status: status.ready };
  device.domainId = domainOf(state, form, draft.domainId, parent);
  state.devices[device.systemId] = device;
  addInterfaces(state, device, draft.macs);
  return json(renderDevice(state, device));
}

function update(call: Call) {
  const { state } = call;
  const device = deviceFor(call, "edit");
  const { draft, parent } = readDevice(call, device);
  const { hostname, domainId, zoneId, description } = draft;
  Object.assign(device, { hostname, domainId, zoneId, description, parent });
  return json(renderDevice(state, device));
}

function remove(call: Call) {
  const { state } = call;
  removeDevice(state, deviceFor(call, "edit"));
  return deleted();
}

export function removeDevice(state: LabState, device: Device): void {
  for (const nic of interfacesOf(state, device)) if (state.interfaces[nic.id]) deleteInterface(state, nic);
  Reflect.deleteProperty(state.devices, device.systemId);
}

function restore(call: Call) {
  const device = deviceFor(call, "admin");
  setInitialNetworking(call.state, device);
  return json(renderDevice(call.state, device));
}

function annotate(call: Call) {
  const device = deviceFor(call, "edit");
  if (device.ownerId !== caller(call).id)
    throw refusal(409, "Cannot set workload annotation: it hasn't been acquired.");
  device.annotations = annotationsAfter(device, call.form);
  return json(renderDevice(call.state, device));
}

/** A device has no power at all. */
function powerParameters(call: Call) {
  requireAdmin(call);
  deviceFor(call, "view");
  return json({});
}

const path = "devices/:system_id/";
const post = (op: string, handle: Operation["handle"]): Operation => ({
  method: "POST",
  path,
  op,
  access: "user",
  handle,
});

export const deviceOperations: Operation[] = [
  {
    method: "GET",
    path: "devices/",
    access: "user",
    handle: (call) => {
      const { state } = call;
      return json(filteredNodes(call, visibleDevices(state, caller(call))).map((row) => renderDevice(state, row)));
    },
  },
  { method: "POST", path: "devices/", access: "user", handle: create },
  {
    method: "GET",
    path,
    access: "user",
    handle: (call) => json(renderDevice(call.state, deviceFor(call, "view"))),
  },
  { method: "PUT", path, access: "user", handle: update },
  { method: "DELETE", path, access: "user", handle: remove },
  { method: "GET", path, op: "power_parameters", access: "user", handle: powerParameters },
  post("restore_networking_configuration", restore),
  post("restore_default_configuration", restore),
  post("set_workload_annotations", annotate),
  post("set_owner_data", annotate),
];
