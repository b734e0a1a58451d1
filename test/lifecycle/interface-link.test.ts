import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { interfaceLink } from "../../providers/maas/interface-link.ts";
import { subnet } from "../../providers/maas/subnet.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const MAC = "1c:69:7a:00:03:01";

async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const id = await lab.readyMachine(MAC);
  const provider = lab.provider(interfaceLink);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:InterfaceLink", "nuc", {
      machine: id,
      macAddress: MAC,
      subnet: "172.16.0.0/20",
      address: "172.16.0.11",
      ...change,
    });
  const links = async () => (await lab.machine(id)).interface_set[0]?.links.map((link) => [link.mode, link.ip_address]);
  return { lab, provider, make, links, id };
}

test("the card gets the static address, and loses the automatic one", async (t) => {
  const { provider, make, links } = await setUp(t);
  await provider.create(await make());
  assert.deepEqual(await links(), [["static", "172.16.0.11"]]);
});

test("creating it again changes nothing", async (t) => {
  const { lab, provider, make } = await setUp(t);
  await provider.create(await make());
  lab.writes();
  await provider.create(await make());
  assert.deepEqual(lab.writes(), []);
});

test("an address in use says by what it may be", async (t) => {
  const { provider, make } = await setUp(t);
  await assert.rejects(provider.create(await make({ address: "172.16.0.3" })), /172\.16\.0\.3 is in use already/);
});

test("deleting it gives the card its automatic address back", async (t) => {
  const { provider, make, links } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await provider.delete(id, outs);
  assert.deepEqual(await links(), [["auto", undefined]]);
});

