/** Changing a machine's status as MAAS saves it: transitions checked, the former status and the owner kept right. */
import type { Machine } from "./machine-state.ts";
import { mayFollow, status, statusName } from "./node-status.ts";
import { refusal } from "./reply.ts";

/**
 * A machine as one transaction of MAAS loaded it. `previous_status` and the clearing of the owner look at the status at load time,
 * not at the one before the change (facts: maas.md 3.6; what a failed power action leaves behind follows from it).
 */
export interface Loaded {
  machine: Machine;
  statusAtLoad: number;
}

export const load = (machine: Machine): Loaded => ({ machine, statusAtLoad: machine.status });

/** Statuses that testing and rescue mode pass through: they are nothing to go back to. */
const passing = new Set<number>([
  status.rescueMode,
  status.enteringRescueMode,
  status.failedEnteringRescueMode,
  status.exitingRescueMode,
  status.failedExitingRescueMode,
  status.testing,
]);

/** 409 `Invalid transition: X -> Y.` */
export function checkTransition(from: number, to: number): void {
  if (!mayFollow(from, to)) throw refusal(409, `Invalid transition: ${statusName(from)} -> ${statusName(to)}.`);
}

export function changeStatus(loaded: Loaded, to: number): void {
  checkTransition(loaded.machine.status, to);
  forceStatus(loaded, to);
}

/** Without looking at the transition table. */
export function forceStatus(loaded: Loaded, to: number): void {
  const { machine, statusAtLoad } = loaded;
  // What it did by itself belonged to the former status.
  if (machine.status !== to) machine.activity = null;
  machine.status = to;
  if (to === statusAtLoad) return;
  if (!passing.has(statusAtLoad)) machine.previousStatus = statusAtLoad;
  if (to === status.new || to === status.ready) setOwner(machine, null);
}

/** The key with which the machine talks to MAAS goes when the owner changes (facts: maas.md 7.1). */
export function setOwner(machine: Machine, ownerId: number | null): void {
  if (machine.ownerId === ownerId) return;
  machine.ownerId = ownerId;
  machine.token = null;
}
