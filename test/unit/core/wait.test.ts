import assert from "node:assert/strict";
import { test } from "node:test";
import { isError, ProviderError } from "../../../providers/core/errors.ts";
import { waitFor } from "../../../providers/core/wait.ts";
import type { Wait } from "../../../providers/core/wait.ts";
import { FakeClock } from "../../support/fake-clock.ts";

/** Observes the given words one a second; the last one for ever. */
const words = (clock: FakeClock, ...seen: string[]) =>
  async function* (signal: AbortSignal): AsyncIterable<string> {
    for (let i = 0; ; i++) {
      yield seen[Math.min(i, seen.length - 1)] ?? "";
      await clock.sleep(1_000, signal);
    }
  };

const waitOn = (clock: FakeClock, seen: string[], more: Partial<Wait<string>> = {}): Wait<string> => ({
  what: "machine server1 to be Ready",
  observe: words(clock, ...seen),
  done: (word) => word === "Ready",
  failed: (word) => (word === "Broken" ? new ProviderError("wrong-state", "it broke") : undefined),
  describe: (word) => word,
  timeoutMs: 60_000,
  clock,
  ...more,
});

test("ends with the first good observation", async () => {
  const clock = new FakeClock();
  const wait = waitFor(waitOn(clock, ["New", "Commissioning", "Ready"]));
  await clock.advance(5_000);
  assert.equal(await wait, "Ready");
});

test("a bad observation ends it at once with its error", async () => {
  const clock = new FakeClock();
  const wait = waitFor(waitOn(clock, ["New", "Broken", "Ready"]));
  const failure = assert.rejects(wait, { message: "it broke" });
  await clock.advance(5_000);
  await failure;
});

test("out of time it says how long it waited and what it saw last", async () => {
  const clock = new FakeClock();
  const wait = waitFor(waitOn(clock, ["Commissioning"]));
  const failure = assert.rejects(
    wait,
    (error) =>
      isError(error, "timeout") &&
      error.message.startsWith("Waited 1 min 00 s for machine server1 to be Ready; last seen: Commissioning"),
  );
  await clock.advance(70_000);
  await failure;
});

test("out of time also when the source says nothing at all", async () => {
  const clock = new FakeClock();
  const silent = async function* (signal: AbortSignal): AsyncIterable<string> {
    await clock.sleep(10_000_000, signal);
    yield "never";
  };
  const failure = assert.rejects(waitFor(waitOn(clock, [], { observe: silent })), /nothing was seen/);
  await clock.advance(61_000);
  await failure;
});

test("a thing that flaps must be good as often as asked, running", async () => {
  const clock = new FakeClock();
  const seen: string[] = [];
  const wait = waitFor(
    waitOn(clock, ["Ready", "New", "Ready", "Ready", "Ready"], { successes: 3, onSeen: (word) => seen.push(word) }),
  );
  await clock.advance(20_000);
  await wait;
  assert.deepEqual(seen, ["Ready", "New", "Ready", "Ready", "Ready"]);
});

test("an error of the source is passed on, not taken for a time-out", async () => {
  const clock = new FakeClock();
  const broken = async function* (): AsyncIterable<string> {
    await Promise.resolve();
    yield* [];
    throw new ProviderError("gone", "the machine is gone");
  };
  await assert.rejects(waitFor(waitOn(clock, [], { observe: broken })), { message: "the machine is gone" });
});
