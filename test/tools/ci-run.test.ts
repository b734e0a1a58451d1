import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { summary } from "../../tools/testing/run-tests.ts";

/** Runs .ci/run with a `make` that does this. */
function ciRun(make: string): { status: number | null; lastLine: string | undefined } {
  const bin = mkdtempSync(join(tmpdir(), "metalform-ci-"));
  try {
    writeFileSync(join(bin, "make"), `#!/bin/sh\n${make}\n`);
    chmodSync(join(bin, "make"), 0o755);
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` };
    const { status, stdout } = spawnSync(".ci/run", { env, encoding: "utf8" });
    return { status, lastLine: stdout.trimEnd().split("\n").at(-1) };
  } finally {
    rmSync(bin, { recursive: true });
  }
}

test("it ends on the count", () => {
  assert.equal(summary({ passed: 12, failed: 0 }), "12 passed, 0 failed");
  assert.deepEqual(ciRun("echo 12 passed, 0 failed"), { status: 0, lastLine: "12 passed, 0 failed" });
});

test("a failure is a failure, and make's own words do not come last", () => {
  const make = "echo 11 passed, 1 failed; echo 'make: *** [Makefile:1: test] Error 1' >&2; exit 2";
  assert.deepEqual(ciRun(make), { status: 2, lastLine: "11 passed, 1 failed" });
});

test("also when there was nothing to count", () => {
  assert.deepEqual(ciRun("exit 2"), { status: 2, lastLine: "0 passed, 1 failed" });
});
