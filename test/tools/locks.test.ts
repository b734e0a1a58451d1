import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { clearDeadLocks } from "../../tools/stack/locks.ts";

let backend = "";

beforeEach(() => {
  backend = mkdtempSync(join(tmpdir(), "metalform-locks-"));
});
afterEach(() => {
  rmSync(backend, { recursive: true });
});

/** Writes a lock as the CLI does; returns its path. */
function lock(pid: number, host = hostname(), stack = "dev"): string {
  const folder = join(backend, ".pulumi", "locks", "organization", "metalform", stack);
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${String(pid)}-0b6f.json`);
  writeFileSync(path, JSON.stringify({ pid, username: "me", hostname: host, timestamp: "2026-11-23T10:02:00Z" }));
  return path;
}

const deadPid = () => spawnSync("true").pid;

test("the lock of a dead process goes", () => {
  const path = lock(deadPid());
  assert.equal(clearDeadLocks(backend, "metalform", "dev").dead.length, 1);
  assert.ok(!existsSync(path));
});

test("the lock of a running Pulumi stays", async () => {
  const pulumi = join(backend, "pulumi");
  symlinkSync(process.execPath, pulumi);
  const child = spawn(pulumi, ["-e", "console.log('up'); setInterval(() => {}, 1000)"]);
  try {
    await once(child.stdout, "data");
    const path = lock(child.pid ?? 0);
    const { dead, alive } = clearDeadLocks(backend, "metalform", "dev");
    assert.deepEqual(dead, []);
    assert.match(alive[0] ?? "", /^pid \d+ since 2026-11-23T10:02:00Z \(.*pulumi /);
    assert.ok(existsSync(path));
  } finally {
    child.kill();
  }
});

test("a number that is another program's by now counts as dead", () => {
  const path = lock(process.pid);
  clearDeadLocks(backend, "metalform", "dev");
  assert.ok(!existsSync(path));
});

test("a lock of another computer stays: nobody here can know", () => {
  const path = lock(deadPid(), "rack2");
  assert.match(clearDeadLocks(backend, "metalform", "dev").alive[0] ?? "", /^pid \d+ on rack2 since /);
  assert.ok(existsSync(path));
});

test("other stacks' locks are not looked at", () => {
  const path = lock(deadPid(), hostname(), "prod");
  assert.deepEqual(clearDeadLocks(backend, "metalform", "dev"), { dead: [], alive: [] });
  assert.ok(existsSync(path));
});
