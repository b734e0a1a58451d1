import assert from "node:assert/strict";
import { test } from "node:test";
import { Batch } from "../../../providers/core/batch.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const counting = (clock: FakeClock, most = 100) => {
  const asked: string[][] = [];
  const batch = new Batch<string, string | undefined>({
    ask: (keys) => {
      asked.push(keys);
      return Promise.resolve(new Map(keys.filter((key) => key !== "nobody").map((key) => [key, key.toUpperCase()])));
    },
    missing: undefined,
    clock,
    most,
  });
  return { asked, batch };
};

test("questions of one moment are one request, each key once", async () => {
  const clock = new FakeClock();
  const { asked, batch } = counting(clock);
  const answers = Promise.all([batch.ask("a"), batch.ask("b"), batch.ask("a"), batch.ask("nobody")]);
  await clock.advance(20);
  assert.deepEqual(await answers, ["A", "B", "A", undefined]);
  assert.deepEqual(asked, [["a", "b", "nobody"]]);
});

test("a later question is asked anew, and too many are split", async () => {
  const clock = new FakeClock();
  const { asked, batch } = counting(clock, 2);
  const first = Promise.all(["a", "b", "c"].map((key) => batch.ask(key)));
  await clock.advance(20);
  await first;
  const second = batch.ask("a");
  await clock.advance(20);
  assert.equal(await second, "A");
  assert.deepEqual(asked, [["a", "b"], ["c"], ["a"]]);
});

test("an error reaches everybody who asked", async () => {
  const clock = new FakeClock();
  const batch = new Batch<string, string>({ ask: () => Promise.reject(new Error("no MAAS")), missing: "", clock });
  const both = Promise.allSettled([batch.ask("a"), batch.ask("b")]);
  await clock.advance(20);
  assert.deepEqual(
    (await both).map((result) => result.status),
    ["rejected", "rejected"],
  );
});
