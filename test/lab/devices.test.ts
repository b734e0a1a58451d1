/** Devices and pieces of dhcpd's configuration, by the rules of MAAS 3.5's own source. */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, type Told } from "../support/lab-request.ts";

let lab: Lab;
before(async () => {
  lab = await startLab({ mode: "explicit" });
});
after(() => lab.close());
beforeEach(async () => {
  await fetch(`${lab.controlUrl}/reset`, { method: "POST" });
});

type Shown = Record<string, unknown>;
type Form = Record<string, string | string[]>;

const send = (method: "POST" | "PUT", path: string, form: Form, op?: string): Promise<Told> =>
  ask(lab, method, path, { form, ...(op === undefined ? {} : { query: { op } }) });

describe("a device", () => {
  const mac = "52:54:00:00:00:01";

  it("is a node with interfaces and an owner, and no power", async () => {
    const told = await send("POST", "devices/", {
      mac_addresses: mac,
      hostname: "printer",
      description: "In the hall",
    });
    assert.equal(told.status, 200, told.text);
    const device = told.json as Shown;
    const id = String(device["system_id"]);
    assert.deepEqual(
      [device["fqdn"], device["owner"], device["node_type"], device["node_type_name"], device["parent"]],
      ["printer.maas", "admin", 1, "Device", null],
    );
    const [nic] = device["interface_set"] as Shown[];
    assert.deepEqual([nic?.["name"], nic?.["mac_address"], nic?.["links"]], ["eth0", mac, []]);
    const listed = (await ask(lab, "GET", "devices/", { query: { hostname: "printer" } })).json as Shown[];
    assert.deepEqual(listed, [device]);
    assert.deepEqual((await ask(lab, "GET", "machines/")).json, []);
    const nodes = (await ask(lab, "GET", "nodes/")).json as Shown[];
    assert.deepEqual(
      nodes.map((node) => node["node_type"]),
      [1, 4],
    );
    const power = await ask(lab, "GET", `devices/${id}/`, { query: { op: "power_parameters" } });
    assert.deepEqual(power.json, {});
    assert.equal((await ask(lab, "DELETE", `devices/${id}/`)).status, 204);
    assert.equal((await ask(lab, "GET", `devices/${id}/`)).status, 404);
  });

  it("has addresses in MAAS's subnets", async () => {
    const { json } = await send("POST", "devices/", { mac_addresses: mac });
    const device = json as { system_id: string; interface_set: { id: number }[] };
    const path = `nodes/${device.system_id}/interfaces/${String(device.interface_set[0]?.id)}/`;
    const linked = await send("POST", path, { mode: "STATIC", subnet: "1", ip_address: "172.16.0.77" }, "link_subnet");
    assert.equal(linked.status, 200, linked.text);
    const read = (await ask(lab, "GET", `devices/${device.system_id}/`)).json as Shown;
    assert.deepEqual(read["ip_addresses"], ["172.16.0.77"]);
    const usage = await ask(lab, "GET", "subnets/1/", { query: { op: "ip_addresses" } });
    const row = (usage.json as Shown[]).find(({ ip }) => ip === "172.16.0.77");
    assert.equal((row?.["node_summary"] as Shown)["node_type"], 1);
  });

  it("wants a MAC, a parent and a domain that exist", async () => {
    assert.deepEqual((await send("POST", "devices/", { hostname: "x" })).json, {
      mac_addresses: ["This field is required."],
    });
    const told = await send("POST", "devices/", { mac_addresses: mac, parent: "zzzzzz" });
    assert.deepEqual(told.json, {
      parent: ["Select a valid choice. That choice is not one of the available choices."],
    });
  });
});

describe("a DHCP snippet", () => {
  it("keeps what it was, and goes back to it", async () => {
    const made = await send("POST", "dhcp-snippets/", { name: "lease", value: "default-lease-time 600;", subnet: "1" });
    assert.equal(made.status, 200, made.text);
    const snippet = made.json as { id: number; subnet: Shown; global_snippet: boolean; history: { value: string }[] };
    assert.deepEqual([snippet.subnet["id"], snippet.global_snippet], [1, false]);
    const path = `dhcp-snippets/${String(snippet.id)}/`;
    const changed = (await send("PUT", path, { value: "default-lease-time 900;" })).json as typeof snippet;
    assert.deepEqual(
      changed.history.map(({ value }) => value),
      ["default-lease-time 900;", "default-lease-time 600;"],
    );
    assert.equal((await send("POST", path, { to: "-2" }, "revert")).text, "Goes too far back.");
    const reverted = (await send("POST", path, { to: "-1" }, "revert")).json as Shown;
    assert.equal(reverted["value"], "default-lease-time 600;");
    const anywhere = (await send("PUT", path, { global_snippet: "true" })).json as Shown;
    assert.deepEqual([anywhere["subnet"], anywhere["global_snippet"]], [null, true]);
    assert.equal((await ask(lab, "DELETE", path)).status, 204);
  });

  it("wants a name and a value", async () => {
    assert.deepEqual((await send("POST", "dhcp-snippets/", {})).json, {
      name: ["This field is required."],
      value: ["This field is required."],
    });
  });
});
