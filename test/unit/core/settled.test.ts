import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Settled } from "../../../providers/core/settled.ts";

test("a stack is settled for the config it was settled for, until something changes", (t) => {
  const folder = mkdtempSync(join(tmpdir(), "metalform-settled-"));
  t.after(() => {
    rmSync(folder, { recursive: true });
  });
  const settled = new Settled(join(folder, "settled"));
  assert.equal(settled.is("dev", "abc"), false);
  settled.set("dev", "abc");
  assert.equal(new Settled(join(folder, "settled")).is("dev", "abc"), true);
  assert.equal(settled.is("dev", "abd"), false);
  assert.equal(settled.is("prod", "abc"), false);
  settled.clear("dev");
  assert.equal(settled.is("dev", "abc"), false);
  settled.clear("dev");
});

test("a folder that cannot be written to is none", () => {
  const settled = new Settled("/dev/null/settled");
  settled.set("dev", "abc");
  assert.equal(settled.is("dev", "abc"), false);
  settled.clear("dev");
});
