/** Talking to a BMC: at once, as the region does it inside the request (facts: maas.md 2.5, 3.6, trap 14). */
import { addEvent } from "./events.ts";
import { releaseInterfaces } from "./links.ts";
import type { Machine, PowerState } from "./machine-state.ts";
import { changeStatus, load, setOwner } from "./machine-status.ts";
import { status } from "./node-status.ts";
import { finalizeRelease } from "./release-steps.ts";
import { refusal } from "./reply.ts";
import { bmcFault } from "./sentinels.ts";
import type { LabState } from "./state.ts";

export type PowerAction = "on" | "off" | "cycle" | "query";

/** MAAS controls every type but "manual"; a type that is not set is a 500 where it matters. */
export const isControllable = (machine: Machine): boolean => machine.powerType !== "" && machine.powerType !== "manual";

/** 500 for a machine whose power type was never set. */
export function requirePowerType(machine: Machine): void {
  if (machine.powerType === "")
    throw refusal(500, "Unconfigured power type. Please configure the power type and try again.");
}

const powerEvents = {
  on: { starting: "poweringOn", failed: "powerOnFailed" },
  off: { starting: "poweringOff", failed: "powerOffFailed" },
  cycle: { starting: "powerCycling", failed: "powerCycleFailed" },
} as const;

/**
 * Throws 500 or 503 where the BMC is a sentinel's. Returns the state the BMC then tells. In auto mode a machine that is told to go off
 * does so a while later (activities.ts), and the event log tells of the action; in explicit mode both are as the recordings have them,
 * whose power driver was at once and silent.
 */
export function controlPower(state: LabState, machine: Machine, action: PowerAction): PowerState {
  const fault = bmcFault(machine);
  if (fault) {
    const { text } = fault;
    if (state.selfRunning && action !== "query")
      addEvent(state, machine, powerEvents[action].failed, { description: text });
    throw refusal(fault.status, text, fault.retryAfter ? { "Retry-After": fault.retryAfter } : {});
  }
  if (action === "cycle" || (action === "on" && (machine.powerState !== "on" || machine.stopping)))
    machine.boots = (machine.boots ?? 0) + 1;
  if (state.selfRunning && action !== "query") {
    addEvent(state, machine, powerEvents[action].starting);
    machine.stopping = action === "off" && machine.powerState !== "off";
    if (machine.stopping || machine.status === status.exitingRescueMode) return machine.powerState;
  }
  const told: PowerState = action === "query" ? machine.powerState : action === "off" ? "off" : "on";
  updatePowerState(state, machine, told);
  return told;
}

/** Statuses in which the addresses of a deployment stay although the power is off. */
const keepsAddresses = new Set<number>([
  status.commissioning,
  status.deployed,
  status.deploying,
  status.diskErasing,
  status.rescueMode,
  status.enteringRescueMode,
  status.testing,
]);

/** What MAAS does when it learns the power: ends a release, ends a rescue, frees addresses. */
export function updatePowerState(state: LabState, machine: Machine, powerState: PowerState): void {
  const loaded = load(machine);
  const changed = machine.powerState !== powerState;
  machine.stopping &&= powerState !== "off";
  machine.powerState = powerState;
  if (machine.status === status.releasing && powerState === "off") finalizeRelease(state, loaded);
  else if (machine.status === status.exitingRescueMode) endRescue(state, machine, powerState);
  if (changed && powerState === "off" && !keepsAddresses.has(machine.status)) releaseInterfaces(state, machine);
}

function endRescue(state: LabState, machine: Machine, powerState: PowerState): void {
  const loaded = load(machine);
  const wasDeployed = machine.previousStatus === status.deployed;
  if (powerState !== (wasDeployed ? "on" : "off")) {
    addEvent(state, machine, "failedExitingRescueMode");
    changeStatus(loaded, status.failedExitingRescueMode);
    return;
  }
  changeStatus(loaded, machine.previousStatus);
  if (!wasDeployed) setOwner(machine, null);
  addEvent(state, machine, "exitedRescueMode");
}
