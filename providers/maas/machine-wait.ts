/** Waiting for a machine: the shared watcher's view, told to the person at the screen, remembered for the next time. */
import type { ProviderError } from "../core/errors.ts";
import { PhaseReporter } from "../core/phase.ts";
import { waitFor } from "../core/wait.ts";
import type { Context } from "../core/lifecycle.ts";
import type { Machine } from "./api/machines.ts";
import type { MaasServices } from "./services.ts";

export interface MachineWait {
  systemId: string;
  /** "machine server1", for messages. */
  name: string;
  /** The phase as a person reads it: "Commissioning", "Deploying", "Releasing". */
  phase: string;
  /** What its duration is remembered as, e.g. "commission smartctl-validate". */
  takes: string;
  /** How long it usually takes on a NUC, until this place has a memory of its own (facts: maas.md 3.7). */
  usuallyMs: number;
  until: string;
  timeoutMs: number;
  done(machine: Machine): boolean;
  failed(machine: Machine): Promise<ProviderError | undefined> | ProviderError | undefined;
}

export async function waitForMachine(context: Context<MaasServices>, wait: MachineWait): Promise<Machine> {
  const { clock, history, live, watcher } = context.services;
  const reporter = new PhaseReporter({ show: context.progress, clock, live });
  const expectedMs = history.expected(wait.takes) ?? wait.usuallyMs / timeScale(context.services);
  const started = clock.now();
  reporter.enter(wait.phase, { expectedMs });
  try {
    const machine = await waitFor<Machine>({
      what: `${wait.name} to be ${wait.until}`,
      observe: (signal) => watcher.watch(wait.systemId, { signal, expectedMs }),
      done: (seen) => wait.done(seen),
      failed: (seen) => wait.failed(seen),
      describe: (seen) => `${seen.status_name}, power ${seen.power_state}${latestEvent(seen)}`,
      timeoutMs: wait.timeoutMs,
      clock,
      onSeen: (seen) => {
        reporter.enter(wait.phase, { detail: seen.status_message ?? seen.status_name, expectedMs });
      },
    });
    history.record(wait.takes, clock.now() - started);
    return machine;
  } finally {
    reporter.stop();
  }
}

const latestEvent = (machine: Machine): string =>
  machine.status_message === null ? "" : `, latest event "${machine.status_message}"`;

/** The lab runs faster than metal; it tells by how much, so that the first estimate is right there too. */
export const timeScale = (services: MaasServices): number => Number(services.settings.get("labTimeScale") ?? 1) || 1;
