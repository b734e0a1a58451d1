/** The Django project by its own tests, on a real PostgreSQL. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { projectRoot } from "../../tools/project.ts";
import { Site } from "../support/site.ts";

let site: Site;

before(async () => {
  site = await Site.start();
});
after(() => site.close());

test("Django's own tests pass", (t) => {
  const ran = /^Ran \d+ tests/m.exec(site.manage("test", "--no-input"))?.[0];
  assert.ok(ran);
  t.diagnostic(ran);
});

test("Django warns of nothing but that there is no TLS in front", () => {
  const warnings = new Set(site.manage("check", "--deploy").match(/security\.W\d+/g));
  assert.deepEqual([...warnings], ["security.W004", "security.W008", "security.W012", "security.W016"]);
});

test("every package is plain Python, so that one set of wheels serves every machine", () => {
  const wheels = readdirSync(process.env["METALFORM_WHEELS"] ?? "");
  assert.ok(wheels.length > 0);
  assert.deepEqual(
    wheels.filter((name) => !name.endsWith("-py3-none-any.whl")),
    [],
  );
  const pinned = readFileSync(join(projectRoot, "ansible/roles/django/files/requirements.txt"), "utf8").match(
    /^\S+(?===)/gm,
  );
  assert.equal(wheels.length, pinned?.length);
});
