/** The API key and the AMT password as secret config, in runs that succeed and that fail, with everything written down. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import type { Lab } from "../../lab/lab.ts";
import { AMT_PASSWORD, Engine, succeeded, TIME_SCALE } from "../support/engine.ts";
import { leaks } from "../support/engine-leaks.ts";
import { nuc } from "../support/engine-project.ts";

let engine: Engine;
let labLog = "";

before(async () => {
  const lab = await labProcess();
  engine = await Engine.start({
    lab,
    environment: { METALFORM_MAAS_KEY: undefined, METALFORM_POWER_PASSWORD: undefined, METALFORM_DEBUG: "1" },
  });
  engine.project.configure({ machines: [nuc(1)] });
  await engine.pulumi(["stack", "select", "--create", "dev"]);
  await setSecret("maasKey", lab.adminKey);
  await setSecret("powerPassword", AMT_PASSWORD);
});
after(() => engine.close());

const setSecret = async (key: string, value: string) =>
  succeeded(await engine.pulumi(["config", "set", "--secret", `metalform:${key}`, value]));

/** The lab as `npm run lab` starts it: what it writes to standard error is its log. */
async function labProcess(): Promise<Lab> {
  const main = join(import.meta.dirname, "../../lab/main.ts");
  const child = spawn(process.execPath, [main, "--time-scale", String(TIME_SCALE)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (labLog += text));
  const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
  const address = JSON.parse(line) as Omit<Lab, "close">;
  return {
    ...address,
    close: async () => {
      const ended = once(child, "exit");
      child.kill();
      await ended;
    },
  };
}

const nowhere = () => {
  assert.deepEqual(engine.leaks(), []);
  assert.deepEqual(leaks([engine.lab.adminKey, AMT_PASSWORD], { "the lab's log": labLog }), []);
};

test("a secret that is printed, stored or logged would be found", () => {
  const [, token = ""] = engine.lab.adminKey.split(":");
  assert.deepEqual(leaks([engine.lab.adminKey], { screen: `oauth_token=${token}`, log: "Authorization: OAuth x" }), [
    "screen holds secret 1",
    "log holds an OAuth header",
  ]);
});

test("after an up and a refresh, nowhere", async () => {
  await engine.up();
  await engine.refresh();
  assert.deepEqual(await engine.statuses(), ["server1 Deployed admin"]);
  nowhere();
});

test("after a power failure of the machine whose password it is, nowhere", async () => {
  // The lab's address of a BMC that fails (lab/maas/sentinels.ts).
  engine.project.edit("Pulumi.dev.yaml", (text) => text.replaceAll(nuc(1).amt, "192.0.2.99"));
  await engine.up();
  const { code, output } = await engine.make("destroy");
  assert.notEqual(code, 0);
  assert.match(output, /Failed to connect to BMC/);
  nowhere();
});

test("after MAAS refused the key, nowhere, and neither is the refused one", async () => {
  const refused = "plantedconsumer0:plantedtoken0000:plantedsecret000";
  const { code, output } = await engine.pulumi(["refresh", "--yes", "--skip-preview"], {
    environment: { METALFORM_MAAS_KEY: refused },
  });
  assert.notEqual(code, 0);
  assert.match(output, /API key/);
  nowhere();
  assert.deepEqual(leaks([refused], { screen: engine.printed, state: { folder: engine.backend } }), []);
});
