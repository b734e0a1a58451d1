import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { bond } from "../../providers/maas/bond.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";
import { ask } from "../support/lab-request.ts";

let last = 0;

/** A Ready machine with two cards, of which the second saw no network when it was commissioned. */
async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const number = (++last).toString(16).padStart(2, "0");
  const macAddresses = [`1c:69:7a:00:0a:${number}`, `1c:69:7a:00:0b:${number}`];
  const machine = await lab.readyMachine(macAddresses[0] ?? "");
  const form = { mac_address: macAddresses[1] ?? "", name: "enp2s0" };
  const answer = await ask(lab.lab, "POST", `nodes/${machine}/interfaces/`, { query: { op: "create_physical" }, form });
  assert.equal(answer.status, 200);
  const provider = lab.provider(bond);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:Bond", `bond ${number}`, { machine, macAddresses, name: "bond0", ...change });
  const shown = async () =>
    (await lab.machine(machine)).interface_set.map(({ name, vlan, params, links }) => [
      name,
      vlan?.id ?? null,
      params,
      links.map(({ mode }) => mode).join(),
    ]);
  return { lab, provider, make, shown, machine, macAddresses };
}

test("two cards become one, also when MAAS knows the VLAN of only one; both are given back as they were", async (t) => {
  const { lab, provider, make, shown } = await setUp(t);
  const before = await shown();
  assert.deepEqual(
    before.map(([, vlan]) => vlan === null),
    [false, true],
  );
  const { id, outs } = await provider.create(await make({ mode: "802.3ad", lacpRate: "slow", mtu: 9000 }));
  assert.equal(lab.writes().length, 2, "the VLAN of the second card, and the bond");
  const made = (await shown())[2];
  assert.deepEqual(made?.[0], "bond0");
  const params = { bond_mode: "802.3ad", bond_lacp_rate: "slow", bond_miimon: 100, mtu: 9000 };
  assert.deepEqual({ ...(made[2] as object), ...params }, made[2]);
  await provider.delete(id, outs);
  assert.deepEqual(await shown(), before);
  lab.writes();
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("its options are changed in place, and seen when they drift", async (t) => {
  const { lab, provider, make, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make({ miimon: 200 }));
  const news = await make({ mode: "balance-xor", miimon: 200, hashPolicy: "layer3+4", name: "bond1" });
  assert.deepEqual((await provider.diff(id, outs, news)).replaces, []);
  lab.writes();
  const changed = await provider.update(id, outs, news);
  assert.equal(lab.writes().length, 1);
  await lab.admin.interfaces.update(machine, Number(outs["interfaceId"]), { bond_mode: "broadcast", bond_miimon: 50 });
  const { props } = await provider.read(id, changed.outs);
  assert.deepEqual([props?.["mode"], props?.["miimon"], props?.["hashPolicy"]], ["broadcast", 50, "layer3+4"]);
  assert.deepEqual(props?.["macAddresses"], changed.outs["macAddresses"]);
});

test("after a crash it is ours still; what a crash left between the VLAN and the bond is gone on with", async (t) => {
  const { lab, provider, make, shown, machine } = await setUp(t);
  const before = await shown();
  const inputs = await make();
  const first = await provider.create(inputs);
  await lab.admin.interfaces.delete(machine, Number(first.outs["interfaceId"]));
  const second = await provider.create(inputs);
  assert.deepEqual((await provider.leftBehind(inputs))?.outs, second.outs);
  await provider.delete(second.id, second.outs);
  assert.deepEqual(await shown(), before);
});

test("one that MAAS had is used, and left there as it was", async (t) => {
  const { provider, make, shown, lab, machine } = await setUp(t);
  const made = await provider.create(await make({ mode: "broadcast" }));
  const other = lab.provider(bond);
  const inputs = await make({ mode: "active-backup" });
  const adopted = await other.create({ ...inputs, __urn: urnOf("maas:Bond", `adopts ${machine}`) });
  assert.equal(adopted.id, made.id);
  await other.delete(adopted.id, adopted.outs);
  assert.equal(((await shown())[2]?.[2] as { bond_mode: string }).bond_mode, "broadcast");
});

test("cards that are under something else are told", async (t) => {
  const { lab, provider, make, machine } = await setUp(t);
  const card = (await lab.machine(machine)).interface_set[0];
  await lab.admin.interfaces.createBridge(machine, { name: "br-theirs", parent: card?.id ?? 0 });
  await assert.rejects(provider.create(await make()), /enp1s0 of machine .* has br-theirs over it already/);
});

test("what cannot be is told at preview, all at once", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(bond);
  const failures = async (name: string, inputs: Record<string, unknown>) =>
    (await provider.check({}, { ...inputs, __urn: urnOf("maas:Bond", name) })).failures
      .map(({ property, reason }) => `${property} ${reason}`)
      .join("\n");
  assert.match(
    await failures("a", { name: "bond0", parents: ["abc123/1"] }),
    /parents is one interface; a bond has two at least/,
  );
  assert.match(await failures("b", { name: "bond0", parents: ["abc123/2", "def456/3"] }), /are of different machines/);
  assert.match(
    await failures("c", { name: "bond0", parents: ["abc123/4", "abc123/4"] }),
    /parents\[1\] "abc123\/4" is there twice/,
  );
  const bad = { name: "bond0", parents: ["abc123/5", "abc123/6"], mode: "active-backp", miimon: -1, lacpRate: "slow" };
  const told = await failures("d", { ...bad, origin: [{ type: "bridge" }, {}] });
  assert.match(told, /mode "active-backp" is unknown; did you mean "active-backup"/);
  assert.match(told, /miimon is -1/);
  assert.match(told, /lacpRate has a meaning with mode "802\.3ad" only/);
  assert.match(told, /parents\[0\] is a bridge; a bond is made of physical cards/);
  assert.match(
    await failures("e", { name: "bond1", parents: ["abc123/6", "abc123/7"] }),
    /parents\[0\] is under d already/,
  );
  assert.match(await failures("f", { name: "bond2" }), /machine is missing[^]*macAddresses is missing/);
});
