import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { vlan } from "../../providers/maas/vlan.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(vlan);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:Vlan", "ovn", { fabric: "fabric-0", vid: 20, name: "ovn", mtu: 1400, ...change });
  const now = (id: string) => lab.admin.vlans.read(Number(id));
  return { lab, provider, make, now };
}

test("a VLAN that is not there is made, changed in place, and deleted; deleting it twice is fine", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  await lab.admin.spaces.create({ name: "apps" });
  const { id, outs } = await provider.create(await make());
  assert.deepEqual(lab.writes(), ["POST fabrics/name%3Afabric-0/vlans/"]);
  const changed = await provider.update(id, outs, await make({ mtu: 9000, space: "apps" }));
  assert.deepEqual(lab.writes(), [`PUT vlans/${id}/`]);
  const found = await now(id);
  assert.deepEqual([found?.mtu, found?.space, found?.name], [9000, "apps", "ovn"]);
  await provider.delete(id, changed.outs);
  assert.equal(await now(id), undefined);
  await provider.delete(id, changed.outs);
});

test("the untagged VLAN is adopted, and as it was after a destroy", async (t) => {
  const { lab, provider, now } = await setUp(t);
  const { id: space } = await lab.admin.spaces.create({ name: "apps" });
  const news = await checked(provider, "maas:Vlan", "untagged", {
    fabric: "0",
    vid: 0,
    mtu: 9000,
    space: String(space),
  });
  const { id, outs } = await provider.create(news);
  assert.deepEqual([(await now(id))?.mtu, (await now(id))?.space], [9000, "apps"]);
  await provider.delete(id, outs);
  assert.deepEqual([(await now(id))?.mtu, (await now(id))?.space], [1500, "undefined"]);
});

test("what is taken out of the program goes back to what was found, and to MAAS's own where we made it", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const theirs = await lab.admin.vlans.create(0, { vid: 20, name: "theirs", mtu: 4000 });
  const adopted = await provider.create(await make());
  await provider.update(
    adopted.id,
    adopted.outs,
    await checked(provider, "maas:Vlan", "ovn", { fabric: "fabric-0", vid: 20 }),
  );
  assert.deepEqual([(await now(String(theirs.id)))?.mtu, (await now(String(theirs.id)))?.name], [4000, "theirs"]);
  const made = await provider.create(await checked(provider, "maas:Vlan", "b", { fabric: "0", vid: 21, mtu: 9000 }));
  await provider.update(made.id, made.outs, await checked(provider, "maas:Vlan", "b", { fabric: "0", vid: 21 }));
  assert.equal((await now(made.id))?.mtu, 1500);
});

test("a create that goes on after a crash knows that the VLAN is its own", async (t) => {
  const { provider, make, now } = await setUp(t);
  const news = await make();
  await provider.create(news);
  const found = await provider.leftBehind(news);
  assert.ok(found);
  const { id, outs } = await provider.create(news);
  assert.equal(id, found.id);
  await provider.delete(id, outs);
  assert.equal(await now(id), undefined);
});

test("somebody who is faster is adopted, not taken for ours", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const news = await make();
  const { vlans } = lab.services.client;
  const { readByVid } = vlans;
  // Between our look and our request.
  t.mock.method(vlans, "readByVid", async (fabric: string, vid: number) => {
    const found = await readByVid(fabric, vid);
    if (!found) await lab.admin.vlans.create(0, { vid, name: "theirs" });
    return found;
  });
  const { id, outs } = await provider.create(news);
  await provider.delete(id, outs);
  assert.equal((await now(id))?.name, "theirs");
});

test("what somebody made after MAAS had refused it to us is adopted", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const refused = await make({ space: "nowhere" });
  await assert.rejects(provider.create(refused), /MAAS refuses creating VLAN 20/);
  assert.equal(await provider.leftBehind(refused), undefined);
  const theirs = await lab.admin.vlans.create(0, { vid: 20, name: "theirs" });
  const { id, outs } = await provider.create(await make());
  assert.equal(id, String(theirs.id));
  await provider.delete(id, outs);
  assert.equal((await now(id))?.name, "theirs");
});

