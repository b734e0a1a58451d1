import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { interfaceLink } from "../../providers/maas/interface-link.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const MAC = "1c:69:7a:00:03:01";

async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const { system_id: id } = await lab.admin.machines.create({
    architecture: "amd64/generic",
    mac_addresses: [MAC],
    commission: false,
    power_type: "manual",
  });
  await lab.admin.machines.commission(id, { testing_scripts: "none" });
  await lab.boot(id, "commission-ok");
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

test("a card that the machine lacks is named beside those it has", async (t) => {
  const { provider, make } = await setUp(t);
  await assert.rejects(
    provider.create(await make({ macAddress: "1c:69:7a:00:03:99" })),
    /has no network card 1c:69:7a:00:03:99; it has enp1s0 1c:69:7a:00:03:01/,
  );
});
