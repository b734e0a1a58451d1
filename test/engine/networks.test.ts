/** The rack's network under the real engine: found and made, drifted and put right, previewed, and given back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Engine, succeeded, writes } from "../support/engine.ts";
import { ask } from "../support/lab-request.ts";

const PROGRAM = `
import { Fabric, IpRange, lookup, Space, StaticRoute, Subnet, Vlan, VlanDhcp } from "./providers/index.ts";

const apps = new Space("apps", { name: "apps" });
const fabric = new Fabric("rack", { name: "fabric-0" });
const untagged = new Vlan("untagged", { fabric: fabric.id, vid: 0, mtu: 9000, space: apps.id });
const storage = new Vlan("storage", { fabric: fabric.id, vid: 20, name: "storage" });
const lan = new Subnet("lan", { cidr: "172.16.0.0/20", vlan: untagged.id, gateway: "172.16.0.3", dnsServers: ["172.16.0.3"] });
const far = new Subnet("storage", { cidr: "10.20.0.0/24", vlan: storage.id });
const pxe = new IpRange("pxe", { type: "dynamic", start: "172.16.1.1", end: "172.16.1.254", subnet: lan.id });
new IpRange("racks", { type: "reserved", start: "172.16.0.1", end: "172.16.0.9", subnet: lan.id });
new IpRange("storage", { type: "reserved", start: "10.20.0.1", end: "10.20.0.9", subnet: far.id });
new VlanDhcp("pxe", { vlan: untagged.id, ranges: [pxe.id], primaryRack: lookup.rack().then(({ id }) => id) });
new StaticRoute("storage", { source: lan.id, destination: far.id, gateway: "172.16.0.2" });
`;

let engine: Engine;
let untouched: unknown[] = [];

before(async () => {
  engine = await Engine.start();
  engine.project.configure({ machines: [] });
  engine.project.edit("index.ts", () => PROGRAM);
  untouched = await everything();
  succeeded(await engine.pulumi(["stack", "init", "dev"]));
});
after(() => engine.close());

const up = async () => succeeded(await engine.pulumi(["up", "--yes", "--skip-preview"]));

test("an up finds what MAAS has and makes the rest, in the order that MAAS wants", async () => {
  const asked = await engine.requestsOf(up);
  const found = (await engine.maas.vlans.read(1)) ?? assert.fail("VLAN 1 is there");
  assert.deepEqual([found.dhcp_on, found.mtu, found.space], [true, 9000, "apps"]);
  // The space, the VLAN, the far subnet, three ranges, the route; and what was found is changed.
  assert.deepEqual(asked["POST subnets/"], 1);
  assert.deepEqual(asked["POST ipranges/"], 3);
  assert.equal(asked["PUT subnets/{id}/"] ?? asked["PUT subnets/:id+/"], 1);
});

test("a preview without changes asks for the look-up and nothing else", async () => {
  const asked = await engine.requestsOf(() => engine.preview("--expect-no-changes"));
  assert.deepEqual(asked, { "GET rackcontrollers/": 1, "GET version/": 1 });
});

test("what others change is named by the next preview, property by property, and put right in place", async () => {
  const lan = await engine.maas.subnets.readByCidr("172.16.0.0/20");
  const pxe = (await engine.maas.ipRanges.list()).find(({ type }) => type === "dynamic");
  assert.ok(lan && pxe);
  await engine.maas.subnets.update(lan.id, { dns_servers: "8.8.8.8", gateway_ip: "" });
  await engine.maas.ipRanges.update(pxe.id, { end_ip: "172.16.1.200" });
  await engine.maas.vlans.update(1, { mtu: 1500 });
  await engine.preview("--expect-no-changes");
  await engine.refresh();
  const { output } = await engine.preview();
  for (const property of ["dnsServers", "gateway", "end", "mtu"])
    assert.match(output, new RegExp(`[~+] *${property} *:`));
  assert.match(output, /\[in place\] end: a machine that has its address by DHCP/);
  assert.doesNotMatch(output, /replace|\(create\)|\(delete\)/);
  const asked = await engine.requestsOf(up);
  assert.equal(writes(asked).length, 3, JSON.stringify(asked));
  await engine.refresh();
  await engine.preview("--expect-no-changes");
});

test("DHCP that somebody switched off is drift, and goes on again in place", async () => {
  await engine.maas.vlans.update(1, { dhcp_on: false });
  await engine.refresh();
  const { output } = await engine.preview();
  assert.match(output, /~ +dhcpOn *: false => true/);
  assert.match(output, /\[in place\] dhcpOn: while DHCP moves or is off/);
  await up();
  assert.equal((await engine.maas.vlans.read(1))?.dhcp_on, true);
});

test("a change of one address range touches that range alone, as the preview said", async () => {
  const back = engine.project.edit("index.ts", (text) => text.replace("172.16.1.254", "172.16.1.99"));
  const { output } = await engine.preview();
  assert.match(output, /~ 1 to update/);
  const asked = await engine.requestsOf(up);
  assert.equal(writes(asked).length, 1, JSON.stringify(asked));
  back();
  await up();
});

test("another CIDR and another VID are made before the old ones go, in the order of what rests on what", async () => {
  engine.project.edit("index.ts", (text) => text.replaceAll("10.20.0.", "10.21.0.").replace("vid: 20", "vid: 21"));
  const { output } = await engine.preview();
  for (const reason of [
    "another CIDR is another subnet",
    "another VID is another VLAN",
    "a range belongs to its subnet",
  ]) {
    assert.match(output, new RegExp(`\\[replace\\] .*${reason}`));
  }
  await up();
  const subnets = await engine.maas.subnets.list();
  assert.deepEqual(subnets.map(({ cidr, vlan }) => `${cidr} on ${String(vlan.vid)}`).sort(), [
    "10.21.0.0/24 on 21",
    "172.16.0.0/20 on 0",
  ]);
  assert.equal(await engine.maas.vlans.readByVid(0, 20), undefined);
  const routes = await engine.maas.staticRoutes.list();
  assert.deepEqual(
    routes.map(({ destination }) => destination.cidr),
    ["10.21.0.0/24"],
  );
  await engine.preview("--expect-no-changes");
});

test("bad input is told by the preview, with the property and what to write", async () => {
  const wrong: [from: string, to: string, message: RegExp][] = [
    [
      'gateway: "172.16.0.3"',
      'gateway: "172.17.0.3"',
      /property gateway .*"172\.17\.0\.3" is outside 172\.16\.0\.0\/20; write/,
    ],
    ['end: "172.16.0.9"', 'end: "172.16.1.9"', /"172\.16\.0\.1" to "172\.16\.1\.9" overlaps pxe|overlaps racks/],
  ];
  for (const [from, to, message] of wrong) {
    const back = engine.project.edit("index.ts", (text) => text.replace(from, to));
    const { code, output } = await engine.pulumi(["preview"]);
    assert.notEqual(code, 0);
    assert.match(output, message);
    back();
  }
});

test("the state of a network is small", async () => {
  const { deployment } = await engine.state();
  const sizes = (deployment.resources ?? [])
    .filter(({ type }) => type.includes("dynamic/maas:"))
    .map((resource) => JSON.stringify(resource).length);
  assert.ok(Math.max(...sizes) < 2500, `${String(Math.max(...sizes))} bytes`);
});

test("a destroy leaves MAAS as it was, object by object", async () => {
  await engine.destroy();
  assert.deepEqual(await everything(), untouched);
  assert.deepEqual(engine.leaks(), []);
});

async function everything(): Promise<unknown[]> {
  const paths = ["fabrics/", "spaces/", "subnets/", "ipranges/", "static-routes/"];
  return await Promise.all(paths.map(async (path) => (await ask(engine.lab, "GET", path)).json));
}
