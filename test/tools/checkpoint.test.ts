import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { restoreCheckpoint } from "../../tools/stack/checkpoint.ts";

function stateFile(t: TestContext, texts: { now?: string; before?: string }): string {
  const folder = mkdtempSync(join(tmpdir(), "metalform-checkpoint-"));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "dev.json");
  if (texts.now !== undefined) writeFileSync(file, texts.now);
  if (texts.before !== undefined) writeFileSync(`${file}.bak`, texts.before);
  return file;
}

test("a state that a kill cut off is replaced by the one before", (t) => {
  for (const now of ["", '{"version": 3, "check']) {
    const file = stateFile(t, { now, before: '{"version": 3}' });
    assert.equal(restoreCheckpoint(file), true);
    assert.equal(readFileSync(file, "utf8"), '{"version": 3}');
  }
});

test("the very first one, cut off, is as good as none", (t) => {
  const file = stateFile(t, { now: "" });
  assert.equal(restoreCheckpoint(file), true);
  assert.equal(existsSync(file), false);
});

test("a whole state stays, and so does one whose predecessor is no better", (t) => {
  assert.equal(restoreCheckpoint(stateFile(t, { now: "{}", before: '{"version": 3}' })), false);
  assert.equal(restoreCheckpoint(stateFile(t, { now: "", before: "" })), false);
  assert.equal(restoreCheckpoint(stateFile(t, {})), false);
});

test("attributes that a kill cut off go, and leave the state readable; whole ones stay", (t) => {
  const file = stateFile(t, { now: '{"version": 3}', before: '{"version": 3}' });
  writeFileSync(`${file}.attrs`, "");
  writeFileSync(`${file}.bak.attrs`, '{"md5": "whole"}');
  assert.equal(restoreCheckpoint(file), false);
  assert.equal(existsSync(`${file}.attrs`), false);
  assert.equal(existsSync(`${file}.bak.attrs`), true);
  assert.equal(readFileSync(file, "utf8"), '{"version": 3}');
});
