/** Bonds, VLAN interfaces and what becomes of their parents, links and fabrics, by the rules of MAAS 3.5's own source. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, type Told } from "../support/lab-request.ts";

let lab: Lab;
let id = "";
let [first, second] = [0, 0];
before(async () => {
  lab = await startLab({ mode: "explicit" });
});
after(() => lab.close());

type Shown = Record<string, unknown>;
type Form = Record<string, string | string[]>;

const send = (method: "POST" | "PUT", path: string, form: Form, op?: string): Promise<Told> =>
  ask(lab, method, path, { form, ...(op === undefined ? {} : { query: { op } }) });
const shown = async (path: string): Promise<Shown> => (await ask(lab, "GET", path)).json as Shown;
const idOf = (told: Told): number => {
  assert.equal(told.status, 200, told.text);
  return (told.json as { id: number }).id;
};
const collection = (): string => `nodes/${id}/interfaces/`;
const item = (nic: number): string => `${collection()}${String(nic)}/`;

/** A machine in Ready with two cards in the untagged VLAN of fabric-0. */
beforeEach(async () => {
  await fetch(`${lab.controlUrl}/reset`, { method: "POST" });
  const form = { architecture: "amd64", mac_addresses: "52:54:00:00:00:01", power_type: "manual", commission: "false" };
  const machine = (await send("POST", "machines/", form)).json as { system_id: string };
  id = machine.system_id;
  await send("POST", `machines/${id}/`, { testing_scripts: "none" }, "commission");
  await fetch(`${lab.controlUrl}/boot`, {
    method: "POST",
    body: JSON.stringify({ machine: id, outcome: "commission-ok", ip: "172.16.8.1" }),
  });
  const [boot] = (await ask(lab, "GET", collection())).json as { id: number; vlan: { id: number } }[];
  first = boot?.id ?? 0;
  const card = { mac_address: "52:54:00:00:00:02", name: "enp2s0", vlan: String(boot?.vlan.id) };
  second = idOf(await send("POST", collection(), card, "create_physical"));
});

describe("a bond", () => {
  it("is balance-rr with its first card's MAC, and takes its cards' links away", async () => {
    await send("POST", item(first), { mode: "STATIC", subnet: "1", ip_address: "172.16.0.50" }, "link_subnet");
    const form = { name: "bond0", parents: [String(second), String(first)] };
    const bond = idOf(await send("POST", collection(), form, "create_bond"));
    const made = await shown(item(bond));
    assert.equal(made["mac_address"], "52:54:00:00:00:01");
    assert.equal((made["params"] as Shown)["bond_mode"], "balance-rr");
    assert.deepEqual(
      (made["links"] as Shown[]).map(({ mode }) => mode),
      ["link_up"],
    );
    assert.deepEqual((await shown(item(first)))["links"], []);
    const refused = await send("POST", item(first), { mode: "DHCP" }, "link_subnet");
    assert.equal(refused.status, 400);
    assert.deepEqual(Object.keys(refused.json as Shown), ["bond"]);
  });

  it("wants cards of one VLAN that no other bond has, and a name of its own", async () => {
    assert.deepEqual((await send("POST", collection(), { name: "bond0" }, "create_bond")).json, {
      parents: ["A bond interface must have one or more parents."],
      mac_address: ["This field cannot be blank."],
    });
    const named = { name: "enp2s0", parents: String(first) };
    assert.deepEqual((await send("POST", collection(), named, "create_bond")).json, {
      __all__: ["Interface with this Node config and Name already exists."],
    });
    idOf(await send("POST", collection(), { name: "bond0", parents: String(first) }, "create_bond"));
    const again = await send("POST", collection(), { name: "bond1", parents: String(first) }, "create_bond");
    assert.equal(again.status, 400);
    assert.deepEqual(Object.keys(again.json as Shown), ["parents"]);
  });
});

describe("a VLAN interface", () => {
  it("is named after its parent and follows its MAC", async () => {
    const vlan = idOf(await send("POST", "fabrics/0/vlans/", { vid: "77" }));
    const tagged = idOf(await send("POST", collection(), { parent: String(first), vlan: String(vlan) }, "create_vlan"));
    assert.match(String((await shown(item(tagged)))["name"]), /\.77$/);
    assert.equal((await send("PUT", item(first), { mac_address: "52:54:00:00:00:09" })).status, 200);
    assert.equal((await shown(item(tagged)))["mac_address"], "52:54:00:00:00:09");
    const untagged = await send("POST", collection(), { parent: String(first), vlan: "1" }, "create_vlan");
    assert.deepEqual(untagged.json, {
      vlan: ["A VLAN interface can only belong to a tagged VLAN."],
    });
    assert.equal((await ask(lab, "DELETE", `fabrics/0/vlans/77/`)).status, 204);
    assert.equal((await ask(lab, "GET", item(tagged))).status, 404);
  });
});

describe("a fabric", () => {
  it("goes when its last card or its last VLAN goes elsewhere", async () => {
    const left = (await send("POST", "fabrics/", { name: "left" })).json as { id: number; vlans: { id: number }[] };
    await send("PUT", item(second), { vlan: String(left.vlans[0]?.id) });
    await send("PUT", item(second), { vlan: "1" });
    assert.equal((await ask(lab, "GET", `fabrics/${String(left.id)}/`)).status, 404);
    const moved = (await send("POST", "fabrics/", { name: "moved" })).json as { id: number; vlans: { id: number }[] };
    const put = await send("PUT", `vlans/${String(moved.vlans[0]?.id)}/`, { fabric: "0", vid: "9" });
    assert.equal((put.json as Shown)["fabric_id"], 0, put.text);
    assert.equal((await ask(lab, "GET", `fabrics/${String(moved.id)}/`)).status, 404);
  });
});

describe("a static route", () => {
  it("has its gateway in its source, told twice", async () => {
    const other = idOf(await send("POST", "subnets/", { cidr: "10.9.0.0/24" }));
    const form = { source: "1", destination: String(other), gateway_ip: "10.9.0.1" };
    assert.deepEqual((await send("POST", "static-routes/", form)).json, {
      gateway_ip: ["Enter an IP address in 172.16.0.0/20."],
      __all__: ["gateway_ip must be with in the source subnet."],
    });
    const lost = await send("POST", "static-routes/", { ...form, source: "99" });
    assert.deepEqual([lost.status, lost.text], [500, "'NoneType' object has no attribute 'get_ipnetwork'"]);
  });
});
