/** Packages of Debian come by themselves where that is allowed; elsewhere one line says what to type. */
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { SetupSandbox } from "../support/setup-sandbox.ts";

/** Knows what apt-get has "installed": a file of that name. */
const dpkgQuery = (sandbox: SetupSandbox) => {
  sandbox.install("dpkg-query", `[ -e '${sandbox.root}'/installed-"$3" ] && printf installed`);
};

const aptGet = (sandbox: SetupSandbox) => {
  sandbox.install(
    "apt-get",
    `case "$*" in *" install "*) for name in "$@"; do :; done; : >'${sandbox.root}'/installed-"$name" ;; esac`,
  );
};

function debian(): SetupSandbox {
  const sandbox = new SetupSandbox();
  sandbox.installNode();
  dpkgQuery(sandbox);
  aptGet(sandbox);
  return sandbox;
}

const asked = ["--without-pulumi", "--debian", "chromium", "echo", "ran"];

test("a program that the sandbox replaces is replaced there alone", () => {
  const own = mkdtempSync(join(tmpdir(), "metalform-own-"));
  writeFileSync(join(own, "id"), "the machine's");
  using sandbox = new SetupSandbox();
  rmSync(join(sandbox.bin, "id"));
  symlinkSync(join(own, "id"), join(sandbox.bin, "id"));
  sandbox.install("id", "echo 0");
  assert.equal(readFileSync(join(own, "id"), "utf8"), "the machine's");
  rmSync(own, { recursive: true });
});

test("root gets what is missing, once, and nothing is asked for again", async () => {
  using sandbox = debian();
  sandbox.install("id", "echo 0");
  const first = await sandbox.run(asked);
  assert.equal(first.code, 0);
  assert.equal(first.stdout, "ran\n");
  assert.match(
    first.stderr,
    /^Installing Debian's chromium with apt-get, once \(about 1 min\) \.\.\.\n.*: done in 0:0\d\n$/,
  );
  assert.match(sandbox.calls("apt-get").join("\n"), / update\n.* install --no-install-recommends chromium$/);
  assert.deepEqual(await sandbox.run(asked), { code: 0, stdout: "ran\n", stderr: "" });
  assert.equal(sandbox.calls("apt-get").length, 2);
});

test("a user with sudo that asks for no password gets it too", async () => {
  using sandbox = debian();
  sandbox.install("id", "echo 1000");
  sandbox.install("sudo", `[ "$1" = -n ] && shift; exec "$@"`);
  assert.equal((await sandbox.run(asked)).code, 0);
  assert.ok(existsSync(join(sandbox.root, "installed-chromium")));
});

test("a user without gets one line that says what to type, and the command runs", async () => {
  using sandbox = debian();
  sandbox.install("id", "echo 1000");
  sandbox.install("sudo", "echo 'sudo: a password is required' >&2; exit 1");
  assert.deepEqual(await sandbox.run(asked), {
    code: 0,
    stdout: "ran\n",
    stderr: "metalform: not installed: chromium; type: sudo apt-get install chromium\n",
  });
  assert.deepEqual(sandbox.calls("apt-get"), []);
});

test("a machine that is no Debian gets one line", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  const { code, stderr } = await sandbox.run(asked);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^metalform: not installed: chromium \(names of Debian's packages; there is no apt-get here .*\)\n$/,
  );
});

test("apt-get's own words are shown when it fails", async () => {
  using sandbox = debian();
  sandbox.install("id", "echo 0");
  sandbox.install("apt-get", "echo 'E: Unable to locate package chromium' >&2; exit 100");
  const { code, stderr } = await sandbox.run(asked);
  assert.equal(code, 0);
  assert.match(
    stderr,
    /failed after 0:0\d:\n {2}E: Unable to locate package chromium\nmetalform: not installed: chromium; type: /,
  );
});

test("what is on PATH needs no package", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.install("chromium", "exit 1");
  assert.deepEqual(await sandbox.run(asked), { code: 0, stdout: "ran\n", stderr: "" });
  assert.deepEqual(sandbox.calls("chromium"), []);
});
