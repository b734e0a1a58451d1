/** Auto mode: machines move on by themselves. When a step is due is part of the state, in the lab's own time (clock.ts). */
import type { LabClock } from "./clock.ts";
import { planOf, type Plan } from "./maas/activities.ts";
import { advanceImport, isImportDue } from "./maas/image-import.ts";
import type { Activity, Machine } from "./maas/machine-state.ts";
import { pace } from "./maas/phase-times.ts";
import type { LabState } from "./maas/state.ts";

export interface AutomationOptions {
  /** The current state, to look at; a reset replaces it, so ask each time. */
  state: () => LabState;
  /** The same, to write. */
  writable: () => LabState;
  /** To be called after every change made outside a request. */
  changed: () => Promise<void>;
  clock: LabClock;
  /** Where faults of the lab go. */
  warn?: (line: string) => void;
}

export interface Automation {
  stop(): void;
}

/** Real milliseconds between looks at the machines: how late a step may be seen. */
const LOOK_MS = 20;

/** Looks between notes of the time while a long step runs: a lab that is killed meanwhile loses no more of it. */
const LOOKS_PER_NOTE = 100;

export function startAutomation({ state, writable, changed, clock, warn }: AutomationOptions): Automation {
  let looks = 0;
  const look = (): void => {
    const now = clock.now();
    looks += 1;
    const isDueToNote = looks >= LOOKS_PER_NOTE && Object.values(state().machines).some(({ activity }) => activity);
    if (!isSomethingDue(state(), now) && !isDueToNote) return;
    looks = 0;
    advance(writable(), now);
    changed().catch((error: unknown) => warn?.(`The lab's state was not saved: ${String(error)}`));
  };
  const timer = setInterval(() => {
    try {
      look();
    } catch (error) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      warn?.(`The lab's automation failed: ${text}`);
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
  isImportDue(state, now) || Object.values(state.machines).some((machine) => isDue(state, machine, now));

/** Whether time has brought this machine anything: a step to end or to begin, or a plan to drop. */
function isDue(state: LabState, machine: Machine, now: number): boolean {
  const plan = planOf(state, machine);
  const { activity } = machine;
  if (!plan) return activity !== null;
  return activity?.plan !== plan.name || activity.until <= now;
}

/**
 * Brings every machine to the moment `now` (lab milliseconds). All steps that are due by then are taken, in each machine's own
 * order, at their own times: however late somebody looks, the machines have got as far.
 */
export function advance(state: LabState, now: number): void {
  for (const machine of Object.values(state.machines))
    if (isDue(state, machine, now)) advanceMachine(state, machine, now);
  advanceImport(state, now);
  state.clock = now;
}

/** More steps than any plan has: a plan that never ends is a fault of the lab, not a reason to hang. */
const MOST_STEPS = 200;

function advanceMachine(state: LabState, machine: Machine, now: number): void {
  // What follows by itself begins when the former ended, not when somebody looked.
  let started = now;
  let index = 0;
  for (let taken = 0; taken < MOST_STEPS; taken += 1) {
    const plan = planOf(state, machine);
    if (!plan) {
      machine.activity = null;
      return;
    }
    if (machine.activity?.plan !== plan.name) machine.activity = begin(state, machine, plan, index, started);
    const activity = machine.activity;
    if (activity.until > now) return;
    started = activity.until;
    if (plan.awaited) machine.ownMilliseconds += activity.until - activity.started;
    const statusBefore = machine.status;
    const step = plan.steps(state, machine, activity.step);
    machine.activity = null;
    step?.end(state, machine);
    index = machine.status === statusBefore && planOf(state, machine) === plan ? activity.step + 1 : 0;
  }
}

/** A plan that has no such step waits for somebody else. */
function begin(state: LabState, machine: Machine, plan: Plan, index: number, started: number): Activity {
  const step = plan.steps(state, machine, index);
  const until = step ? started + step.seconds * 1000 * pace(state, machine) : Number.MAX_SAFE_INTEGER;
  return { plan: plan.name, step: index, started, until };
}
