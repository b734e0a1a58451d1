import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { machine } from "../../providers/maas/machine.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const KIND = "maas:Machine";
let last = 0;

/** Each test has machines of its own: one process checks that no two share an address. */
async function setUp(t: TestContext, more: Record<string, unknown> = {}) {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(machine);
  const number = ++last;
  const hostname = `nuc${String(number)}`;
  const mac = `1c:69:7a:00:01:${number.toString(16).padStart(2, "0")}`;
  const power = { type: "amt", address: `172.16.14.${String(number)}` };
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, KIND, hostname, { hostname, macAddresses: [mac], power, ...more, ...change });
  return { lab, provider, make, hostname, mac, power };
}

test("an unknown machine is enlisted, commissioned, tested, and Ready", async (t) => {
  const { lab, provider, make, hostname } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const found = await lab.machine(id);
  assert.equal(found.status_name, "Ready");
  assert.equal(found.owner, null);
  assert.equal(found.hostname, hostname);
  assert.equal(outs["status"], "Ready");
  assert.deepEqual(outs["tests"], ["smartctl-validate: Passed"]);
  assert.equal(outs["cpuCount"], 4);
  assert.deepEqual(lab.writes(), ["POST machines/", `POST machines/${id}/ commission`]);
});

test("a machine that MAAS knows by its MAC is adopted, described and not enlisted twice", async (t) => {
  const { lab, provider, make, hostname, mac } = await setUp(t);
  const known = await lab.admin.machines.create({
    architecture: "amd64/generic",
    mac_addresses: [mac],
    hostname: "found-by-pxe",
    commission: false,
    power_type: "manual",
  });
  const { id } = await provider.create(await make());
  assert.equal(id, known.system_id);
  const found = await lab.machine(id);
  assert.equal(found.hostname, hostname);
  assert.equal(found.power_type, "amt");
  assert.deepEqual(lab.writes(), [`PUT machines/${id}/`, `POST machines/${id}/ commission`]);
});

test("creating it again changes nothing: what a crash left is gone on with", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const first = await provider.create(await make());
  lab.writes();
  const second = await provider.create(await make());
  assert.deepEqual(second, first);
  assert.deepEqual(lab.writes(), []);
});

test("what a create left behind is found again, without changing anything", async (t) => {
  const { lab, provider, make } = await setUp(t);
  assert.equal(await provider.leftBehind(await make()), undefined);
  const { id } = await provider.create(await make());
  lab.writes();
  assert.equal((await provider.leftBehind(await make()))?.id, id);
  assert.deepEqual(lab.writes(), []);
});

test("failed commissioning keeps the machine in the state and shows the failing script", async (t) => {
  const { lab, provider, make } = await setUp(t);
  lab.outcomes.commission = "commission-fail";
  const inputs = await make();
  const failure = await provider
    .create(inputs)
    .catch((error: unknown) => error as Error & { id: string; properties: Record<string, unknown> });
  assert.ok(failure instanceof Error);
  assert.match(failure.message, /failed commissioning/);
  assert.match(failure.message, /20-maas-02-dhcp-unconfigured-ifaces: Failed \(exit 1\)/);
  assert.equal((await lab.machine(failure.id)).status_name, "Failed commissioning");

  lab.outcomes.commission = "commission-ok";
  const { outs } = await provider.update(failure.id, failure.properties, inputs);
  assert.equal(outs["status"], "Ready");
});

test("a failed hardware test ends the run, names the test, and is run again by the next", async (t) => {
  const { lab, provider, make } = await setUp(t);
  lab.outcomes.commission = "commission-test-fail";
  const inputs = await make();
  const failure = await provider
    .create(inputs)
    .catch((error: unknown) => error as Error & { id: string; properties: Record<string, unknown> });
  assert.ok(failure instanceof Error);
  assert.match(failure.message, /failed its hardware tests.*smartctl-validate: Failed/s);
  const { outs } = await provider.update(failure.id, failure.properties, inputs);
  assert.equal(outs["status"], "Ready");
  assert.deepEqual(outs["tests"], ["smartctl-validate: Passed"]);
});

test("with onTestFailure override it is Ready all the same, with a warning", async (t) => {
  const { lab, provider, make } = await setUp(t, { onTestFailure: "override" });
  lab.outcomes.commission = "commission-test-fail";
  const { id } = await provider.create(await make());
  assert.equal((await lab.machine(id)).status_name, "Ready");
  assert.match(lab.warnings.join("\n"), /marked Ready all the same/);
});

test("with onTestFailure warn it stays in Failed testing, with a warning, and the run goes on", async (t) => {
  const { lab, provider, make } = await setUp(t, { onTestFailure: "warn" });
  lab.outcomes = { commission: "commission-test-fail", test: "test-fail" };
  const { outs } = await provider.create(await make());
  assert.equal(outs["status"], "Failed testing");
  assert.match(lab.warnings.join("\n"), /stays in Failed testing/);
});

