import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { vlanDhcp } from "../../providers/maas/vlan-dhcp.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const RACK = "xq6mwh";

async function setUp(t: TestContext, withRange = true) {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(vlanDhcp);
  const range = { type: "dynamic", start_ip: "172.16.1.1", end_ip: "172.16.1.254", comment: "", subnet: 1 } as const;
  const ranges = withRange ? [String((await lab.admin.ipRanges.create(range)).id)] : [];
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:VlanDhcp", "pxe", { vlan: "1", ranges, ...change });
  const now = async (id = 1) => {
    const { dhcp_on, primary_rack, secondary_rack, relay_vlan } = (await lab.admin.vlans.read(id)) ?? {};
    return { on: dhcp_on, primary: primary_rack, secondary: secondary_rack, relay: relay_vlan?.id };
  };
  return { lab, provider, make, now };
}

test("DHCP goes on with the only rack that sees the VLAN, and off again", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  assert.deepEqual(lab.writes(), ["PUT vlans/1/"]);
  assert.deepEqual([id, outs["servedBy"]], ["1", RACK]);
  assert.deepEqual(await now(), { on: true, primary: RACK, secondary: null, relay: undefined });
  await provider.delete(id, outs);
  // Off first, and only then the rack.
  assert.deepEqual(lab.writes(), ["PUT vlans/1/", "PUT vlans/1/"]);
  assert.deepEqual(await now(), { on: false, primary: null, secondary: null, relay: undefined });
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("DHCP that was on before is left on", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  await lab.admin.vlans.update(1, { dhcp_on: true, primary_rack: RACK });
  const { id, outs } = await provider.create(await make());
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
  assert.equal((await now()).on, true);
});

test("a create that goes on after a crash gives back what was there before the first try", async (t) => {
  const { provider, make, now } = await setUp(t);
  const news = await make();
  assert.equal(await provider.leftBehind(news), undefined);
  await provider.create(news);
  assert.equal((await provider.leftBehind(news))?.id, "1");
  const { id, outs } = await provider.create(news);
  await provider.delete(id, outs);
  assert.deepEqual(await now(), { on: false, primary: null, secondary: null, relay: undefined });
});

test("without a dynamic range it says what to declare, and what was begun is gone on with", async (t) => {
  const { lab, provider, make, now } = await setUp(t, false);
  const failure: unknown = await provider.create(await make()).catch((error: unknown) => error);
  assert.match(String(failure), /none of its subnets has a dynamic range\. Declare an IpRange of type "dynamic"/);
  const { id, properties } = failure as { id: string; properties: Record<string, unknown> };
  const fields = { type: "dynamic", start_ip: "172.16.1.1", end_ip: "172.16.1.9", comment: "" } as const;
  await lab.admin.ipRanges.create({ ...fields, subnet: 1 });
  const { outs } = await provider.update(id, properties, await make());
  assert.equal((await now()).on, true);
  await provider.delete(id, outs);
  assert.equal((await now()).on, false);
});

test("a VLAN that no rack sees says which racks there are", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id } = await lab.admin.vlans.create(0, { vid: 20 });
  await assert.rejects(
    provider.create(await make({ vlan: String(id) })),
    /No rack controller has an interface on VLAN 20 of fabric fabric-0.*xq6mwh \(main\)/,
  );
  await assert.rejects(provider.create(await make({ vlan: "99" })), /There is no VLAN 99 in MAAS/);
});

test("a relay is set, changed to serving, and taken away", async (t) => {
  const { lab, provider, now } = await setUp(t);
  const { id: far } = await lab.admin.vlans.create(0, { vid: 20 });
  const vlan = String(far);
  const news = await checked(provider, "maas:VlanDhcp", "far", { vlan, relayVlan: "1" });
  const { id, outs } = await provider.create(news);
  assert.equal((await now(far)).relay, 1);
  assert.equal(outs["servedBy"], "");
  const { inputs = {} } = await provider.read(id, outs);
  assert.equal(inputs["relayVlan"], "1");
  await provider.delete(id, outs);
  assert.equal((await now(far)).relay, undefined);
});

test("DHCP can be kept off, and is on again after a destroy where it was on", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  await lab.admin.vlans.update(1, { dhcp_on: true, primary_rack: RACK });
  const { id, outs } = await provider.create(await make({ dhcpOn: false }));
  assert.equal((await now()).on, false);
  await provider.delete(id, outs);
  assert.equal((await now()).on, true);
});

test("a VLAN that is gone is gone from the state", async (t) => {
  const { lab, provider } = await setUp(t);
  const { id: far } = await lab.admin.vlans.create(0, { vid: 20 });
  const news = await checked(provider, "maas:VlanDhcp", "far", { vlan: String(far), relayVlan: "1" });
  const { id, outs } = await provider.create(news);
  await lab.admin.vlans.delete(far);
  assert.deepEqual(await provider.read(id, outs), {});
  await provider.delete(id, outs);
});

