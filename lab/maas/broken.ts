/** Broken and fixed: marking a machine as broken releases it on the way (facts: maas.md 2.8). */
import { machineFor } from "./access.ts";
import { committed } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { addRequest } from "./events.ts";
import { changeStatus, checkTransition, load, setOwner } from "./machine-status.ts";
import { releasable, status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { releaseQuietly } from "./release.ts";
import { forbidden, refusal } from "./reply.ts";

/** Only the owner may, administrator or not. */
function markBroken(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "edit");
  const user = caller(call);
  if (machine.ownerId !== user.id) throw forbidden();
  const comment = form.get("comment") || form.get("error_description") || "";
  if (!releasable.has(machine.status)) checkTransition(machine.status, status.broken);
  return committed(state, machine, (after) => {
    const loaded = load(machine);
    addRequest(state, machine, "requestBroken", user, "mark broken", comment);
    if (releasable.has(machine.status)) releaseQuietly(state, machine, after);
    changeStatus(loaded, status.broken);
    setOwner(machine, null);
    machine.errorDescription = comment;
  });
}

/** To Deployed where it was Deployed, although nothing of the deployment is left; else to Ready. */
function markFixed(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  if (machine.status !== status.broken) throw refusal(409, "Can't mark a non-broken node as 'Ready'.");
  return committed(state, machine, () => {
    addRequest(state, machine, "requestFixed", caller(call), "mark fixed", form.get("comment"));
    changeStatus(load(machine), machine.previousStatus === status.deployed ? status.deployed : status.ready);
    machine.errorDescription = "";
    machine.osystem = "";
    machine.distroSeries = "";
    machine.hweKernel = null;
    machine.installationSetId = null;
  });
}

export const brokenOperations: Operation[] = [
  { method: "POST", path: "machines/:system_id/", op: "mark_broken", access: "user", handle: markBroken },
  { method: "POST", path: "machines/:system_id/", op: "mark_fixed", access: "user", handle: markFixed },
];
