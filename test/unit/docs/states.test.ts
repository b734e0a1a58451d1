/** docs/states.md and its picture, against the table of states that the code decides by. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nodeStatuses, statusLabel } from "../../../providers/maas/node-status.ts";
import { statesPicture } from "../../../tools/docs/draw-states.ts";

const docs = join(import.meta.dirname, "../../../docs");

test("the page has a row for every state, with MAAS's number and label, in their order", () => {
  const page = readFileSync(join(docs, "states.md"), "utf8");
  const rows = [...page.matchAll(/^\| *(\d+) *\| *(.*?) *\|/gm)].map(
    ([, number, label]) => `${number ?? ""} ${label ?? ""}`,
  );
  assert.deepEqual(
    rows,
    nodeStatuses.map((status) => `${String(status)} ${statusLabel(status)}`),
  );
});

test("the picture is what tools/docs/draw-states.ts draws", () => {
  assert.equal(readFileSync(join(docs, "states.svg"), "utf8"), statesPicture());
});
