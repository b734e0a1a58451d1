import assert from "node:assert/strict";
import { test } from "node:test";
import { PhaseReporter } from "../../../providers/core/phase.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const reporter = (live: boolean) => {
  const clock = new FakeClock();
  const shown: string[] = [];
  return { clock, shown, phases: new PhaseReporter({ clock, live, show: (text) => shown.push(text) }) };
};

test("on a terminal the line shows elapsed and expected time, each second anew", async () => {
  const { clock, shown, phases } = reporter(true);
  phases.enter("Commissioning", { detail: "Gathering information", expectedMs: 240_000 });
  await clock.advance(2_000);
  phases.stop();
  assert.deepEqual(shown, [
    "Commissioning: Gathering information (0 s of about 4 min 00 s)",
    "Commissioning: Gathering information (1 s of about 4 min 00 s)",
    "Commissioning: Gathering information (2 s of about 4 min 00 s)",
  ]);
});

test("elsewhere a line is printed when something changes, and twice a minute", async () => {
  const { clock, shown, phases } = reporter(false);
  phases.enter("Deploying jammy");
  await clock.advance(29_000);
  phases.enter("Deploying jammy");
  phases.enter("Deploying jammy", { detail: "Rebooting" });
  await clock.advance(2_000);
  phases.stop();
  assert.deepEqual(shown, [
    "Deploying jammy (0 s)",
    "Deploying jammy: Rebooting (29 s)",
    "Deploying jammy: Rebooting (30 s)",
  ]);
});

test("a stopped reporter says nothing more", async () => {
  const { clock, shown, phases } = reporter(true);
  phases.enter("Releasing");
  phases.stop();
  await clock.advance(10_000);
  assert.equal(shown.length, 1);
});
