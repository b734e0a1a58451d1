import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { ensureLab, runningLab, stopLab } from "../../tools/lab/lab-process.ts";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "metalform-lab-"));
});
afterEach(async () => {
  await stopLab(folder);
  rmSync(folder, { recursive: true });
});

const pid = () => Number(readFileSync(join(folder, "lab.pid"), "utf8"));

test("it starts once, is found again, and is gone after it was stopped", async () => {
  assert.equal(runningLab(folder), undefined);
  const lab = await ensureLab(folder);
  assert.match(lab.maasUrl, /^http:\/\/127\.0\.0\.1:\d+\/MAAS$/);
  const first = pid();
  assert.deepEqual(await ensureLab(folder), lab);
  assert.equal(pid(), first);
  assert.deepEqual(runningLab(folder), lab);
  assert.equal(await stopLab(folder), true);
  assert.equal(runningLab(folder), undefined);
  assert.equal(await stopLab(folder), false);
});

test("two starts at the same time give one lab", async () => {
  const [one, two] = await Promise.all([ensureLab(folder), ensureLab(folder)]);
  assert.deepEqual(one, two);
});

test("a killed one is replaced, with the same keys", async () => {
  const before = await ensureLab(folder);
  process.kill(pid(), "SIGKILL");
  const after = await ensureLab(folder);
  assert.equal(after.adminKey, before.adminKey);
});
