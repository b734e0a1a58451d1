import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { vlanInterface } from "../../providers/maas/vlan-interface.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

let last = 0;

/** A Ready machine whose card's fabric has the VLAN 20. */
async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const macAddress = `1c:69:7a:00:09:${(++last).toString(16).padStart(2, "0")}`;
  const machine = await lab.readyMachine(macAddress);
  const card = (await lab.machine(machine)).interface_set[0];
  assert.ok(card?.vlan);
  const vlan = await lab.admin.vlans.create(card.vlan.fabric_id, { vid: 20 });
  const provider = lab.provider(vlanInterface);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:VlanInterface", `vlan ${String(last)}`, { machine, macAddress, vid: 20, ...change });
  const shown = async () =>
    (await lab.machine(machine)).interface_set.map(({ name, params, links }) => [
      name,
      params,
      links.map(({ mode }) => mode).join(),
    ]);
  return { lab, provider, make, shown, machine, card, vlan };
}

test("it is made by its VID under MAAS's name, and deleted; its parent keeps link and MTU", async (t) => {
  const { lab, provider, make, shown } = await setUp(t);
  const before = await shown();
  const { id, outs } = await provider.create(await make({ mtu: 9000, tags: ["storage"] }));
  assert.deepEqual((await shown())[0]?.[2], "auto");
  assert.deepEqual((await shown())[1], ["enp1s0.20", { mtu: 9000 }, "link_up"]);
  assert.equal(lab.writes().length, 1);
  await provider.delete(id, outs);
  assert.deepEqual(await shown(), before);
  lab.writes();
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("a name of its own comes with a second request, and is changed in place", async (t) => {
  const { lab, provider, make, shown, vlan } = await setUp(t);
  const { id, outs } = await provider.create(await make({ vid: undefined, vlan: String(vlan.id), name: "storage0" }));
  assert.equal(lab.writes().length, 2);
  const news = await make({ vid: undefined, vlan: String(vlan.id), name: "storage1" });
  assert.deepEqual((await provider.diff(id, outs, news)).replaces, []);
  await provider.update(id, outs, news);
  assert.equal((await shown())[1]?.[0], "storage1");
});

test("one that MAAS had is used, and left there as it was", async (t) => {
  const { lab, provider, make, shown, machine, card, vlan } = await setUp(t);
  await lab.admin.interfaces.createVlan(machine, { parent: card.id, vlan: vlan.id });
  const before = await shown();
  const { id, outs } = await provider.create(await make({ name: "storage0" }));
  await provider.delete(id, outs);
  assert.deepEqual(await shown(), before);
});

test("after a crash it is ours still, and nothing is done twice", async (t) => {
  const { lab, provider, make, shown } = await setUp(t);
  const before = await shown();
  const inputs = await make();
  assert.equal(await provider.leftBehind(inputs), undefined);
  const first = await provider.create(inputs);
  lab.writes();
  assert.deepEqual(await provider.create(inputs), first);
  assert.deepEqual(await provider.leftBehind(inputs), first);
  assert.deepEqual(lab.writes(), []);
  await provider.delete(first.id, first.outs);
  assert.deepEqual(await shown(), before);
});

test("drift is seen: another VLAN, another name, one that is gone", async (t) => {
  const { lab, provider, make, machine, card } = await setUp(t);
  const { id, outs } = await provider.create(await make({ name: "storage0" }));
  const other = await lab.admin.vlans.create(card.vlan?.fabric_id ?? 0, { vid: 21 });
  const nic = Number(outs["interfaceId"]);
  await lab.admin.interfaces.update(machine, nic, { name: "theirs", vlan: other.id });
  const { props } = await provider.read(id, outs);
  assert.deepEqual([props?.["name"], props?.["vid"]], ["theirs", 21]);
  await lab.admin.interfaces.delete(machine, nic);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("a VLAN that the fabric lacks is told, with what to do", async (t) => {
  const { provider, make } = await setUp(t);
  await assert.rejects(
    provider.create(await make({ vid: 99 })),
    /There is no VLAN 99 in fabric-0, .*declare it \(`new Vlan`\)/,
  );
});

test("what cannot be is told at preview, all at once", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(vlanInterface);
  const failures = async (name: string, inputs: Record<string, unknown>) =>
    (await provider.check({}, { ...inputs, __urn: urnOf("maas:VlanInterface", name) })).failures
      .map(({ property, reason }) => `${property} ${reason}`)
      .join("\n");
  assert.match(await failures("a", { parent: "abc123/1", vid: 0 }), /vid 0 is the untagged VLAN/);
  assert.match(
    await failures("b", { parent: "abc123/1", vid: 4095 }),
    /vid is 4095; write a whole number from 1 to 4094/,
  );
  assert.match(await failures("c", { parent: "abc123/1", vid: 20, vlan: "5" }), /vid says the same as vlan/);
  assert.match(await failures("d", { parent: "abc123/1" }), /vid is missing/);
  const nested = { parent: "abc123/2", vid: 20, mtu: 9000, origin: { type: "vlan", mtu: 1500 } };
  assert.match(await failures("e", nested), /mtu 9000 is larger[^]*parent is a VLAN interface/);
  const untagged = { parent: "abc123/9", vlan: "5001", origin: { vid: 0 } };
  assert.match(await failures("untagged", untagged), /vlan is an untagged VLAN/);
  assert.equal(await failures("f", { parent: "abc123/3", vid: 20 }), "");
  assert.match(await failures("g", { parent: "abc123/3", vid: 20 }), /vid is f's already, over the same interface/);
});
