/** Plays cases, two at a time, and tells how each went. */
import { crashCases, nameOfCase } from "./cases.ts";
import type { CaseFilter, CrashCase } from "./cases.ts";
import { Rig } from "./rig.ts";

/** More would make the CLIs wait for each other on two cores. */
const AT_ONCE = 2;

export interface Outcome {
  name: string;
  /** What was not as it should be; undefined when it converged. */
  failure: string | undefined;
  seconds: number;
}

/** @param told called as each case ends */
export async function playCases(
  filter: CaseFilter,
  told: (outcome: Outcome, done: number, total: number) => void,
): Promise<Outcome[]> {
  const rigs = Array.from({ length: AT_ONCE }, () => new Rig());
  try {
    const [first] = rigs;
    if (!first) throw new Error("no rig");
    const reference = await first.undisturbed();
    const cases = crashCases(reference.requests, filter);
    const queue = [...cases];
    const outcomes: Outcome[] = [];
    const work = async (rig: Rig): Promise<void> => {
      for (let next = queue.shift(); next; next = queue.shift()) {
        const outcome = await timed(next, (wanted) => rig.play(wanted, reference));
        outcomes.push(outcome);
        told(outcome, outcomes.length, cases.length);
      }
    };
    await Promise.all(rigs.map(work));
    return outcomes;
  } finally {
    for (const rig of rigs) rig.close();
  }
}

async function timed(wanted: CrashCase, play: (wanted: CrashCase) => Promise<void>): Promise<Outcome> {
  const started = performance.now();
  const failure = await play(wanted).then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return { name: nameOfCase(wanted), failure, seconds: (performance.now() - started) / 1000 };
}
