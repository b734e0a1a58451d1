/** The system of the lab's machines: where it can't be made, one line says why; it is made once for each recipe. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { appendFileSync, cpSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { projectRoot } from "../../tools/project.ts";
import { ended, SetupSandbox, type Ended } from "../support/setup-sandbox.ts";

function sandboxWithLab(): SetupSandbox {
  const sandbox = new SetupSandbox();
  for (const part of ["tools/lab", "lab/metal/image"])
    cpSync(join(projectRoot, part), join(sandbox.root, "clone", part), { recursive: true });
  for (const name of ["ls", "sort"]) symlinkSync(join("/usr/bin", name), join(sandbox.bin, name));
  return sandbox;
}

const image = (sandbox: SetupSandbox): Promise<Ended> =>
  ended(
    spawn(join(sandbox.root, "clone", "tools", "lab", "image"), [], {
      env: { PATH: sandbox.bin, HOME: sandbox.root, XDG_CACHE_HOME: join(sandbox.root, "cache") },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );

test("nobody but root can boot machines", async () => {
  using sandbox = sandboxWithLab();
  sandbox.install("id", "echo 1000");
  assert.deepEqual(await image(sandbox), {
    code: 1,
    stdout: "",
    stderr: "The lab's machines do not boot: that takes root\n",
  });
});

test("programs that are missing, where nothing can bring them", async () => {
  using sandbox = sandboxWithLab();
  sandbox.install("id", "echo 0");
  const { code, stderr } = await image(sandbox);
  assert.equal(code, 1);
  assert.match(stderr, /^metalform: not installed: dnsmasq-base ethtool socat systemd-container .*\n$/);
});

test("built once, and again when the recipe has changed", async () => {
  using sandbox = sandboxWithLab();
  sandbox.install("id", "echo 0");
  for (const name of ["dnsmasq-base", "ethtool", "mmdebstrap", "socat", "systemd-container"]) sandbox.install(name, "");
  sandbox.install("bash", 'mkdir "$2/root"');
  const first = await image(sandbox);
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stdout, /\/metalform\/lab-image-[0-9a-f]{12}\/root\n$/);
  assert.equal((await image(sandbox)).stdout, first.stdout);
  assert.equal(sandbox.calls("bash").length, 1);
  appendFileSync(join(sandbox.root, "clone/lab/metal/image/packages-at-hand"), "tree\n");
  assert.notEqual((await image(sandbox)).stdout, first.stdout);
  assert.equal(sandbox.calls("bash").length, 2);
});
