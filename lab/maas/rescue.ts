/** Rescue mode: in by a power cycle, out to where the machine was (facts: maas.md 2.8). */
import { machineFor } from "./access.ts";
import { committed } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { addEvent, addRequest } from "./events.ts";
import { changeStatus, checkTransition, forceStatus, load, setOwner } from "./machine-status.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { controlPower, isControllable, requirePowerType } from "./power.ts";

/** The cycle is asked of the driver even for a manual machine, whose power then counts as on. */
function enterRescue(call: Call) {
  const { state } = call;
  const machine = machineFor(call, "admin");
  const user = caller(call);
  requirePowerType(machine);
  checkTransition(machine.status, status.enteringRescueMode);
  return committed(state, machine, (after) => {
    const before = machine.status;
    addRequest(state, machine, "requestRescue", user, "start rescue mode");
    changeStatus(load(machine), status.enteringRescueMode);
    setOwner(machine, user.id);
    addEvent(state, machine, "enteringRescueMode");
    after.add(() => {
      try {
        controlPower(state, machine, "cycle");
      } catch (error) {
        forceStatus(load(machine), before);
        throw error;
      }
    });
  });
}

function exitRescue(call: Call) {
  const { state } = call;
  const machine = machineFor(call, "admin");
  checkTransition(machine.status, status.exitingRescueMode);
  return committed(state, machine, (after) => {
    const loaded = load(machine);
    const back = machine.previousStatus;
    addRequest(state, machine, "requestExitRescue", caller(call), "stop rescue mode");
    changeStatus(loaded, status.exitingRescueMode);
    if ((back === status.ready || back === status.broken) && isControllable(machine))
      after.add(() => {
        controlPower(state, machine, "off");
      });
    if (back === status.deployed)
      after.add(() => {
        controlPower(state, machine, "cycle");
      });
    // A power state that cannot be asked for is not waited for.
    if (!isControllable(machine)) {
      if (back !== status.deployed) setOwner(machine, null);
      changeStatus(loaded, back);
    }
  });
}

export const rescueOperations: Operation[] = [
  { method: "POST", path: "machines/:system_id/", op: "rescue_mode", access: "user", handle: enterRescue },
  { method: "POST", path: "machines/:system_id/", op: "exit_rescue_mode", access: "user", handle: exitRescue },
];
