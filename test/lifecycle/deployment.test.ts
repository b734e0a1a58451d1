import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { deployment } from "../../providers/maas/deployment.ts";
import { machine } from "../../providers/maas/machine.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const KIND = "maas:Deployment";
let last = 0;

/** A Ready machine and the provider of deployments for it. */
async function setUp(t: TestContext, more: Record<string, unknown> = {}) {
  const lab = await ExplicitLab.start(t);
  const number = ++last;
  const hostname = `nuc${String(number)}`;
  const machines = lab.provider(machine);
  const { id } = await machines.create(
    await checked(machines, "maas:Machine", hostname, {
      hostname,
      macAddresses: [`1c:69:7a:00:02:${number.toString(16).padStart(2, "0")}`],
      power: { type: "amt", address: `172.16.14.${String(number)}` },
    }),
  );
  lab.writes();
  const provider = lab.provider(deployment);
  const make = (change: Record<string, unknown> = {}, name = hostname) =>
    checked(provider, KIND, name, {
      machine: id,
      hostname,
      series: "jammy",
      stackId: "0123456789ab",
      ...more,
      ...change,
    });
  return { lab, provider, make, id };
}

test("a Ready machine is allocated, deployed, and ours by its mark and by what people read", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  const { outs } = await provider.create(await make());
  const found = await lab.machine(id);
  assert.equal(found.status_name, "Deployed");
  assert.equal(found.distro_series, "jammy");
  assert.deepEqual(found.owner_data, {
    "deployed-by": "metalform",
    stack: "metalform/dev",
    "metalform-mark": outs["mark"],
  });
  const marked = await lab.admin.machines.list({ agent_name: [String(outs["mark"])] });
  assert.deepEqual(
    marked.map((m) => m.system_id),
    [id],
  );
  assert.deepEqual(outs["addresses"], found.ip_addresses);
  assert.deepEqual(lab.writes(), [
    "POST machines/ allocate",
    `POST machines/${id}/ deploy`,
    `POST machines/${id}/ set_workload_annotations`,
  ]);
});

test("creating it again changes nothing: what a crash left is gone on with", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const first = await provider.create(await make());
  lab.writes();
  const second = await provider.create(await make());
  assert.deepEqual(second.id, first.id);
  assert.deepEqual(lab.writes(), []);
});

test("a crash between allocate and deploy is gone on with", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  const inputs = await make();
  const { outs } = await provider.create(inputs);
  await provider.delete(id, outs);
  await lab.admin.machines.allocate({ system_id: id, agent_name: String(outs["mark"]) });
  lab.writes();
  await provider.create(inputs);
  assert.equal((await lab.machine(id)).status_name, "Deployed");
  assert.doesNotMatch(lab.writes().join(), /allocate/);
});

test("somebody else's machine is never taken", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  await lab.admin.machines.allocate({ system_id: id, agent_name: "theirs" });
  await assert.rejects(
    provider.create(await make()),
    /is Allocated, owned by admin, not by this stack: it is left alone/,
  );
  assert.deepEqual(lab.writes(), []);
});

test("another stack with the same name and the same key is somebody else", async (t) => {
  const { provider, make } = await setUp(t);
  await provider.create(await make());
  await assert.rejects(
    provider.create(await make({ stackId: "ffffffffffff" })),
    /owned by admin \(stack metalform\/dev\), not by this stack/,
  );
});

test("deleting it releases the machine, and waits until it is free; twice is no error", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  const { outs } = await provider.create(await make());
  lab.writes();
  await provider.delete(id, outs);
  const found = await lab.machine(id);
  assert.equal(found.status_name, "Ready");
  assert.equal(found.owner, null);
  assert.deepEqual(lab.writes(), [`POST machines/${id}/ release`]);
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("a machine that somebody else took meanwhile is not released", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  const { outs } = await provider.create(await make());
  await lab.admin.machines.release(id);
  await lab.admin.machines.allocate({ system_id: id, agent_name: "theirs" });
  lab.writes();
  await provider.delete(id, outs);
  assert.equal((await lab.machine(id)).status_name, "Allocated");
  assert.deepEqual(lab.writes(), []);
  assert.match(lab.warnings.join("\n"), /It is left alone/);
});

test("a locked machine is not released, and says how", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  const { outs } = await provider.create(await make());
  await lab.admin.machines.lock(id);
  await assert.rejects(provider.delete(id, outs), /is locked in MAAS\. Unlock it/);
  assert.equal((await lab.machine(id)).status_name, "Deployed");
});

test("a machine released behind our back is gone from the state, so that the next up deploys it again", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  const { outs } = await provider.create(await make());
  assert.equal((await provider.read(id, outs)).id, id);
  await lab.admin.machines.release(id);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("a failed deployment stays ours, shows the log, and is released and deployed anew by the next run", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  lab.outcomes.deploy = "deploy-fail";
  const inputs = await make();
  const failure = await provider
    .create(inputs)
    .catch((error: unknown) => error as Error & { id: string; properties: Record<string, unknown> });
  assert.ok(failure instanceof Error);
  assert.match(failure.message, /became Failed deployment while deploying jammy\. MAAS says: Installation failed/);
  assert.match(failure.message, /\/tmp\/install\.log/);
  assert.equal(failure.id, id);

  lab.outcomes.deploy = "deploy-ok";
  lab.writes();
  await provider.update(id, failure.properties, inputs);
  assert.equal((await lab.machine(id)).status_name, "Deployed");
  assert.deepEqual(lab.writes().slice(0, 3), [
    `POST machines/${id}/ release`,
    "POST machines/ allocate",
    `POST machines/${id}/ deploy`,
  ]);
});

test("another series redeploys, and the preview says what that costs", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  const { outs } = await provider.create(await make());
  const diff = await provider.diff(id, outs, await make({ series: "noble" }));
  assert.deepEqual(diff, { changes: true, replaces: ["series"], deleteBeforeReplace: true });
  assert.match(lab.notes.join("\n"), /series: redeploys the machine: .* what is on its disks is lost/);
});

test("timeouts change nothing on the machine", async (t) => {
  const { provider, make, id } = await setUp(t);
  const { outs } = await provider.create(await make());
  assert.equal((await provider.diff(id, outs, await make({ deployTimeout: "1 hour" }))).changes, false);
});

test("user-data and keys reach the machine in one text", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA you@laptop";
  await provider.create(await make({ userData: "#cloud-config\npackages: [git]\n", sshKeys: [key] }));
  assert.ok(lab.writes().some((request) => request.endsWith("deploy")));
});

test("what a create left behind is found by its mark only", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  assert.equal(await provider.leftBehind(await make()), undefined);
  await provider.create(await make());
  assert.equal((await provider.leftBehind(await make()))?.id, id);
  assert.equal(await provider.leftBehind(await make({ stackId: "ffffffffffff" })), undefined);
  assert.ok(lab.requests.length > 0);
});

test("a release whose power action fails is asked for again, and the machine is not given up", async (t) => {
  const { lab, provider, make, id } = await setUp(t);
  const { outs } = await provider.create(await make());
  await lab.admin.machines.update(id, { power_parameters: { power_address: "192.0.2.99" } });
  await assert.rejects(provider.delete(id, outs), /was not released: .*Check its power address and password/);
  assert.equal((await provider.read(id, outs)).id, id, "it stays in the state");
  await lab.admin.machines.update(id, { power_parameters: { power_address: "172.16.14.200" } });
  await provider.delete(id, outs);
  assert.equal((await lab.machine(id)).status_name, "Ready");
});
