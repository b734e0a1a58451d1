import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { interfaceLink } from "../../providers/maas/interface-link.ts";
import { ovsBridge } from "../../providers/maas/ovs-bridge.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const KIND = "maas:OvsBridge";
let last = 0;

/** A Ready machine with one card, as commissioning leaves it: an automatic link. */
async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const mac = `1c:69:7a:00:04:${(++last).toString(16).padStart(2, "0")}`;
  const machine = await lab.readyMachine(mac);
  const provider = lab.provider(ovsBridge);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, KIND, `br${String(last)}`, { machine, macAddress: mac, name: "br-ex", ...change });
  const interfaces = async () =>
    (await lab.machine(machine)).interface_set.map(({ name, type, links }) => [
      name,
      type,
      links.map(({ mode, ip_address }) => [mode, ip_address].filter((part) => part !== undefined).join(" ")).join(),
    ]);
  return { lab, provider, make, interfaces, machine, mac };
}

test("a bridge is made over the only card in one request, and then linked in one more: no unlinking", async (t) => {
  const { lab, provider, make, interfaces, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  assert.match(id, new RegExp(`^${machine}/\\d+$`));
  assert.equal(outs["systemId"], machine);
  const links = lab.provider(interfaceLink);
  const link = { interface: id, subnet: "172.16.0.0/20", address: "172.16.0.11", defaultGateway: true };
  await links.create(await checked(links, "maas:InterfaceLink", "ovs", link));
  assert.deepEqual(await interfaces(), [
    ["enp1s0", "physical", ""],
    ["br-ex", "bridge", "static 172.16.0.11"],
  ]);
  assert.deepEqual(
    lab.writes().map((write) => write.split(" ").at(-1)),
    ["create_bridge", "link_subnet"],
  );
  const { default_gateways: gateways, interface_set: set } = await lab.machine(machine);
  assert.equal(gateways.ipv4.link_id, set[1]?.links[0]?.id);
  assert.deepEqual(set[1]?.params, { bridge_fd: 15, bridge_stp: false, bridge_type: "ovs" });
});

test("deleting link and bridge gives the card its automatic link back; twice is no error", async (t) => {
  const { lab, provider, make, interfaces, machine } = await setUp(t);
  const before = (await lab.machine(machine)).interface_set.map(({ links, params }) => [links.length, params]);
  const { id, outs } = await provider.create(await make({ mtu: 1400 }));
  const links = lab.provider(interfaceLink);
  const link = { interface: id, subnet: "172.16.0.0/20", address: "172.16.0.12" };
  const linked = await links.create(await checked(links, "maas:InterfaceLink", "given", link));
  await links.delete(linked.id, linked.outs);
  await provider.delete(id, outs);
  assert.deepEqual(await interfaces(), [["enp1s0", "physical", "auto"]]);
  const after = (await lab.machine(machine)).interface_set.map((nic) => [nic.links.length, nic.params]);
  assert.deepEqual(after, before);
  lab.writes();
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("a delete that died between bridge and link is gone on with", async (t) => {
  const { lab, provider, make, interfaces, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.interfaces.delete(machine, Number(outs["interfaceId"]));
  assert.deepEqual(await interfaces(), [["enp1s0", "physical", ""]]);
  await provider.delete(id, outs);
  assert.deepEqual(await interfaces(), [["enp1s0", "physical", "auto"]]);
});

test("the static address that the card had comes back, and with it the choice of the gateway", async (t) => {
  const { lab, provider, make, interfaces, machine } = await setUp(t);
  const card = (await lab.machine(machine)).interface_set[0];
  assert.ok(card?.links[0]);
  await lab.admin.interfaces.linkSubnet(machine, card.id, {
    mode: "STATIC",
    subnet: "cidr:172.16.0.0/20",
    ip_address: "172.16.0.13",
    default_gateway: true,
  });
  await lab.admin.interfaces.unlinkSubnet(machine, card.id, card.links[0].id);
  const { id, outs } = await provider.create(await make());
  await provider.delete(id, outs);
  assert.deepEqual(await interfaces(), [["enp1s0", "physical", "static 172.16.0.13"]]);
  const { default_gateways: gateways, interface_set: set } = await lab.machine(machine);
  assert.equal(gateways.ipv4.link_id, set[0]?.links[0]?.id);
});

test("creating it again after a crash changes nothing, and what was there before is not forgotten", async (t) => {
  const { lab, provider, make, interfaces } = await setUp(t);
  const inputs = await make();
  const first = await provider.create(inputs);
  lab.writes();
  const second = await provider.create(inputs);
  assert.deepEqual(lab.writes(), []);
  assert.deepEqual(second, first);
  assert.deepEqual(await provider.leftBehind(inputs), first);
  await provider.delete(second.id, second.outs);
  assert.deepEqual(await interfaces(), [["enp1s0", "physical", "auto"]]);
});

test("a bridge that MAAS had is used, changed as asked, and left as it was", async (t) => {
  const { lab, provider, make, machine } = await setUp(t);
  const card = (await lab.machine(machine)).interface_set[0];
  assert.ok(card);
  const theirs = await lab.admin.interfaces.createBridge(machine, { name: "br-ex", parent: card.id, mtu: 1500 });
  const { id, outs } = await provider.create(await make({ mtu: 1400, tags: ["uplink"] }));
  assert.equal(id, `${machine}/${String(theirs.id)}`);
  const now = (await lab.machine(machine)).interface_set[1];
  assert.deepEqual([now?.params, now?.tags], [{ ...theirs.params, bridge_type: "ovs", mtu: 1400 }, ["uplink"]]);
  await provider.delete(id, outs);
  const after = (await lab.machine(machine)).interface_set[1];
  assert.deepEqual([after?.params, after?.tags], [theirs.params, []]);
});

test("name and MTU of a machine at rest are changed in place, and links stay", async (t) => {
  const { lab, provider, make, interfaces } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const links = lab.provider(interfaceLink);
  const link = { interface: id, subnet: "172.16.0.0/20", address: "172.16.0.14" };
  await links.create(await checked(links, "maas:InterfaceLink", "renamed", link));
  const news = await make({ name: "br-ovn", mtu: 1450 });
  assert.deepEqual(await provider.diff(id, outs, news), { changes: true, replaces: [], deleteBeforeReplace: true });
  lab.writes();
  await provider.update(id, outs, news);
  assert.equal(lab.writes().length, 1);
  assert.deepEqual(await interfaces(), [
    ["enp1s0", "physical", ""],
    ["br-ovn", "bridge", "static 172.16.0.14"],
  ]);
});

test("of a machine at work they redeploy, and the preview says so", async (t) => {
  const { lab, provider, make, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const links = lab.provider(interfaceLink);
  const link = { interface: id, subnet: "172.16.0.0/20", address: "172.16.0.15" };
  await links.create(await checked(links, "maas:InterfaceLink", "at work", link));
  await lab.admin.machines.deploy(machine, { distro_series: "jammy" });
  await lab.boot(machine, "deploy-ok");
  const { replaces } = await provider.diff(id, outs, await make({ name: "br-ovn" }));
  assert.deepEqual(replaces, ["name"]);
  assert.match(lab.notes.join(), /\[redeploy\] name: .*released, changed and deployed anew/);
  await provider.delete(id, outs);
  assert.match(lab.warnings.join(), /The bridge br-ex stays on machine .*, which is Deployed: somebody uses it/);
});

test("drift is seen: another name, another type, an MTU, a bridge that is gone", async (t) => {
  const { lab, provider, make, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make({ mtu: 1400 }));
  const bridge = Number(outs["interfaceId"]);
  await lab.admin.interfaces.update(machine, bridge, { name: "br-x", bridge_type: "standard", mtu: 1300 });
  const { props } = await provider.read(id, outs);
  assert.deepEqual([props?.["name"], props?.["bridgeType"], props?.["mtu"]], ["br-x", "standard", 1300]);
  await provider.update(id, props ?? {}, await make({ mtu: 1400 }));
  const now = (await lab.machine(machine)).interface_set[1];
  assert.deepEqual(
    [now?.name, now?.params],
    ["br-ex", { bridge_fd: 15, bridge_stp: false, bridge_type: "ovs", mtu: 1400 }],
  );
  await lab.admin.interfaces.delete(machine, bridge);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("a machine that somebody has allocated gets no bridge: it would be the deployment's", async (t) => {
  const { lab, provider, make, machine } = await setUp(t);
  await lab.admin.machines.allocate({ system_id: machine });
  await assert.rejects(provider.create(await make()), /is Allocated to admin: the bridge br-ex would be gone/);
  await lab.admin.machines.deploy(machine, { distro_series: "jammy" });
  await assert.rejects(provider.create(await make()), /is Deploying: MAAS lets nobody make a bridge over enp1s0 now/);
});

test("another bridge over the card, and another interface of that name, are named", async (t) => {
  const { lab, provider, make, machine } = await setUp(t);
  await assert.rejects(provider.create(await make({ name: "enp1s0" })), /has an interface enp1s0 already, a physical/);
  const card = (await lab.machine(machine)).interface_set[0];
  assert.ok(card);
  await lab.admin.interfaces.createBridge(machine, { name: "br-theirs", parent: card.id });
  await assert.rejects(provider.create(await make()), /enp1s0 of machine .* is under the bridge br-theirs already/);
});

test("a card below a bridge is not linked: MAAS would say yes and do nothing", async (t) => {
  const { lab, provider, make, machine, mac } = await setUp(t);
  await provider.create(await make());
  const links = lab.provider(interfaceLink);
  const inputs = { machine, macAddress: mac, mode: "static", subnet: "172.16.0.0/20", address: "172.16.0.16" };
  await assert.rejects(
    links.create({ ...inputs, __urn: urnOf("maas:InterfaceLink", "below") }),
    /enp1s0 of machine .* is under the bridge br-ex, .* Link br-ex instead/,
  );
});

test("what cannot be is told at preview, all at once", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(ovsBridge);
  const failures = async (name: string, inputs: Record<string, unknown>) =>
    (await provider.check({}, { ...inputs, __urn: urnOf(KIND, name) })).failures.map(
      ({ property, reason }) => `${property} ${reason}`,
    );
  const card = { machine: "abc123", macAddress: "1c:69:7a:00:05:01" };
  assert.deepEqual(await failures("first", { ...card, name: "br-ex" }), []);
  const second = (await failures("second", { ...card, name: "br-ex" })).join("\n");
  assert.match(second, /macAddress is under first already/);
  assert.match(second, /name "br-ex" is the name of first on the same machine/);
  const all = await failures("third", { name: "br-0123456789abc", mtu: 100, parent: "x", machine: "abc123" });
  assert.match(all.join("\n"), /name "br-0123456789abc" has 16 bytes; Linux allows 15: write "br-0123456789ab"/);
  assert.match(all.join("\n"), /mtu is 100; write a whole number from 552 to 65535/);
  assert.match(all.join("\n"), /parent "x" is no interface's id/);
  assert.match(all.join("\n"), /machine follows from parent/);
  const nested = await failures("fourth", {
    parent: "abc123/9",
    name: "br 4",
    mtu: 9000,
    origin: { type: "bridge", mtu: 1500 },
  });
  assert.match(nested.join("\n"), /parent is a bridge, and there is no bridge on a bridge/);
  assert.match(nested.join("\n"), /mtu 9000 is larger than its parent's, 1500/);
  assert.match(nested.join("\n"), /name "br 4" is no name for an interface/);
  assert.match(
    (await failures("fifth", {})).join("\n"),
    /machine is missing.*\nmacAddress is missing.*`parent: bond.id`/,
  );
});