test("changes are made in place, with no more requests than changes", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.pools.create({ name: "nucs" });
  lab.writes();
  const news = await make({ description: "top of the rack", pool: "nucs" });
  assert.deepEqual(await provider.diff(id, outs, news), { changes: true, replaces: [], deleteBeforeReplace: true });
  await provider.update(id, outs, news);
  const found = await lab.machine(id);
  assert.equal(found.description, "top of the rack");
  assert.equal(found.pool.name, "nucs");
  assert.deepEqual(lab.writes(), [`PUT machines/${id}/`]);
});

test("tags are merged: ours come and go, others' stay", async (t) => {
  const { lab, provider, make } = await setUp(t);
  for (const name of ["theirs", "ours", "later"]) await lab.admin.tags.create({ name });
  const { id, outs } = await provider.create(await make({ tags: ["ours"] }));
  await lab.admin.tags.updateNodes("theirs", { add: [id] });
  const { outs: changed } = await provider.update(id, outs, await make({ tags: ["later"] }));
  assert.deepEqual((await lab.machine(id)).tag_names.sort(), ["later", "theirs"]);
  await provider.delete(id, changed);
  assert.deepEqual((await lab.machine(id)).tag_names, ["theirs"]);
});

test("other tests are run on a Ready machine, in place", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  lab.writes();
  const { outs: tested } = await provider.update(id, outs, await make({ testingScripts: ["memtester"] }));
  assert.deepEqual(lab.writes(), [`POST machines/${id}/ test`]);
  assert.deepEqual(tested["tests"], ["memtester: Passed"]);
});

test("commissioned again, it keeps the links, bridges and volume groups that somebody has laid out since", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const card = (await lab.machine(id)).interface_set[0];
  assert.ok(card);
  const bridge = await lab.admin.interfaces.createBridge(id, { name: "br-ex", parent: card.id, bridge_type: "ovs" });
  const link = { mode: "STATIC", subnet: "cidr:172.16.0.0/20", ip_address: "172.16.0.41" } as const;
  await lab.admin.interfaces.linkSubnet(id, bridge.id, link);
  await lab.admin.machines.setStorageLayout(id, { storage_layout: "lvm" });
  const before = await lab.machine(id);
  await provider.update(id, outs, await make({ recommission: "after the new fan" }));
  const after = await lab.machine(id);
  assert.notEqual(after.current_commissioning_result_id, before.current_commissioning_result_id);
  assert.deepEqual(after.interface_set, before.interface_set);
  assert.deepEqual(after.volume_groups, before.volume_groups);
});

test("commissioned again with nothing laid out, it is set up as the first time", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const card = (await lab.machine(id)).interface_set[0];
  assert.ok(card?.links[0]);
  await lab.admin.interfaces.unlinkSubnet(id, card.id, card.links[0].id);
  await provider.update(id, outs, await make({ recommission: "a new subnet" }));
  assert.deepEqual(
    (await lab.machine(id)).interface_set[0]?.links.map(({ mode }) => mode),
    ["auto"],
  );
});

test("drift of what the inputs say is seen, and of nothing else", async (t) => {
  const { lab, provider, make } = await setUp(t, { description: "mine" });
  const { id, outs } = await provider.create(await make());
  await lab.admin.machines.update(id, { description: "theirs", zone: "default" });
  const { inputs = {} } = await provider.read(id, outs);
  assert.equal(inputs["description"], "theirs");
  const diff = await provider.diff(id, { ...outs, ...inputs }, await make());
  assert.equal(diff.changes, true);
});

test("a machine that is gone from MAAS is gone from the state", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.machines.delete(id);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("deleting it leaves it enlisted and Ready, in the pool where it was found", async (t) => {
  const { lab, provider, make } = await setUp(t, { pool: "nucs" });
  await lab.admin.pools.create({ name: "nucs" });
  const { mac } = { mac: (await make())["macAddresses"] as string[] };
  const known = await lab.admin.machines.create({
    architecture: "amd64/generic",
    mac_addresses: mac,
    commission: false,
    power_type: "manual",
  });
  const { id, outs } = await provider.create(await make());
  assert.equal(id, known.system_id);
  await provider.delete(id, outs);
  const found = await lab.machine(id);
  assert.equal(found.status_name, "Ready");
  assert.equal(found.pool.name, "default");
});

test("told to forget it, it is deleted from MAAS; twice is no error", async (t) => {
  const { lab, provider, make } = await setUp(t, { onDelete: "forget" });
  const { id, outs } = await provider.create(await make());
  await provider.delete(id, outs);
  assert.equal(await lab.admin.machines.read(id), undefined);
  await provider.delete(id, outs);
});

test("somebody's machine is not forgotten while they use it", async (t) => {
  const { lab, provider, make } = await setUp(t, { onDelete: "forget" });
  const { id, outs } = await provider.create(await make());
  await lab.admin.machines.allocate({ system_id: id });
  await assert.rejects(provider.delete(id, outs), /owned by admin: it is not forgotten/);
});

test("no password is in the state, and none in an error", async (t) => {
  const { provider, make } = await setUp(t);
  const { outs } = await provider.create(await make());
  assert.doesNotMatch(JSON.stringify(outs), /planted-amt-password/);
});
