/**
 * Auto mode: machines move on by themselves, on a clock that runs `timeScale` times as fast as real time. When a step is
 * due is part of the state, so a lab that is started again goes on where time has brought its machines meanwhile.
 */
import { pace, planOf } from "./maas/activities.ts";
import type { Machine } from "./maas/machine-state.ts";
import type { LabState } from "./maas/state.ts";

export interface AutomationOptions {
  /** The current state, to look at; a reset replaces it, so ask each time. */
  state: () => LabState;
  /** The same, to write. */
  writable: () => LabState;
  /** To be called after every change made outside a request. */
  changed: () => Promise<void>;
  /** Simulated seconds per real second. */
  timeScale: number;
  /** Where faults of the lab go. */
  warn?: (line: string) => void;
}

export interface Automation {
  stop(): void;
}

/** Real milliseconds between looks at the machines: how late a step may be seen. */
const LOOK_MS = 20;

export function startAutomation(options: AutomationOptions): Automation {
  const timer = setInterval(() => {
    try {
      const now = Date.now() * options.timeScale;
      if (isSomethingDue(options.state(), now) && advance(options.writable(), now)) {
        options.changed().catch((error: unknown) => options.warn?.(`The lab's state was not saved: ${String(error)}`));
      }
    } catch (error) {
      options.warn?.(
        `The lab's automation failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
      );
    }
  }, LOOK_MS);
  timer.unref();
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}

const isSomethingDue = (state: LabState, now: number): boolean =>
  Object.values(state.machines).some((machine) => isDue(machine, now));

/** Whether time has brought this machine anything: a step to end or to begin, or a plan to drop. */
function isDue(machine: Machine, now: number): boolean {
  const plan = planOf(machine);
  const { activity } = machine;
  if (!plan) return activity !== null;
  return activity?.plan !== plan.name || activity.until <= now || activity.started > now;
}

/**
 * Brings every machine to the moment `now` (lab milliseconds); true when something changed. All steps that are due by then
 * are taken, in each machine's own order.
 */
export function advance(state: LabState, now: number): boolean {
  let changed = false;
  for (const machine of Object.values(state.machines))
    if (isDue(machine, now)) changed = advanceMachine(state, machine, now) || changed;
  return changed;
}

/** More steps than any plan has: a plan that never ends is a fault of the lab, not a reason to hang. */
const MOST_STEPS = 200;

function advanceMachine(state: LabState, machine: Machine, now: number): boolean {
  let changed = false;
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const plan = planOf(machine);
    if (!plan) {
      changed ||= machine.activity !== null;
      machine.activity = null;
      return changed;
    }
    if (machine.activity?.plan !== plan.name) {
      // What follows by itself begins when the former ended, not when somebody looked.
      const started = machine.activity?.ended === true ? machine.activity.until : now;
      if (!begin(state, machine, plan.name, 0, started)) return true;
      changed = true;
    }
    // Started by a lab with another scale, whose clock was ahead of this one's.
    if (machine.activity && machine.activity.started > now)
      begin(state, machine, plan.name, machine.activity.step, now);
    const activity = machine.activity;
    if (activity === null || activity.until > now) return changed;
    const step = plan.plan(state, machine, activity.step);
    machine.ownMilliseconds += activity.until - activity.started;
    activity.ended = true;
    step?.end(state, machine);
    changed = true;
    if (planOf(machine)?.name === plan.name && !begin(state, machine, plan.name, activity.step + 1, activity.until))
      return true;
  }
  return changed;
}

/** Starts a step; false when the plan has no such step, so that the machine waits for somebody else. */
function begin(state: LabState, machine: Machine, plan: string, step: number, started: number): boolean {
  const next = planOf(machine)?.plan(state, machine, step);
  if (!next) {
    machine.activity = { plan, step, started, until: Number.MAX_SAFE_INTEGER };
    return false;
  }
  machine.activity = { plan, step, started, until: started + next.seconds * 1000 * pace(state, machine) };
  return true;
}
