/** nodes/: devices, machines and controllers together (facts: maas.md 2.2). */
import { machineFor, visibleMachines } from "./access.ts";
import { caller, requireAdmin } from "./caller.ts";
import { renderController } from "./controllers.ts";
import { removeDevice, renderDevice, visibleDevices } from "./devices.ts";
import { renderMachine } from "./machine-render.ts";
import { removeMachine } from "./new-machine.ts";
import { filteredNodes } from "./node-list.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";

/** The one controller is told by id and host name alone. */
function list(call: Call) {
  const { state, query } = call;
  const user = caller(call);
  const devices = filteredNodes(call, visibleDevices(state, user));
  const machines = filteredNodes(call, visibleMachines(state, user));
  const [ids, hostnames] = [query.all("id"), query.all("hostname")];
  const racks = user.isSuperuser ? Object.values(state.controllers) : [];
  const wanted = racks.filter(
    ({ systemId, hostname }) =>
      (ids.length === 0 || ids.includes(systemId)) && (hostnames.length === 0 || hostnames.includes(hostname)),
  );
  return json([
    ...devices.map((device) => renderDevice(state, device)),
    ...machines.map((machine) => renderMachine(state, machine)),
    ...wanted.map((rack) => renderController(state, rack, "rackcontrollers")),
  ]);
}

function read(call: Call) {
  const { state, params } = call;
  const rack = state.controllers[params["system_id"] ?? ""];
  if (rack) {
    requireAdmin(call);
    return json(renderController(state, rack, "rackcontrollers"));
  }
  const node = machineFor(call, "view", "Node");
  const device = state.devices[node.systemId];
  return json(device ? renderDevice(state, device) : renderMachine(state, node));
}

function remove(call: Call) {
  const { state, params } = call;
  if (state.controllers[params["system_id"] ?? ""])
    throw refusal(501, "Not simulated by the lab: the only controller cannot go");
  const node = machineFor(call, "admin", "Node");
  const device = state.devices[node.systemId];
  if (device) removeDevice(state, device);
  else removeMachine(state, node);
  return deleted();
}

function powerParameters(call: Call) {
  requireAdmin(call);
  if (call.state.controllers[call.params["system_id"] ?? ""]) return json({});
  return json(machineFor(call, "adminRead", "Node").powerParameters);
}

const path = "nodes/:system_id/";

export const nodeOperations: Operation[] = [
  { method: "GET", path: "nodes/", access: "user", handle: list },
  { method: "GET", path, access: "user", handle: read },
  { method: "DELETE", path, access: "user", handle: remove },
  { method: "GET", path, op: "power_parameters", access: "user", handle: powerParameters },
];
