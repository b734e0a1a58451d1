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
  assert.deepEqual(same, { changed: [], replaces: [], redeploys: [], interrupts: [] });
});

test("a change in place, a replacement with its reason, and one that needs no step", () => {
  const found = difference(changes, state, { series: "noble", tags: ["a", "b"], timeout: "9 minutes" });
  assert.deepEqual(found.changed, ["series", "tags"]);
  assert.deepEqual(found.replaces, [{ input: "series", because: "redeploys" }]);
});

test("an unknown value is a change but never a replacement", () => {
  const found = difference(changes, state, { series: UNKNOWN, tags: ["a"], timeout: "5 minutes" });
  assert.deepEqual(found, { changed: ["series"], replaces: [], redeploys: [], interrupts: [] });
});

test("what needs a machine at rest, and what something running notices, are told apart", () => {
  const found = difference<{ address: string; mtu: number; name: string }>(
    {
      address: { redeploy: "only while nothing runs", evenUnknown: true },
      mtu: { interrupts: "packets are lost" },
      name: { redeploy: "only while nothing runs" },
    },
    { address: "10.0.0.1", mtu: 1500, name: "br0" },
    { address: UNKNOWN, mtu: 9000, name: UNKNOWN },
  );
  assert.deepEqual(found, {
    changed: ["address", "mtu", "name"],
    replaces: [],
    redeploys: [{ input: "address", because: "only while nothing runs" }],
    interrupts: [{ input: "mtu", because: "packets are lost" }],
  });
});
