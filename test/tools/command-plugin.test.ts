/** The stand-in for the plugin of @pulumi/command does what the real one does, and refuses what it does not. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { secret } from "../../tools/pulumi/command/values.ts";
import { commandLine } from "../../tools/processes.ts";
import { CommandPlugin, urn } from "../support/command-plugin.ts";

/** Resolves once there is no such process; a test that waits in vain runs into its time limit. */
async function gone(pid: number): Promise<void> {
  while (commandLine(pid) !== undefined) await setImmediate();
}

let plugin: CommandPlugin;
const folder = mkdtempSync(join(tmpdir(), "metalform-command-"));

before(async () => {
  plugin = await CommandPlugin.start();
});
after(async () => {
  await plugin.end();
  rmSync(folder, { recursive: true });
});

test("a command runs in its folder with its environment and input; what it printed is kept", async () => {
  const inputs = {
    create: 'echo "$GREETING from $(pwd)"; cat; echo to the side >&2',
    dir: folder,
    environment: { GREETING: "hello" },
    stdin: "read\n\n",
  };
  const { id, outputs } = await plugin.create(inputs);
  assert.match(id, /^site[0-9a-f]{8}$/);
  assert.deepEqual(outputs, { ...inputs, stdout: `hello from ${folder}\nread\n`, stderr: "to the side" });
});

test("lines are shown as they come, while the command still runs", async () => {
  const fifo = join(folder, "fifo");
  const created = plugin.create({ create: `mkfifo ${fifo}; echo first; read line <${fifo}; echo "second $line"` });
  await plugin.told("~ first");
  assert.ok(!plugin.log.includes("~ second go"));
  await plugin.create({ create: `echo go >${fifo}`, logging: "none" });
  assert.equal((await created).outputs["stdout"], "first\nsecond go");
});

test("it says once, and so that it stays, that it was it that ran", () => {
  assert.equal(plugin.log.filter((line) => line.startsWith("run by Metalform's stand-in")).length, 1);
});

test("only what may be shown is shown", async () => {
  await plugin.create({ create: "echo hidden-out; echo shown-err >&2", logging: "stderr" });
  await plugin.told("~ shown-err");
  assert.ok(!plugin.log.includes("~ hidden-out"));
});

test("what a command with secrets printed is secret, and the secrets stay marked", async () => {
  const inputs = { create: 'echo "$PASSWORD"', environment: { PASSWORD: secret("planted") }, logging: "none" };
  const { outputs } = await plugin.create(inputs);
  assert.deepEqual(outputs, { ...inputs, stdout: secret("planted"), stderr: secret("") });
});

test("an update runs its own command, else the one that creates, and knows what was printed before", async () => {
  const olds = { create: "echo one", stdout: "one", stderr: "" };
  const own = await plugin.update(olds, { create: "echo one", update: 'echo "after $PULUMI_COMMAND_STDOUT"' });
  assert.equal(own["stdout"], "after one");
  assert.equal((await plugin.update(olds, { create: "echo two" }))["stdout"], "two");
  const alone = { create: 'echo "[$PULUMI_COMMAND_STDOUT]"', addPreviousOutputInEnv: false };
  assert.equal((await plugin.update(olds, alone))["stdout"], "[]");
});

test("a delete runs its command, and without one nothing", async () => {
  const file = join(folder, "deleted");
  await plugin.delete({ create: "true", delete: `echo gone >${file}`, stdout: "", stderr: "" });
  assert.equal(readFileSync(file, "utf8"), "gone\n");
  await plugin.delete({ create: "false" });
});

test("other triggers make a new one, anything else runs it again, nothing runs nothing", async () => {
  const olds = { create: "make", triggers: ["a"], environment: { KEY: secret("x") } };
  assert.deepEqual(await plugin.diff(olds, structuredClone(olds)), { changed: [], replaces: [] });
  assert.deepEqual(await plugin.diff(olds, { ...olds, triggers: ["b"] }), {
    changed: ["triggers"],
    replaces: ["triggers"],
  });
  const other = { ...olds, environment: { KEY: secret("y") } };
  assert.deepEqual(await plugin.diff(olds, other), { changed: ["environment"], replaces: [] });
});

test("a command that fails says how, with all that it printed", async () => {
  await assert.rejects(plugin.create({ create: "echo before; echo why >&2; exit 3" }), {
    message: 'exit status 3: running "echo before; echo why >&2; exit 3":\nbefore\nwhy\n',
  });
});

test("another interpreter may run it, and one that is not there is named", async () => {
  const { outputs } = await plugin.create({ create: "console.log(6 * 7)", interpreter: [process.execPath, "-e"] });
  assert.equal(outputs["stdout"], "42");
  await assert.rejects(plugin.create({ create: "x", interpreter: ["/nowhere/sh"] }), /\/nowhere\/sh ENOENT/);
});

test("a command that takes longer than it may is ended, with all that it started", async () => {
  const file = join(folder, "pid");
  const slow = `sleep 600 & echo $! >${file}; wait`;
  await assert.rejects(
    plugin.create({ create: slow }, 1),
    /^Error: took longer than 1 s and was ended: running "sleep 600/,
  );
  await gone(Number(readFileSync(file, "utf8")));
});

test("what it can't do it refuses by name", async () => {
  assert.deepEqual(await plugin.check({ create: "true", triggers: [1], logging: "none" }), []);
  const failures = await plugin.check({ create: "true", archivePaths: ["*"], logging: "loud" });
  assert.match(failures[0] ?? "", /^archivePaths: Metalform's stand-in for the plugin does not know it/);
  assert.match(failures[1] ?? "", /^logging: must be one of stdout, stderr, stdoutAndStderr, none/);
  await assert.rejects(plugin.check({}, urn("copy", "command:remote:CopyToRemote")), {
    message: /^command:remote:CopyToRemote needs the real plugin of @pulumi\/command 1\.2\.1/,
  });
  assert.deepEqual(await plugin.check({}, urn("in", "metalform:web:Site$command:local:Command")), []);
});

test("cancelling ends what runs and lets nothing more begin", async () => {
  const own = await CommandPlugin.start();
  try {
    const created = own.create({ create: "trap 'echo tidied; exit 1' TERM; echo ready; while :; do sleep 0.05; done" });
    const failed = assert.rejects(created, /exit status 1: .*\nready\n(Terminated\n)?tidied\n/s);
    await own.told("~ ready");
    await own.cancel();
    await failed;
    await assert.rejects(own.create({ create: "true" }), /cancelled before it began/);
  } finally {
    await own.end();
  }
});

test("when the CLI is gone, what runs is gone too", async () => {
  const own = await CommandPlugin.start();
  const file = join(folder, "shell");
  const created = own.create({ create: `echo $$ >${file}; echo ready; trap "" TERM; while :; do sleep 0.05; done` });
  created.catch(() => undefined);
  await own.told("~ ready");
  await own.end();
  await gone(Number(readFileSync(file, "utf8")));
});
