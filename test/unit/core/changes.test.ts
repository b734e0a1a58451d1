import assert from "node:assert/strict";
import { test } from "node:test";
import { difference } from "../../../providers/core/changes.ts";
import type { Changes } from "../../../providers/core/changes.ts";

interface Inputs {
  series: string;
  tags: string[];
  timeout: string;
}

const changes: Changes<Inputs> = { series: { replace: "redeploys" }, tags: "update", timeout: "ignore" };
const state = { series: "jammy", tags: ["a"], timeout: "5 minutes", status: "Deployed" };
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

test("equal inputs are no change, whatever outputs there are", () => {
  const same = difference(changes, state, { series: "jammy", tags: ["a"], timeout: "5 minutes" });
  assert.deepEqual(same, { changed: [], replaces: [] });
});

test("a change in place, a replacement with its reason, and one that needs no step", () => {
  const found = difference(changes, state, { series: "noble", tags: ["a", "b"], timeout: "9 minutes" });
  assert.deepEqual(found.changed, ["series", "tags"]);
  assert.deepEqual(found.replaces, [{ input: "series", because: "redeploys" }]);
});

test("an unknown value is a change but never a replacement", () => {
  const found = difference(changes, state, { series: UNKNOWN, tags: ["a"], timeout: "5 minutes" });
  assert.deepEqual(found, { changed: ["series"], replaces: [] });
});
