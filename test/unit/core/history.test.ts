import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { History } from "../../../providers/core/history.ts";

test("what it took lately is remembered across processes; the median is expected", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "metalform-history-"));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "deep", "durations.json");
  const first = new History(file);
  assert.equal(first.expected("deploy"), undefined);
  for (const ms of [100, 5_000, 120]) first.record("deploy", ms);
  assert.equal(new History(file).expected("deploy"), 120);
});

test("a damaged file costs the memory, nothing else", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "metalform-history-"));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "durations.json");
  writeFileSync(file, "{ not json");
  const history = new History(file);
  history.record("deploy", 7);
  assert.equal(new History(file).expected("deploy"), 7);
});