test("drift is named, also of the VID; one that is gone is gone from the state", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.vlans.update(Number(id), { mtu: 1300, space: "" });
  const { inputs = {} } = await provider.read(id, outs);
  assert.deepEqual([inputs["mtu"], inputs["name"], inputs["vid"]], [1300, "ovn", 20]);
  await lab.admin.vlans.delete(Number(id));
  assert.deepEqual(await provider.read(id, outs), {});
});

test("it is not deleted while a subnet is on it: MAAS would move that in silence", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.subnets.create({ cidr: "10.20.0.0/24", vlan: Number(id) });
  await assert.rejects(provider.delete(id, outs), /not deleted: MAAS would move its subnets 10\.20\.0\.0\/24/);
  assert.ok(await now(id));
});

test("a machine at work keeps it, one at rest and a rack lose it with a warning", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const { system_id: machine } = await lab.admin.machines.create({
    architecture: "amd64/generic",
    mac_addresses: ["1c:69:7a:00:09:02"],
    hostname: "nuc",
    commission: false,
    power_type: "manual",
  });
  await lab.admin.machines.commission(machine, { testing_scripts: "none" });
  await lab.boot(machine, "commission-ok");
  const parent = (await lab.machine(machine)).interface_set[0]?.id ?? 0;
  await lab.admin.interfaces.createVlan(machine, { parent, vlan: Number(id) });
  await lab.admin.machines.allocate({ system_id: machine });
  await assert.rejects(provider.delete(id, outs), /VLAN 20 of fabric fabric-0 is not deleted: it would cut off nuc/);
  assert.ok(await now(id));
  await lab.admin.machines.release(machine);
  const racks = await lab.admin.rackControllers.list();
  const onIt = racks.map((rack) => ({
    ...rack,
    interface_set: rack.interface_set.map((card) => ({ ...card, vlan: { ...card.vlan, id: Number(id) } })),
  }));
  t.mock.method(lab.services.networks, "rackControllers", () => Promise.resolve(onIt));
  await provider.delete(id, outs);
  assert.equal(await now(id), undefined);
  assert.match(
    lab.warnings.join(),
    /go the links that nuc had there.*The rack controller main had an interface on VLAN 20/,
  );
});

test("five that are read at the same time cost one request", async (t) => {
  const { lab, provider } = await setUp(t);
  const made = await Promise.all(
    [31, 32, 33, 34, 35].map(async (vid) =>
      provider.create(await checked(provider, "maas:Vlan", `v${String(vid)}`, { fabric: "0", vid })),
    ),
  );
  lab.requests.length = 0;
  await Promise.all(made.map(({ id, outs }) => provider.read(id, outs)));
  assert.deepEqual(lab.requests, ["GET fabrics/"]);
});

test("what is wrong is told at preview, all at once, without asking MAAS", async (t) => {
  const { lab, provider } = await setUp(t);
  const reasons = async (urn: string, news: Record<string, unknown>) =>
    (await provider.check({}, { ...news, __urn: urnOf("maas:Vlan", urn) })).failures.map(
      ({ property, reason }) => `${property} ${reason}`,
    );
  assert.deepEqual(await reasons("x", { fabric: "0", vid: 4095, mtu: 100 }), [
    "vid is 4095; write a whole number from 0 to 4094 (0 is the untagged VLAN)",
    "mtu is 100; write a whole number from 552 to 65535 (bytes)",
  ]);
  assert.match(String(await reasons("x", { fabric: "0", vid: "20" })), /vid must be a whole number/);
  assert.match(String(await reasons("x", { fabric: "0", vid: 0, name: "pxe" })), /cannot be set for VID 0/);
  assert.deepEqual(await reasons("b", { fabric: "9", vid: 7 }), []);
  assert.match(String(await reasons("c", { fabric: "9", vid: 7 })), /vid 7 is b in this fabric already/);
  assert.deepEqual(lab.requests, []);
});
