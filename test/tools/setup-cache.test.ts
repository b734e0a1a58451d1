/** What set-up brings, it brings once, whole or not at all. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, statSync, watch, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ended, SetupSandbox } from "../support/setup-sandbox.ts";

const version = /"@pulumi\/pulumi": "([\d.]+)"/.exec(readFileSync("package.json", "utf8"))?.[1] ?? "";

/** A Go that "builds" a CLI which says its version. */
const buildPulumi = `
[ "$1" != env ] || { echo go1.26.1; exit 0; }
echo build >>"\${0%/bin/go}/builds"
while [ "$1" != -o ]; do shift; done
printf '#!/bin/sh\\necho v${version}\\n' >"$2/pulumi"
chmod +x "$2/pulumi"`;

const entries = (sandbox: SetupSandbox) =>
  readdirSync(sandbox.cache).filter((name) => /^(pulumi|packages)-.*[^g]$/.test(name));

test("the CLI is built once, with the plugins beside it, and a second clone builds nothing", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.install("go", buildPulumi);
  const first = await sandbox.run([
    "sh",
    "-c",
    "pulumi version; command -v pulumi; command -v pulumi-language-nodejs; echo $METALFORM_LANGUAGE_HOST",
  ]);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /^Building the Pulumi CLI [\d.]+ from its Go modules, once \(about \d min\)/);
  const [said, pulumi, host, whose] = first.stdout.trim().split("\n");
  assert.equal(said, `v${version}`);
  assert.equal(pulumi?.replace(/pulumi$/, ""), host?.replace(/pulumi-language-nodejs$/, ""));
  assert.equal(whose, "metalform");

  sandbox.clone("second");
  assert.deepEqual(await sandbox.run(["pulumi", "version"], "second"), {
    code: 0,
    stdout: `v${version}\n`,
    stderr: "",
  });
  assert.equal(sandbox.builds(), 1);
});

test("two set-ups at the same time build one CLI", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.clone("second");
  sandbox.install("go", `${buildPulumi}\n[ -p '${sandbox.root}/gate' ] && read -r _ <'${sandbox.root}/gate'\nexit 0`);
  execFileSync("mkfifo", [join(sandbox.root, "gate")]);
  const first = ended(sandbox.start(["pulumi", "version"]));
  await appears(sandbox.root, "builds");
  const second = sandbox.start(["pulumi", "version"], "second");
  const secondEnded = ended(second);
  // It says that it waits; then the first one may go on.
  if (second.stderr) await once(second.stderr, "data");
  writeFileSync(join(sandbox.root, "gate"), "go on\n");
  const both = await Promise.all([first, secondEnded]);
  assert.deepEqual(
    both.map(({ code, stdout }) => ({ code, stdout })),
    Array(2).fill({ code: 0, stdout: `v${version}\n` }),
  );
  assert.match(both[1].stderr, /^Another set-up is bringing pulumi-.*; waiting for it\n$/);
  assert.equal(sandbox.builds(), 1);
});

test("killed half way it leaves nothing that counts as done, and the next one does it", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.install("go", `${buildPulumi}\n[ -e '${sandbox.root}/gate' ] && read -r _ <'${sandbox.root}/gate'\nexit 0`);
  execFileSync("mkfifo", [join(sandbox.root, "gate")]);
  const killed = sandbox.start(["pulumi", "version"]);
  const killedEnded = ended(killed);
  await appears(sandbox.root, "builds");
  process.kill(-(killed.pid ?? 0), "SIGKILL");
  await killedEnded;
  assert.deepEqual(entries(sandbox), []);

  execFileSync("rm", [join(sandbox.root, "gate")]);
  const next = await sandbox.run(["pulumi", "version"]);
  assert.equal(next.code, 0, next.stderr);
  assert.equal(next.stdout, `v${version}\n`);
  assert.deepEqual(
    readdirSync(sandbox.cache).filter((name) => name.startsWith(".new-")),
    [],
  );
});

test("an installed Pulumi of the right version is used, with its own language host", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.install("pulumi", `echo v${version}`, "opt");
  sandbox.install("pulumi-language-nodejs", "", "opt");
  const { code, stdout, stderr } = await sandbox.run(
    ["sh", "-c", "command -v pulumi; echo $METALFORM_LANGUAGE_HOST"],
    "clone",
    ["opt"],
  );
  assert.equal(code, 0, stderr);
  assert.equal(stdout, `${join(sandbox.root, "opt", "pulumi")}\npulumi\n`);
});

test("an installed Pulumi without a language host gets this project's", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.install("pulumi", `echo v${version}`, "opt");
  const { stdout } = await sandbox.run(
    ["sh", "-c", "command -v pulumi; command -v pulumi-language-nodejs; echo $METALFORM_LANGUAGE_HOST"],
    "clone",
    ["opt"],
  );
  const [pulumi, host, whose] = stdout.trim().split("\n");
  assert.equal(pulumi, join(sandbox.root, "opt", "pulumi"));
  assert.ok(host?.startsWith(sandbox.cache));
  assert.equal(whose, "metalform");
});

test("npm brings the packages once for a lock file; clones link to them and have their own note", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  sandbox.install(
    "npm",
    `
while [ "$1" != --prefix ]; do shift; done
mkdir -p "$2/node_modules/left" && echo text >"$2/node_modules/left/index.js" && cp package-lock.json "$2/node_modules/.package-lock.json" 2>/dev/null || cp "$2/package-lock.json" "$2/node_modules/.package-lock.json"`,
  );
  for (const name of ["one", "two"]) {
    sandbox.clone(name);
    sandbox.forgetPackages(name);
    const { code, stderr } = await sandbox.run(["--without-pulumi", "true"], name);
    assert.equal(code, 0, stderr);
  }
  assert.equal(sandbox.calls("npm").length, 1);
  const inode = (clone: string, file: string) => statSync(join(sandbox.root, clone, "node_modules", file)).ino;
  assert.equal(inode("one", "left/index.js"), inode("two", "left/index.js"));
  assert.notEqual(inode("one", ".package-lock.json"), inode("two", ".package-lock.json"));
});

test("packages that were installed by hand and fit the lock file stay", async () => {
  using sandbox = new SetupSandbox();
  sandbox.installNode();
  writeFileSync(join(sandbox.root, "clone", "node_modules", "mine"), "");
  const { code, stderr } = await sandbox.run(["--without-pulumi", "true"]);
  assert.equal(code, 0, stderr);
  assert.ok(existsSync(join(sandbox.root, "clone", "node_modules", "mine")));
});

async function appears(folder: string, name: string): Promise<void> {
  const watcher = watch(folder);
  try {
    while (!existsSync(join(folder, name))) await once(watcher, "change");
  } finally {
    watcher.close();
  }
}
