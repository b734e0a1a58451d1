/** What every collection of nodes has: is_registered and set_zone. */
import { caller } from "./caller.ts";
import { FormErrors, invalidChoice, mandatory, requiredMessage } from "./form.ts";
import { nodeById } from "./links.ts";
import { status as nodeStatus } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { json } from "./reply.ts";
import type { LabState } from "./state.ts";
import { zoneByName } from "./zones.ts";

/** Whether a machine has an interface with this MAC; an anonymous caller doesn't learn of those that are being enlisted. */
function isRegistered({ state, query, user }: Call) {
  const mac = mandatory(query, "mac_address").trim().toLowerCase().replaceAll("-", ":");
  const hidden = user ? [nodeStatus.retired] : [nodeStatus.retired, nodeStatus.new, nodeStatus.commissioning];
  const known = Object.values(state.interfaces).some((nic) => {
    const now = state.machines[nic.systemId]?.status;
    return nic.mac === mac && now !== undefined && !hidden.some((one) => one === now);
  });
  return json(known);
}

const anyNode = (state: LabState, systemId: string): { zoneId: number } | undefined =>
  nodeById(state, systemId) ?? state.controllers[systemId];

/** All or nothing; only an administrator has nodes to move. */
function setZone(call: Call) {
  const { state, form } = call;
  const errors = new FormErrors();
  const ids = [...new Set(form.all("nodes"))];
  const nodes = caller(call).isSuperuser ? ids.flatMap((id) => anyNode(state, id) ?? []) : [];
  const zoneName = form.get("zone") ?? "";
  const zone = zoneByName(state, zoneName);
  if (ids.length === 0) errors.add("system_id", requiredMessage);
  else if (nodes.length !== ids.length) errors.add("system_id", "Some of the given system ids are invalid system ids.");
  if (!zone) errors.add("zone", zoneName === "" ? requiredMessage : invalidChoice);
  errors.throwIfAny();
  for (const node of nodes) if (zone) node.zoneId = zone.id;
  return json(null);
}

const collections = ["nodes/", "machines/", "devices/", "rackcontrollers/", "regioncontrollers/"];

export const nodeCollectionOperations: Operation[] = collections.flatMap((path): Operation[] => [
  {
    method: "GET",
    path,
    op: "is_registered",
    access: path === "nodes/" || path === "machines/" ? "anonymous" : "user",
    handle: isRegistered,
  },
  { method: "POST", path, op: "set_zone", access: "user", handle: setZone },
]);
