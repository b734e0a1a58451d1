import assert from "node:assert/strict";
import { test } from "node:test";
import { bridge } from "../../providers/maas/bridge.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

async function setUp(lab: ExplicitLab, macAddress: string) {
  const machine = await lab.readyMachine(macAddress);
  const provider = lab.provider(bridge);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:Bridge", `bridge ${macAddress}`, { machine, macAddress, name: "br0", ...change });
  const shown = async () => (await lab.machine(machine)).interface_set.find(({ type }) => type === "bridge");
  return { machine, provider, make, shown };
}

test("a bridge is made, changed in place, seen when it drifts, and its card given back", async (t) => {
  const lab = await ExplicitLab.start(t);
  const { machine, provider, make, shown } = await setUp(lab, "1c:69:7a:00:07:01");
  const { id, outs } = await provider.create(await make());
  assert.deepEqual((await shown())?.params, { bridge_type: "standard", bridge_stp: false, bridge_fd: 15 });
  const news = await make({ stp: true, forwardDelay: 4, name: "br1" });
  assert.deepEqual((await provider.diff(id, outs, news)).replaces, []);
  lab.writes();
  const changed = await provider.update(id, outs, news);
  assert.equal(lab.writes().length, 1);
  assert.deepEqual((await shown())?.params, { bridge_type: "standard", bridge_stp: true, bridge_fd: 4 });
  await lab.admin.interfaces.update(machine, Number(outs["interfaceId"]), { bridge_fd: 9 });
  assert.equal((await provider.read(id, changed.outs)).props?.["forwardDelay"], 9);
  await provider.delete(id, changed.outs);
  const set = (await lab.machine(machine)).interface_set;
  assert.deepEqual(
    set.map(({ type, links }) => [type, links.map(({ mode }) => mode)]),
    [["physical", ["auto"]]],
  );
  lab.writes();
  await provider.delete(id, changed.outs);
  assert.deepEqual(lab.writes(), []);
});

test("over a VLAN interface it is a bridge of its own, beside one over the card", async (t) => {
  const lab = await ExplicitLab.start(t);
  const { machine, provider, make } = await setUp(lab, "1c:69:7a:00:07:02");
  const card = (await lab.machine(machine)).interface_set[0];
  assert.ok(card?.vlan);
  const vlan = await lab.admin.vlans.create(card.vlan.fabric_id, { vid: 30 });
  const tagged = await lab.admin.interfaces.createVlan(machine, { parent: card.id, vlan: vlan.id });
  await provider.create(await make());
  const parent = `${machine}/${String(tagged.id)}`;
  const inputs = { parent, name: "br30", __urn: urnOf("maas:Bridge", "over a VLAN"), __provider: "text" };
  const { inputs: news, failures } = await provider.check({}, inputs);
  assert.deepEqual(failures, []);
  const second = await provider.create(news);
  assert.deepEqual((await provider.read(second.id, second.outs)).props?.["parent"], parent);
});

test("after a crash it is ours still; one that MAAS had is left there as it was", async (t) => {
  const lab = await ExplicitLab.start(t);
  const { machine, provider, make, shown } = await setUp(lab, "1c:69:7a:00:07:03");
  const card = (await lab.machine(machine)).interface_set[0]?.id ?? 0;
  await lab.admin.interfaces.createBridge(machine, { name: "br0", parent: card, bridge_type: "ovs", bridge_fd: 7 });
  const inputs = await make({ stp: true });
  const { id } = await provider.create(inputs);
  const again = await provider.create(inputs);
  assert.deepEqual((await shown())?.params, { bridge_type: "standard", bridge_stp: true, bridge_fd: 15 });
  await provider.delete(id, again.outs);
  assert.deepEqual((await shown())?.params, { bridge_type: "ovs", bridge_stp: false, bridge_fd: 7 });
});

test("options that cannot be are told at preview", async (t) => {
  const lab = await ExplicitLab.start(t);
  const { failures } = await lab.provider(bridge).check(
    {},
    {
      parent: "abc123/1",
      name: "br0",
      stp: "yes",
      forwardDelay: 99,
      mtu: 70_000,
      __urn: urnOf("maas:Bridge", "bad"),
    },
  );
  assert.deepEqual(failures.map(({ property }) => property).sort(), ["forwardDelay", "mtu", "stp"]);
});
