import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, test } from "node:test";
import { projectRoot } from "../../tools/project.ts";

/** Notes each signal; ends, when told to by SIGUSR2, with their number. */
const fakePulumi = `#!${process.execPath}
let signals = 0;
for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => { signals++; console.log(name); });
process.on("SIGUSR2", () => process.exit(signals));
setInterval(() => {}, 1000);
console.log(process.pid);
`;

const command = `
import { pulumi } from ${JSON.stringify(join(projectRoot, "tools", "stack", "pulumi-cli.ts"))};
process.exitCode = await pulumi(["up"], process.env);
`;

let bin = "";

beforeEach(() => {
  bin = mkdtempSync(join(tmpdir(), "metalform-cli-"));
  writeFileSync(join(bin, "pulumi"), fakePulumi);
  chmodSync(join(bin, "pulumi"), 0o755);
});
afterEach(() => {
  rmSync(bin, { recursive: true });
});

function start() {
  const child = spawn(process.execPath, ["--input-type=module", "-e", command], {
    detached: true,
    env: { ...process.env, PATH: `${bin}${delimiter}${process.env["PATH"] ?? ""}` },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  return { child, line: async () => (await lines.next()).value ?? "", exit: once(child, "exit") };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`where there is no terminal, a ${signal} to the whole group reaches Pulumi once`, async () => {
    const { child, line, exit } = start();
    const pid = Number(await line());
    process.kill(-(child.pid ?? 0), signal);
    process.kill(child.pid ?? 0, signal);
    assert.equal(await line(), signal);
    process.kill(pid, "SIGUSR2");
    assert.deepEqual(await exit, [1, null]);
  });
}

test("a killed Pulumi is said to be killed, with the shell's exit code for it", async () => {
  const { child, line, exit } = start();
  const said = once(child.stderr, "data");
  process.kill(Number(await line()), "SIGKILL");
  assert.equal(String((await said)[0]), "metalform: Pulumi was ended by SIGKILL.\n");
  assert.deepEqual(await exit, [137, null]);
});
