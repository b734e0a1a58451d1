import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "../../../providers/core/turns.ts";

test("those who change the same thing wait for each other, also for one that fails; others do not", async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const work =
    (name: string, fails = false) =>
    async () => {
      seen.push(`${name} begins`);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const [first, second, third] = await Promise.allSettled([
    turns.take("a", work("first", true)),
    turns.take("a", work("second")),
    turns.take("b", work("third")),
  ]);
  assert.deepEqual([first.status, second.status, third.status], ["rejected", "fulfilled", "fulfilled"]);
  assert.deepEqual(seen.slice(0, 2), ["first begins", "third begins"]);
  assert.ok(seen.indexOf("second begins") > seen.indexOf("first ends"));
});
