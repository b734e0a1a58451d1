import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { networkInterface } from "../../providers/maas/network-interface.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

let last = 0;

async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const macAddress = `1c:69:7a:00:08:${(++last).toString(16).padStart(2, "0")}`;
  const machine = await lab.readyMachine(macAddress);
  const provider = lab.provider(networkInterface);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:NetworkInterface", `nic ${String(last)}`, { machine, macAddress, ...change });
  const card = async () => {
    const found = (await lab.machine(machine)).interface_set.find(({ type }) => type === "physical");
    assert.ok(found);
    return found;
  };
  return { lab, provider, make, card, machine, macAddress };
}

test("a card is found by its MAC address, set up in one request, and given back as it was found", async (t) => {
  const { lab, provider, make, card, machine } = await setUp(t);
  const before = await card();
  const { id, outs } = await provider.create(await make({ name: "uplink0", mtu: 9000, tags: ["uplink"] }));
  assert.equal(id, `${machine}/${String(before.id)}`);
  const now = await card();
  assert.deepEqual([now.name, now.params, now.tags], ["uplink0", { mtu: 9000 }, ["uplink"]]);
  assert.equal(lab.writes().length, 2, "one for what it is, one for its tag");
  await provider.delete(id, outs);
  assert.deepEqual(await card(), before);
  lab.writes();
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("another VLAN takes its links; given back, it has both again", async (t) => {
  const { lab, provider, make, card } = await setUp(t);
  const before = await card();
  const vlan = await lab.admin.vlans.create(before.vlan?.fabric_id ?? 0, { vid: 40 });
  const { id, outs } = await provider.create(await make({ vlan: String(vlan.id) }));
  const now = await card();
  assert.deepEqual([now.vlan?.id, now.links.map(({ mode }) => mode)], [vlan.id, []]);
  await provider.delete(id, outs);
  const after = await card();
  assert.deepEqual([after.vlan?.id, after.links.map(({ mode }) => mode)], [before.vlan?.id, ["auto"]]);
});

test("what is not asked for any more goes back to what it was", async (t) => {
  const { provider, make, card } = await setUp(t);
  const before = await card();
  const { id, outs } = await provider.create(await make({ name: "uplink0", mtu: 9000 }));
  await provider.update(id, outs, await make());
  assert.deepEqual(await card(), before);
});

test("after a crash what was there before is not forgotten, and nothing is done twice", async (t) => {
  const { lab, provider, make, card } = await setUp(t);
  const before = await card();
  const inputs = await make({ name: "uplink0" });
  assert.equal(await provider.leftBehind(inputs), undefined);
  const first = await provider.create(inputs);
  lab.writes();
  assert.deepEqual(await provider.create(inputs), first);
  assert.deepEqual(await provider.leftBehind(inputs), first);
  assert.deepEqual(lab.writes(), []);
  await provider.delete(first.id, first.outs);
  assert.deepEqual(await card(), before);
});

test("what somebody has changed since is seen as drift, and left to them on delete", async (t) => {
  const { lab, provider, make, card, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make({ name: "uplink0", mtu: 9000, tags: ["uplink"] }));
  const found = await card();
  await lab.admin.interfaces.update(machine, found.id, { name: "theirs", mtu: "", tags: "" });
  const { props } = await provider.read(id, outs);
  assert.deepEqual([props?.["name"], props?.["mtu"], props?.["tags"]], ["theirs", 1500, []]);
  await provider.delete(id, outs);
  assert.equal((await card()).name, "theirs");
});

test("a card that is gone is gone from the state", async (t) => {
  const { lab, provider, make, card, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.interfaces.delete(machine, (await card()).id);
  assert.deepEqual(await provider.read(id, outs), {});
  await provider.delete(id, outs);
});

test("a new name redeploys a machine at work, a new tag does not", async (t) => {
  const { lab, provider, make, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.machines.deploy(machine, { distro_series: "jammy" });
  await lab.boot(machine, "deploy-ok");
  assert.deepEqual((await provider.diff(id, outs, await make({ name: "uplink0" }))).replaces, ["name"]);
  const tagged = await make({ tags: ["uplink"] });
  assert.deepEqual((await provider.diff(id, outs, tagged)).replaces, []);
  await provider.update(id, outs, tagged);
  await assert.rejects(
    provider.update(id, outs, await make({ mtu: 9000 })),
    /is Deployed: MAAS lets nobody change enp1s0 now/,
  );
});

test("what cannot be is told at preview, all at once", async (t) => {
  const { provider, macAddress } = await setUp(t);
  const inputs = {
    macAddress,
    name: "a name",
    vlan: "main",
    mtu: 1,
    tags: ["a b"],
    __urn: urnOf("maas:NetworkInterface", "x"),
  };
  const { failures } = await provider.check({}, inputs);
  assert.deepEqual(failures.map(({ property }) => property).sort(), ["machine", "mtu", "name", "tags[0]", "vlan"]);
  const again = { machine: "abc123", macAddress, __urn: urnOf("maas:NetworkInterface", "y") };
  assert.match((await provider.check({}, again)).failures[0]?.reason ?? "", /is x's already; put both into one/);
});