test("a link that is gone is gone from the state", async (t) => {
  const { lab, provider, make, id: systemId } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const card = (await lab.machine(systemId)).interface_set[0];
  const link = card?.links[0];
  assert.ok(card && link);
  await lab.admin.interfaces.unlinkSubnet(systemId, card.id, link.id);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("another address of a machine at rest is one object touched, in place, and the machine is never without", async (t) => {
  const { lab, provider, make, links } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const news = await make({ address: "172.16.0.12" });
  assert.deepEqual(await provider.diff(id, outs, news), { changes: true, replaces: [], deleteBeforeReplace: true });
  lab.writes();
  const changed = await provider.update(id, outs, news);
  assert.deepEqual(
    lab.writes().map((write) => write.split(" ").at(-1)),
    ["link_subnet", "unlink_subnet"],
  );
  assert.deepEqual(await links(), [["static", "172.16.0.12"]]);
  assert.equal((await provider.read(id, changed.outs)).props?.["address"], "172.16.0.12");
  await provider.update(id, changed.outs, news);
  assert.deepEqual(lab.writes(), []);
});

test("an update that died between the two links is gone on with", async (t) => {
  const { lab, provider, make, links, id: systemId } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const card = (await lab.machine(systemId)).interface_set[0];
  assert.ok(card);
  const link = { mode: "STATIC", subnet: "cidr:172.16.0.0/20", ip_address: "172.16.0.12" } as const;
  await lab.admin.interfaces.linkSubnet(systemId, card.id, link);
  await provider.update(id, outs, await make({ address: "172.16.0.12" }));
  assert.deepEqual(await links(), [["static", "172.16.0.12"]]);
});

test("another address of a machine at work redeploys it, and the preview says so", async (t) => {
  const { lab, provider, make, id: systemId } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.machines.deploy(systemId, { distro_series: "jammy" });
  await lab.boot(systemId, "deploy-ok");
  const { replaces } = await provider.diff(id, outs, await make({ address: "172.16.0.12" }));
  assert.deepEqual(replaces, ["address"]);
  assert.match(lab.notes.join(), /\[redeploy\] address: /);
});

test("static, automatic, DHCP and up only: each can become the other, and the card goes back to what it was", async (t) => {
  const { provider, make, links } = await setUp(t);
  const made = await provider.create(await make());
  const { id } = made;
  let { outs } = made;
  const cidr = "172.16.0.0/20";
  for (const [mode, change, expected] of [
    ["dhcp", { subnet: cidr }, [["dhcp", "172.16.1.101"]]],
    ["auto", { subnet: cidr }, [["auto", undefined]]],
    ["link-up", { subnet: undefined }, [["link_up", undefined]]],
    ["static", { subnet: cidr, address: "172.16.0.13" }, [["static", "172.16.0.13"]]],
  ] as const) {
    ({ outs } = await provider.update(id, outs, await make({ address: undefined, mode, ...change })));
    assert.deepEqual(await links(), expected, mode);
  }
  await provider.delete(id, outs);
  assert.deepEqual(await links(), [["auto", undefined]]);
});

test("the default gateway is chosen, looked after, and given up", async (t) => {
  const { lab, provider, make, id: systemId } = await setUp(t);
  const { id, outs } = await provider.create(await make({ defaultGateway: true }));
  const chosen = async () => (await lab.machine(systemId)).default_gateways.ipv4.link_id;
  const link = (await lab.machine(systemId)).interface_set[0]?.links[0];
  assert.equal(await chosen(), link?.id);
  assert.equal((await provider.read(id, outs)).props?.["defaultGateway"], true);
  const without = await provider.update(id, outs, await make({ defaultGateway: false }));
  assert.equal(await chosen(), null);
  // MAAS's own choice is the same gateway, so asking for it is nothing to do.
  lab.writes();
  await provider.update(id, without.outs, await make({ defaultGateway: true }));
  assert.deepEqual(lab.writes(), []);
});

test("a link that was there before is left there on delete", async (t) => {
  const { lab, provider, make, links, id: systemId } = await setUp(t);
  const card = (await lab.machine(systemId)).interface_set[0];
  assert.ok(card);
  const link = { mode: "STATIC", subnet: "cidr:172.16.0.0/20", ip_address: "172.16.0.11" } as const;
  await lab.admin.interfaces.linkSubnet(systemId, card.id, link);
  const { id, outs } = await provider.create(await make());
  assert.deepEqual(await links(), [["static", "172.16.0.11"]]);
  await provider.delete(id, outs);
  assert.deepEqual(await links(), [["static", "172.16.0.11"]]);
});

test("what a create left behind is found, with the links of before", async (t) => {
  const { provider, make, links } = await setUp(t);
  const inputs = await make();
  assert.equal(await provider.leftBehind(inputs), undefined);
  const made = await provider.create(inputs);
  const left = await provider.leftBehind(inputs);
  assert.deepEqual(left, made);
  await provider.delete(left.id, left.outs);
  assert.deepEqual(await links(), [["auto", undefined]]);
});

test("the state of an older Metalform is understood", async (t) => {
  const { provider, make, links } = await setUp(t);
  const inputs = await make();
  const { outs } = await provider.create(inputs);
  const { systemId: _systemId, interfaceId: _interfaceId, former: _former, ...old } = outs;
  const id = `${String(old["machine"])}/${MAC}/172.16.0.11`;
  assert.notDeepEqual(await provider.read(id, old), {});
  assert.equal((await provider.diff(id, old, await make({ mode: "static" }))).changes, false);
  await provider.delete(id, old);
  assert.deepEqual(await links(), [["auto", undefined]]);
});

test("the gateway's address is refused: MAAS would take it", async (t) => {
  const { lab, provider, make } = await setUp(t);
  await assert.rejects(
    provider.create(await make({ address: "172.16.0.1" })),
    /172\.16\.0\.1 is the gateway of the subnet/,
  );
  assert.deepEqual(lab.writes(), []);
});

test("what cannot be is told at preview, all at once", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(interfaceLink);
  const failures = async (name: string, inputs: Record<string, unknown>) =>
    (await provider.check({}, { ...inputs, __urn: urnOf("maas:InterfaceLink", name) })).failures
      .map(({ property, reason }) => `${property} ${reason}`)
      .join("\n");
  const card = { machine: "abc123", macAddress: "1c:69:7a:00:03:77", subnet: "172.16.0.0/20" };
  assert.equal(await failures("first", { ...card, address: "172.16.0.21" }), "");
  assert.match(
    await failures("second", { ...card, address: "172.16.0.21" }),
    /address 172\.16\.0\.21 is first's already/,
  );
  assert.match(await failures("third", { ...card, address: "172.16.15.255" }), /broadcast address/);
  assert.match(await failures("fourth", { ...card, address: "172.16.0.0" }), /network address/);
  const declared = { cidr: "10.77.0.0/24", gateway: "10.77.0.9", __urn: urnOf("maas:Subnet", "lab net") };
  assert.deepEqual((await lab.provider(subnet).check({}, declared)).failures, []);
  const there = { ...card, macAddress: "1c:69:7a:00:03:78", subnet: "7", origin: { cidr: "10.77.0.0/24" } };
  assert.match(
    await failures("a", { ...there, address: "10.77.0.9" }),
    /10\.77\.0\.9 is the gateway of the subnet lab net/,
  );
  assert.match(await failures("b", { ...there, address: "10.78.0.9" }), /is outside 10\.77\.0\.0\/24/);
  assert.match(
    await failures("fifth", { ...card, mode: "link-up", address: "172.16.0.22" }),
    /subnet has no meaning.*\naddress has a meaning/,
  );
  assert.match(
    await failures("sixth", { ...card, mode: "dhcp", defaultGateway: true }),
    /defaultGateway MAAS takes it with/,
  );
  assert.match(
    await failures("seventh", { ...card, interface: "abc123/4", address: "172.16.0.23" }),
    /machine follows from interface/,
  );
  assert.match(await failures("eighth", { ...card, mode: "statc" }), /mode "statc" is unknown; did you mean "static"/);
});

test("a card that the machine lacks is named beside those it has", async (t) => {
  const { provider, make } = await setUp(t);
  await assert.rejects(
    provider.create(await make({ macAddress: "1c:69:7a:00:03:99" })),
    /has no network card 1c:69:7a:00:03:99; it has enp1s0 1c:69:7a:00:03:01/,
  );
});
