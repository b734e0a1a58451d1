/** A missing prerequisite is one line that says what to install. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SetupSandbox } from "../support/setup-sandbox.ts";

test("no Node at all", async () => {
  using sandbox = new SetupSandbox();
  assert.deepEqual(await sandbox.run(["true"]), {
    code: 1,
    stdout: "",
    stderr:
      "metalform: Node.js is not installed; install it with npm (Debian: sudo apt install nodejs npm), then run this again\n",
  });
});

test("an old Node, and no npm to bring a new one", async () => {
  using sandbox = new SetupSandbox();
  sandbox.install("node", "echo v20.20.2");
  const { code, stderr } = await sandbox.run(["true"]);
  assert.equal(code, 1);
  assert.equal(
    stderr,
    "metalform: npm is not installed; install Node.js with npm (Debian: sudo apt install nodejs npm), then run this again\n",
  );
});

test("neither Pulumi nor Go", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  const { code, stderr } = await sandbox.run(["true"]);
  assert.equal(code, 1);
  assert.match(
    stderr,
    /^metalform: neither Pulumi nor Go is installed: install Pulumi 3\.\d+\.\d+ \(.*\), or Go .*\n$/,
  );
});

test("a Pulumi of another version, and no Go", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.install("pulumi", "echo v3.100.0");
  const { code, stderr } = await sandbox.run(["true"]);
  assert.equal(code, 1);
  assert.match(stderr, /^metalform: Pulumi 3\.100\.0 is installed, but this project needs 3\.\d+\.\d+: install .*\n$/);
});

test("a Go that is too old, as in Debian 12", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.install("go", "echo go1.19.8");
  const { code, stderr } = await sandbox.run(["true"]);
  assert.equal(code, 1);
  assert.match(stderr, /^metalform: Pulumi is to be built, and 1\.19\.8 is too old a Go for that: install .*\n$/);
});

test("neither is missed by a command that needs no Pulumi", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  assert.deepEqual(await sandbox.run(["--without-pulumi", "echo", "ran"]), { code: 0, stdout: "ran\n", stderr: "" });
});

test("npm's own words are shown when the packages do not come", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.clone("other");
  sandbox.install("npm", "echo 'npm error network unreachable' >&2; exit 1");
  sandbox.forgetPackages("other");
  const { code, stderr } = await sandbox.run(["true"], "other");
  assert.equal(code, 1);
  assert.match(stderr, /failed after 0:0\d:\n {2}npm error network unreachable\n$/);
});
