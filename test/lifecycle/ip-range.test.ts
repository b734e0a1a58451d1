import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { ipRange } from "../../providers/maas/ip-range.ts";
import { subnet } from "../../providers/maas/subnet.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const CIDR = "172.16.0.0/20";

async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(ipRange);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:IpRange", "pxe", {
      type: "dynamic",
      start: "172.16.1.1",
      end: "172.16.1.254",
      subnet: CIDR,
      comment: "for PXE",
      ...change,
    });
  const now = (id: string) => lab.admin.ipRanges.read(Number(id));
  return { lab, provider, make, now };
}

test("a range that is not there is made, changed in place, and deleted; deleting it twice is fine", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  assert.deepEqual(lab.writes(), ["POST ipranges/"]);
  const changed = await provider.update(
    id,
    outs,
    await make({ start: "172.16.2.1", end: "172.16.2.99", type: "reserved" }),
  );
  assert.deepEqual(lab.writes(), [`PUT ipranges/${id}/`]);
  const found = await now(id);
  assert.deepEqual([found?.type, found?.start_ip, found?.end_ip], ["reserved", "172.16.2.1", "172.16.2.99"]);
  await provider.delete(id, changed.outs);
  assert.equal(await now(id), undefined);
  await provider.delete(id, changed.outs);
});

test("the subnet may be named by its id", async (t) => {
  const { provider, make, now } = await setUp(t);
  const { id } = await provider.create(await make({ subnet: "1" }));
  assert.equal((await now(id))?.subnet.cidr, CIDR);
  await assert.rejects(provider.create(await make({ subnet: "99" })), /There is no subnet 99 in MAAS/);
});

test("one that MAAS has from start to end is adopted, and as it was after a destroy", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const fields = { type: "reserved", start_ip: "172.16.1.1", end_ip: "172.16.1.254", comment: "theirs" } as const;
  const theirs = await lab.admin.ipRanges.create({ ...fields, subnet: 1 });
  const { id, outs } = await provider.create(await make());
  assert.equal(id, String(theirs.id));
  assert.deepEqual([(await now(id))?.type, (await now(id))?.comment], ["dynamic", "for PXE"]);
  await provider.delete(id, outs);
  assert.deepEqual([(await now(id))?.type, (await now(id))?.comment], ["reserved", "theirs"]);
});

test("a create that goes on after a crash knows that the range is its own", async (t) => {
  const { provider, make, now } = await setUp(t);
  const news = await make();
  await provider.create(news);
  assert.ok(await provider.leftBehind(news));
  const { id, outs } = await provider.create(news);
  await provider.delete(id, outs);
  assert.equal(await now(id), undefined);
});

test("what it conflicts with is named", async (t) => {
  const { provider, make } = await setUp(t);
  await assert.rejects(
    provider.create(await make({ start: "172.16.0.1", end: "172.16.0.9" })),
    /conflicts with an existing IP address or range.* In use there: 172\.16\.0\.1 \(gateway-ip\), 172\.16\.0\.3 \(assigned-ip\)/,
  );
});

test("drift is named; one that is gone is gone from the state", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.ipRanges.update(Number(id), { end_ip: "172.16.1.99", type: "reserved" });
  const { inputs = {} } = await provider.read(id, outs);
  assert.deepEqual([inputs["end"], inputs["type"], inputs["start"]], ["172.16.1.99", "reserved", "172.16.1.1"]);
  await lab.admin.ipRanges.delete(Number(id));
  assert.deepEqual(await provider.read(id, outs), {});
});

test("the last range of a VLAN with DHCP is not deleted: MAAS would keep DHCP on without addresses", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const rack = (await lab.admin.rackControllers.list())[0]?.system_id ?? "";
  await lab.admin.vlans.update(1, { dhcp_on: true, primary_rack: rack });
  await assert.rejects(provider.delete(id, outs), /is the last that DHCP has on VLAN 0 of fabric fabric-0/);
  assert.ok(await now(id));
  await lab.admin.vlans.update(1, { dhcp_on: false });
  await provider.delete(id, outs);
  assert.equal(await now(id), undefined);
});

test("a change of the addresses says in the preview whom it interrupts", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const diff = await provider.diff(id, outs, await make({ end: "172.16.1.100" }));
  assert.deepEqual(diff, { changes: true, replaces: [], deleteBeforeReplace: false });
  assert.match(lab.notes.join(), /\[in place\] end: a machine that has its address by DHCP/);
});

test("what is wrong is told at preview, all at once, without asking MAAS", async (t) => {
  const { lab, provider } = await setUp(t);
  const reasons = async (urn: string, change: Record<string, unknown>) => {
    const news = { type: "dynamic", start: "10.1.0.10", end: "10.1.0.19", subnet: "10.1.0.0/24", ...change };
    const { failures } = await provider.check({}, { ...news, __urn: urnOf("maas:IpRange", urn) });
    return failures.map(({ property, reason }) => `${property} ${reason}`);
  };
  const only = async (change: Record<string, unknown>) => String(await reasons("x", change));
  assert.equal(await only({}), "");
  assert.match(await only({ type: "dynmic" }), /"dynmic" is unknown; did you mean "dynamic"/);
  assert.match(
    await only({ start: "10.1.0", subnet: "10.1.0" }),
    /start "10\.1\.0" is not an IP.*subnet "10\.1\.0" is no subnet/,
  );
  assert.match(await only({ start: "10.1.0.20" }), /end "10\.1\.0\.19" comes before the start "10\.1\.0\.20"/);
  assert.match(await only({ end: "2001:db8::1" }), /are not of one family/);
  assert.match(await only({ end: "10.1.1.5" }), /end "10\.1\.1\.5" is outside 10\.1\.0\.0\/24/);
  assert.match(await only({ start: "10.0.0.1" }), /start "10\.0\.0\.1" is outside 10\.1\.0\.0\/24/);
  assert.match(await only({ start: "10.1.0.0" }), /start is 10\.1\.0\.0\/24's network address/);
  assert.match(await only({ end: "10.1.0.255" }), /end is 10\.1\.0\.0\/24's broadcast address/);
  assert.match(
    await only({ start: "2001:db8::1", end: "2001:db8::99", subnet: "2001:db8::/64" }),
    /less than the 256 addresses/,
  );
  assert.deepEqual(await reasons("x", {}), []);
  assert.match(
    String(await reasons("y", { start: "10.1.0.15", end: "10.1.0.25" })),
    /overlaps x \(10\.1\.0\.10 to 10\.1\.0\.19\)/,
  );
  assert.deepEqual(lab.requests, []);
});

test("a range in a subnet of the same program is held against that, whose id is unknown at preview", async (t) => {
  const { lab, provider } = await setUp(t);
  const subnets = lab.provider(subnet);
  await checked(subnets, "maas:Subnet", "lan", { cidr: "10.5.0.0/24", gateway: "10.5.0.1" });
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
  const reasons = async (start: string, end: string, type = "dynamic") => {
    const news = { type, start, end, subnet: unknown, __urn: urnOf("maas:IpRange", "lan") };
    return String((await provider.check({}, news)).failures.map(({ property, reason }) => `${property} ${reason}`));
  };
  assert.match(await reasons("10.5.0.200", "10.5.1.9"), /end "10\.5\.1\.9" is outside 10\.5\.0\.0\/24/);
  assert.match(await reasons("10.5.0.1", "10.5.0.9"), /has the gateway 10\.5\.0\.1 in it, which DHCP would give away/);
  assert.equal(await reasons("10.5.0.1", "10.5.0.9", "reserved"), "");
  assert.equal(await reasons("10.6.0.1", "10.6.0.9"), "");
});
