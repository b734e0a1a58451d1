/** What must be the same in several places. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

const read = (file: string) => readFileSync(file, "utf8");
const packages = () =>
  JSON.parse(read("package-lock.json")) as { packages: Record<string, { optionalDependencies?: object }> };

test("the CLI and @pulumi/pulumi have the same version", () => {
  const sdk = /"@pulumi\/pulumi": "([\d.]+)"/.exec(read("package.json"))?.[1];
  const cli = /github\.com\/pulumi\/pulumi\/pkg\/v3 v([\d.]+)/.exec(read("tools/pulumi/go.mod"))?.[1];
  assert.ok(sdk);
  assert.equal(cli, sdk);
});

test("the Node that set-up asks for is the one that package.json and node-version.cjs ask for", () => {
  const engines = /"node": ">=(\d+)\.(\d+)"/.exec(read("package.json"))?.slice(1);
  assert.deepEqual(engines, ["22", "18"]);
  assert.match(read("tools/setup/node.sh"), /-eq 22 \] && \[ "\$node_minor" -ge 18 \]/);
  assert.match(read("node-version.cjs"), /22/);
});

test("the lock file has every optional package: npm ci refuses it otherwise", () => {
  const { packages: locked } = packages();
  const missing = Object.entries(locked).flatMap(([path, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (name) => !(`node_modules/${name}` in locked) && !(`${path}/node_modules/${name}` in locked),
    ),
  );
  assert.deepEqual(missing, []);
});
