/** nodes/: machines and controllers together (facts: maas.md 2.2). */
import { caller, requireAdmin } from "./caller.ts";
import { renderController } from "./controllers.ts";
import { renderMachine } from "./machine-render.ts";
import type { Machine } from "./machine-state.ts";
import type { Call, Operation } from "./operation.ts";
import { forbidden, json, notFound } from "./reply.ts";
import type { User } from "./state.ts";

const isVisible = (user: User, machine: Machine): boolean =>
  user.isSuperuser || machine.ownerId === null || machine.ownerId === user.id;

function list(call: Call) {
  const { state, query } = call;
  const user = caller(call);
  const [ids, hostnames] = [query.all("id"), query.all("hostname")];
  const wanted = (node: { systemId: string; hostname: string }): boolean =>
    (ids.length === 0 || ids.includes(node.systemId)) && (hostnames.length === 0 || hostnames.includes(node.hostname));
  const racks = user.isSuperuser ? Object.values(state.controllers).filter(wanted) : [];
  const machines = Object.values(state.machines).filter((machine) => isVisible(user, machine) && wanted(machine));
  return json([
    ...racks.map((rack) => renderController(state, rack, "rackcontrollers")),
    ...machines.map((machine) => renderMachine(state, machine)),
  ]);
}

function read(call: Call) {
  const { state, params } = call;
  const systemId = params["system_id"] ?? "";
  const rack = state.controllers[systemId];
  if (rack) {
    requireAdmin(call);
    return json(renderController(state, rack, "rackcontrollers"));
  }
  const machine = state.machines[systemId];
  if (!machine) throw notFound("Node");
  if (!isVisible(caller(call), machine)) throw forbidden();
  return json(renderMachine(state, machine));
}

export const nodeOperations: Operation[] = [
  { method: "GET", path: "nodes/", access: "user", handle: list },
  { method: "GET", path: "nodes/:system_id/", access: "user", handle: read },
];
