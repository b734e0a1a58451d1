/**
 * MAAS answers with the machine as its transaction left it, and talks to the BMC only then: the body of an answer is a snapshot from
 * before the power action, and when that fails, the answer is an error although the change was committed (facts: maas.md 3.6, 10).
 */
import { renderMachine } from "./machine-render.ts";
import type { Machine } from "./machine-state.ts";
import type { Reply } from "./operation.ts";
import { json } from "./reply.ts";
import type { LabState } from "./state.ts";

/** Steps in order; one that throws keeps the later ones from running. */
export class AfterCommit {
  readonly #steps: (() => void)[] = [];

  add(step: () => void): void {
    this.#steps.push(step);
  }

  run(): void {
    for (const step of this.#steps) step();
  }
}

/** Runs `change`, renders the machine, then runs what the change left for later. */
export function committed(state: LabState, machine: Machine, change: (after: AfterCommit) => void): Reply {
  const after = new AfterCommit();
  change(after);
  const body = renderMachine(state, machine);
  after.run();
  return json(body);
}
