/** A rack's whole life with the real CLI: each test goes on from what the one before left. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { providerText } from "../../providers/core/provider-text.ts";
import type { Machine } from "../../providers/maas/api/machines.ts";
import { stackOutputs } from "../../tools/stack/deployment.ts";
import { Engine, nameOf, writes } from "../support/engine.ts";
import { nuc } from "../support/engine-project.ts";

let engine: Engine;

before(async () => {
  engine = await Engine.start();
  engine.project.configure({ machines: [nuc(1), nuc(2)] });
  await engine.pulumi(["stack", "select", "--create", "dev"]);
});
after(() => engine.close());

const DEPLOYED = ["server1 Deployed admin", "server2 Deployed admin"];

/** MAAS's objects by hostname. */
async function objects(): Promise<Record<string, Machine>> {
  const machines = await engine.maas.machines.list({});
  return Object.fromEntries(machines.map((machine) => [machine.hostname, machine]));
}

const links = (machine: Machine | undefined): string[] =>
  (machine?.interface_set ?? []).flatMap((card) => card.links.map((link) => `${link.mode} ${link.ip_address ?? ""}`));

test("a preview shows what would be made and makes nothing", async () => {
  const requests = await engine.requestsOf(async () => {
    const { stdout } = await engine.preview();
    assert.match(stdout, /\+ 11 to create/);
    for (const name of ["server1", "server2"]) assert.match(stdout, new RegExp(`Deployment::${name}\\]`));
  });
  assert.deepEqual(writes(requests), []);
  assert.deepEqual(await engine.machines(), []);
});

test("an up takes each machine from its MAC address to Deployed, at its address", async () => {
  const { stdout } = await engine.up();
  assert.deepEqual(await engine.statuses(), DEPLOYED);
  const { server1, server2 } = await objects();
  assert.deepEqual([links(server1), links(server2)], [["static 172.16.0.11"], ["static 172.16.0.12"]]);
  assert.match(stdout, /server1 +\w{6} +Deployed +172\.16\.0\.11 +jammy/);
  assert.match(stdout, /Next:/);
});

test("the state knows each machine by its system ID, marked as this stack's", async () => {
  const deployments = await engine.resources("maas:Deployment");
  for (const { system_id, hostname, agent_name } of await engine.machines()) {
    const { id, outputs } = deployments.get(hostname) ?? {};
    assert.equal(id, system_id);
    assert.equal(outputs?.["mark"], agent_name);
    assert.match(agent_name, /^metalform:[0-9a-f]{12}:[0-9a-f]{16}$/);
  }
  const state = await engine.state();
  assert.equal(state.deployment.pending_operations, undefined);
  const machines = stackOutputs(state)["machines"] as { status: string }[];
  assert.deepEqual(
    machines.map((machine) => machine.status),
    ["Deployed", "Deployed"],
  );
});

test("a resource takes at most 2.5 KB of the state, and its provider is one constant line", async (t) => {
  const { deployment } = await engine.state();
  for (const resource of deployment.resources ?? []) {
    const [, kind] = resource.type.split("dynamic/");
    if (kind === undefined) continue;
    const size = JSON.stringify(resource).length;
    t.diagnostic(`${kind} ${nameOf(resource)}: ${String(size)} bytes`);
    assert.ok(size <= 2500, `${kind} takes ${String(size)} bytes`);
    assert.equal(resource.inputs?.["__provider"], providerText(kind));
  }
});

test("an up again changes nothing and asks MAAS nothing", async () => {
  const requests = await engine.requestsOf(async () => {
    const { stdout } = await engine.up();
    assert.match(stdout, /11 unchanged/);
  });
  assert.deepEqual(requests, {});
});

test("an edit of the providers' source is no difference", async () => {
  const undo = engine.project.edit("providers/maas/machine.ts", (text) => `// An edit.\n${text}\n// Another.\n`);
  await engine.preview("--expect-no-changes");
  undo();
});

test("a program with a value that never comes ends before any machine is taken for removed", async () => {
  const undo = engine.project.edit("index.ts", (text) =>
    text.replace(
      'new Rack("rack", config)',
      'new Rack("rack", { ...config, series: new Promise(() => undefined) as never })',
    ),
  );
  for (const command of ["preview", "up"]) {
    const requests = await engine.requestsOf(async () => {
      const { code, output } = await engine.pulumi([command, ...(command === "up" ? ["--yes", "--skip-preview"] : [])]);
      assert.notEqual(code, 0);
      assert.match(output, /server1, server2 still waited for a value that never came/);
      assert.doesNotMatch(output, /delet/);
    });
    assert.deepEqual(writes(requests), []);
  }
  assert.deepEqual(await engine.statuses(), DEPLOYED);
  undo();
  await engine.preview("--expect-no-changes");
});

test("a tag is given in place, to a machine that stays as it is", async () => {
  engine.project.configure({ machines: [nuc(1, { tags: ["rack1"] }), nuc(2)] });
  const { stdout } = await engine.preview();
  assert.match(stdout, /1 to create\n.*1 to update/s);
  assert.doesNotMatch(stdout, /replace/);
  const requests = await engine.requestsOf(() => engine.up());
  assert.deepEqual(writes(requests).sort(), ["POST tags/", "POST tags/:name/ update_nodes"]);
  const { server1, server2 } = await objects();
  assert.ok(server1?.tag_names.includes("rack1"));
  assert.ok(!server2?.tag_names.includes("rack1"));
  assert.deepEqual(await engine.statuses(), DEPLOYED);
});

test("another address redeploys that machine alone, and the preview says so", async () => {
  engine.project.configure({ machines: [nuc(1, { tags: ["rack1"] }), nuc(2, { address: "172.16.0.99" })] });
  const { stdout, output } = await engine.preview();
  assert.match(output, /redeploys the machine: it is released, then installed anew/);
  assert.match(stdout, /2 to replace/);
  const requests = await engine.requestsOf(() => engine.up());
  assert.equal(requests["POST machines/:system_id/ deploy"], 1);
  assert.equal(requests["POST machines/:system_id/ release"], 1);
  assert.deepEqual(links((await objects())["server2"]), ["static 172.16.0.99"]);
  assert.deepEqual(await engine.statuses(), DEPLOYED);
});

test("another series redeploys all", async () => {
  engine.project.configure({
    machines: [nuc(1, { tags: ["rack1"] }), nuc(2, { address: "172.16.0.99" })],
    series: "noble",
  });
  const { stdout, output } = await engine.preview();
  assert.match(output, /series: redeploys the machine/);
  assert.match(stdout, /series *: "jammy" => "noble"/);
  await engine.up();
  const { server1, server2 } = await objects();
  assert.deepEqual([server1?.distro_series, server2?.distro_series], ["noble", "noble"]);
  assert.deepEqual(await engine.statuses(), DEPLOYED);
});

test("destroy gives every machine back, Ready, and forgets everything", async () => {
  const { stdout } = await engine.destroy();
  assert.match(stdout, /2 of 2 machines are back/);
  assert.deepEqual(await engine.statuses(), ["server1 Ready nobody", "server2 Ready nobody"]);
  assert.deepEqual((await engine.state()).deployment.resources ?? [], []);
  const { server1 } = await objects();
  assert.deepEqual(links(server1), ["auto "]);
});

test("nothing secret was printed, stored or logged on the way", () => {
  assert.deepEqual(engine.leaks(), []);
});
