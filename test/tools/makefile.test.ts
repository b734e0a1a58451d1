import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../tools/project.ts";

test("what the Makefile and the scripts of package.json run is there", () => {
  const texts = ["Makefile", "package.json"].map((name) => readFileSync(join(projectRoot, name), "utf8")).join("\n");
  const files = [...texts.matchAll(/\bnode ([\w/.-]+\.ts)\b/g)].map(([, file]) => file ?? "");
  assert.ok(files.length > 10, files.join(" "));
  assert.deepEqual(
    files.filter((file) => !existsSync(join(projectRoot, file))),
    [],
  );
});