test("a VLAN that serves changes to a relay: off first", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id: far } = await lab.admin.vlans.create(0, { vid: 20 });
  const { id, outs } = await provider.create(await make());
  lab.writes();
  const changed = await provider.update(id, outs, await make({ relayVlan: String(far) }));
  assert.deepEqual(await now(), { on: false, primary: null, secondary: null, relay: far });
  await provider.update(id, changed.outs, await make());
  assert.deepEqual(await now(), { on: true, primary: RACK, secondary: null, relay: undefined });
});

test("two racks trade places one after the other", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const sent: object[] = [];
  const racks = { primary_rack: "a", secondary_rack: "b" };
  const vlan = { ...(await lab.admin.vlans.read(1)), dhcp_on: true, ...racks };
  t.mock.method(lab.services.networks, "vlan", () => Promise.resolve(vlan));
  t.mock.method(lab.services.client.vlans, "update", (_id: number, form: object) => Promise.resolve(sent.push(form)));
  const asked = await make({ primaryRack: "a", secondaryRack: "b" });
  const old = { ...asked, vlanId: "1", servedBy: "a", former: { adopted: true } };
  await provider.update("1", old, await make({ primaryRack: "b", secondaryRack: "a" }));
  assert.deepEqual(sent, [{ secondary_rack: "" }, { primary_rack: "b" }, { secondary_rack: "a" }]);
});

test("DHCP that somebody switched off is drift, and another rack too, also where the choice was ours", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.vlans.update(1, { primary_rack: "" });
  const { inputs = {}, props = {} } = await provider.read(id, outs);
  assert.equal(inputs["primaryRack"], "");
  assert.equal((await provider.diff(id, props, await make())).changes, true);
  await provider.update(id, props, await make());
  assert.equal((await lab.admin.vlans.read(1))?.primary_rack, RACK);
  await lab.admin.vlans.update(1, { dhcp_on: false });
  const off = await provider.read(id, outs);
  assert.equal(off.inputs?.["dhcpOn"], false);
  const { outs: on } = await provider.update(id, off.props ?? {}, await make());
  assert.equal((await lab.admin.vlans.read(1))?.dhcp_on, true);
  await provider.delete(id, on);
  assert.deepEqual(await now(), { on: false, primary: null, secondary: null, relay: undefined });
});

test("what is wrong is told at preview, all at once, without asking MAAS", async (t) => {
  const { lab, provider } = await setUp(t, false);
  lab.requests.length = 0;
  const reasons = async (urn: string, news: Record<string, unknown>) =>
    String(
      (await provider.check({}, { ...news, __urn: urnOf("maas:VlanDhcp", urn) })).failures.map(
        ({ property, reason }) => `${property} ${reason}`,
      ),
    );
  assert.match(await reasons("x", {}), /vlan or subnet says where: write one of the two, `vlan\.id`/);
  assert.match(await reasons("x", { vlan: "pxe" }), /vlan "pxe" is no VLAN/);
  assert.match(await reasons("x", { vlan: "7", relayVlan: "7" }), /relayVlan is the VLAN itself/);
  assert.match(
    await reasons("x", { vlan: "7", relayVlan: "8", primaryRack: "a", dhcpOn: true }),
    /primaryRack cannot be together with relayVlan/,
  );
  assert.match(
    await reasons("x", { vlan: "7", primaryRack: "a", secondaryRack: "a" }),
    /"a" is the primary rack already/,
  );
  assert.match(await reasons("x", { vlan: "7", ranges: ["172.16.1.1"] }), /ranges\[0\] "172\.16\.1\.1" is no range/);
  assert.match(await reasons("y", { vlan: "7" }), /vlan has DHCP by x already/);
  assert.deepEqual(lab.requests, []);
});

test("a subnet says which VLAN too, by id or by CIDR", async (t) => {
  const { provider, make, now } = await setUp(t);
  for (const subnet of ["1", "172.16.0.0/20"]) {
    const { id, outs } = await provider.create(await make({ vlan: undefined, subnet }));
    assert.equal(id, "1");
    assert.equal((await now()).on, true);
    assert.equal((await provider.read(id, outs)).id, "1");
    await provider.delete(id, outs);
    assert.equal((await now()).on, false);
  }
});

test("either the VLAN or a subnet on it is needed, not both", async (t) => {
  const { lab } = await setUp(t);
  const provider = lab.provider(vlanDhcp);
  for (const places of [{}, { vlan: "1", subnet: "1" }]) {
    const { failures } = await provider.check({}, { ...places, __urn: urnOf("maas:VlanDhcp", "both") });
    assert.match(failures[0]?.reason ?? "", /write one of the two/);
  }
});
