/** What a person sees when something is wrong: one clear line or the failing script's last ones, never a stack trace. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { stackOutputs } from "../../tools/stack/deployment.ts";
import { Engine } from "../support/engine.ts";
import { nuc } from "../support/engine-project.ts";
import type { Run } from "../support/engine-run.ts";

let engine: Engine;

before(async () => {
  engine = await Engine.start();
  engine.project.configure({ machines: [nuc(1)] });
  await engine.pulumi(["stack", "select", "--create", "dev"]);
});
after(() => engine.close());

const up = (environment: Record<string, string> = {}): Promise<Run> =>
  engine.pulumi(["up", "--yes", "--skip-preview"], { environment });

const STACK_TRACE = /\n\s+at .*\.[tj]s:\d+/;

test("everything wrong with the config is told at once, and nothing is done", async () => {
  engine.project.configure({ machines: [nuc(1, { mac: "1c:69" }), nuc(2, { amt: "10.0.0" })], serie: "jammy" });
  const { code, output } = await engine.pulumi(["preview"]);
  engine.project.configure({ machines: [nuc(1)] });
  assert.notEqual(code, 0);
  assert.match(output, /metalform:serie is no key of this program; did you mean "series"\?/);
  assert.match(output, /metalform:machines\[0\]\.mac "1c:69" is not a MAC address/);
  assert.match(output, /metalform:machines\[1\]\.amt "10\.0\.0" is not an IP address/);
  assert.doesNotMatch(output, STACK_TRACE);
  assert.deepEqual(await engine.machines(), []);
});

const wrong: { what: string; environment: () => Record<string, string>; told: RegExp }[] = [
  {
    what: "an API key that MAAS does not know",
    environment: () => ({
      METALFORM_MAAS_KEY: "aaaaaaaaaaaaaaaaaa:bbbbbbbbbbbbbbbbbb:cccccccccccccccccccccccccccccccc",
    }),
    told: /API key/,
  },
  {
    what: "a key that is none",
    environment: () => ({ METALFORM_MAAS_KEY: "secret" }),
    told: /key/i,
  },
  {
    what: "a MAAS that does not answer",
    environment: () => ({ METALFORM_MAAS_URL: "http://127.0.0.1:9/MAAS" }),
    told: /127\.0\.0\.1:9/,
  },
  {
    what: "a URL that is not MAAS's",
    environment: () => ({ METALFORM_MAAS_URL: engine.lab.maasUrl.replace("/MAAS", "/elsewhere") }),
    told: /elsewhere/,
  },
];

for (const { what, environment, told } of wrong) {
  test(`${what} is one clear line`, async () => {
    const { code, output } = await up(environment());
    assert.notEqual(code, 0);
    assert.match(output, told);
    assert.doesNotMatch(output, STACK_TRACE);
    assert.deepEqual(await engine.machines(), []);
  });
}

test("a failing hardware test shows the script's last lines", async () => {
  engine.project.configure({
    machines: [nuc(3, { name: "fail-memory-test" })],
    tests: { scripts: ["memtester"] },
  });
  const { code, output } = await up();
  assert.notEqual(code, 0);
  assert.match(output, /machine fail-memory-test \(\w+\) failed its hardware tests/);
  assert.match(output, /memtester: Failed \(exit 1\)/);
  assert.match(output, /\| memtester: one bit differs/);
  assert.doesNotMatch(output, STACK_TRACE);
});

test("a failing installation shows its log's last lines", async () => {
  engine.project.configure({ machines: [nuc(4, { name: "fail-deploy" })] });
  const { code, output } = await up();
  assert.notEqual(code, 0);
  assert.match(output, /machine fail-deploy became Failed deployment while deploying jammy/);
  assert.match(output, /\| curtin: Installation failed\./);
  assert.doesNotMatch(output, STACK_TRACE);
});

test("a machine that cannot be deployed is marked broken, a spare one takes its role, and the outputs tell it", async () => {
  const machines = [nuc(6, { name: "fail-deploy-2" }), nuc(7)];
  engine.project.configure({ machines, roles: { app: 1 }, onDeployFailure: "spare" });
  const { code, output } = await up();
  assert.equal(code, 0, output);
  assert.match(output, /warning: machine fail-deploy-2 is marked broken in MAAS, and the run goes on without it/);
  const outputs = stackOutputs(await engine.state());
  assert.deepEqual(
    (outputs["machines"] as { name: string; role: string; status: string }[]).map(({ name, role, status }) => [
      name,
      role,
      status,
    ]),
    [
      ["fail-deploy-2", "", "Broken"],
      ["server7", "app", "Deployed"],
    ],
  );
  const [note = "", ...more] = outputs["notes"] as string[];
  assert.match(note, /^fail-deploy-2 is out of order \(.*Installation failed.*\); server7 is app in its place\.$/);
  assert.deepEqual(more, []);
  const again = await up();
  assert.equal(again.code, 0, again.output);
  assert.doesNotMatch(again.output, / (created|updated|deleted|replaced) /);
});

test("after a failure destroy still gives back what was taken", async () => {
  await engine.pulumi(["destroy", "--yes", "--skip-preview"]);
  const machines = await engine.machines();
  assert.deepEqual(
    machines.map(({ hostname, status_name, agent_name }) => [hostname, status_name, agent_name]),
    [
      ["fail-deploy", "Ready", ""],
      ["fail-deploy-2", "Broken", ""],
      ["fail-memory-test", "Failed testing", ""],
      ["server7", "Ready", ""],
    ],
  );
});

test("on a terminal a machine's row shows the phase, how long it lasts and how long it should", async () => {
  engine.project.configure({ machines: [nuc(5)] });
  const terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
  const { output } = await engine.run("python3", ["-c", terminal, "pulumi", "up", "--yes", "--skip-preview"], {
    environment: { TERM: "xterm", COLUMNS: "220", LINES: "50" },
  });
  assert.match(output, /Commissioning.*\(\d+ s of about \d+ s\)/);
  assert.match(output, /Deploying jammy.*\(\d+ s of about \d+ s\)/);
});

test("no secret was printed, stored or logged on the way", () => {
  assert.deepEqual(engine.leaks(), []);
});
