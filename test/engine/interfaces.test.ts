/** Bridges and links under the real engine: told at preview, laid, changed in place or with a redeployment, given back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Engine, succeeded, writes } from "../support/engine.ts";

interface Rack {
  address: string;
  bridge: string;
  deployed: boolean;
  /** More of the program. */
  more: string;
}

const FIRST: Rack = { address: "172.16.0.51", bridge: "br-ex", deployed: true, more: "" };

/** One machine with a bridge of its own, one with a bridge of its deployment. */
const program = ({ address, bridge, deployed, more }: Rack): string => `
import { Deployment, InterfaceLink, Machine, OvsBridge } from "./providers/index.ts";
import { SingleNicOvsNode } from "./stacks/components/single-nic-ovs-node.ts";

const rack = [1, 2].map((n) => ({ macAddress: "1c:69:7a:00:00:0" + n, amt: "172.16.15." + n, name: "server" + n }));
const [one, two] = rack.map(
  ({ macAddress, amt, name }) =>
    new Machine(name, { hostname: name, macAddresses: [macAddress], power: { type: "amt", address: amt }, testingScripts: [] }),
);
const subnet = "172.16.0.0/20";
const bridge = new OvsBridge("server1", { machine: one.id, macAddress: rack[0].macAddress, name: "${bridge}" });
const link = new InterfaceLink("server1", { interface: bridge.id, subnet, address: "${address}", defaultGateway: true });
const node = new SingleNicOvsNode("server2", {
  machine: two.id, macAddress: rack[1].macAddress, subnet, address: "172.16.0.52", bridgeBelongsTo: "deployment",
});
if (${String(deployed)}) {
  new Deployment("server1", { machine: one.id, hostname: "server1", staticAddresses: [link.address] });
  new Deployment("server2", { machine: two.id, hostname: "server2", ...node.deployment });
}
${more}
`;

let engine: Engine;

const write = (change: Partial<Rack> = {}) => {
  engine.project.edit("index.ts", () => program({ ...FIRST, ...change }));
};

before(async () => {
  engine = await Engine.start();
  engine.project.configure({ machines: [] });
  succeeded(await engine.pulumi(["stack", "init", "dev"]));
});
after(() => engine.close());

const up = async () => succeeded(await engine.pulumi(["up", "--yes", "--skip-preview"]));

/** "server1: enp1s0 , br-ex 172.16.0.51": interfaces with their addresses. */
async function interfaces(): Promise<string[]> {
  const ids = (await engine.machines()).map(({ system_id: id }) => id);
  const machines = await engine.maas.machines.list({ id: ids });
  return machines
    .sort((a, b) => a.hostname.localeCompare(b.hostname))
    .map(({ hostname, interface_set: set }) => {
      const shown = set.map(({ name, links }) =>
        [name, ...links.map(({ mode, ip_address: ip }) => (mode === "static" ? ip : mode))].join(" "),
      );
      return `${hostname}: ${shown.join(", ")}`;
    });
}

/** How many resources of a plan are made, changed, replaced: "~ 2 to update". */
const planned = (output: string): string[] =>
  output.split("\n").flatMap((line) => /^ +([-+~]+ ?\d+ to \w+)/.exec(line)?.[1] ?? []);

const wrong: [string, string, RegExp[]][] = [
  [
    "a bridge on a bridge",
    'new OvsBridge("on top", { parent: bridge.id, name: "br-two" });',
    [/on top.*: is a bridge, and there is no bridge on a bridge/],
  ],
  [
    "two bridges over one card, of one name",
    'new OvsBridge("twice", { machine: one.id, macAddress: rack[0].macAddress, name: "br-ex" });',
    [/is under (server1|twice) already/, /"br-ex" is the name of (server1|twice) on the same machine/],
  ],
  [
    "a link on a card below a bridge",
    'new InterfaceLink("below", { machine: one.id, macAddress: rack[0].macAddress, subnet, address: "172.16.0.59" });',
    [/(is under server1, and MAAS drops links below it|has the link below, which MAAS drops)/],
  ],
];
for (const [what, more, told] of wrong) {
  test(`told before anything is made, and any id is known: ${what}`, async () => {
    write({ more });
    const { code, output } = await engine.pulumi(["preview"]);
    assert.notEqual(code, 0);
    for (const text of told) assert.match(output, text);
    assert.deepEqual(await engine.machines(), []);
  });
}

test("either kind of bridge carries the address of a deployed machine", async () => {
  write();
  await up();
  assert.deepEqual(await engine.statuses(), ["server1 Deployed admin", "server2 Deployed admin"]);
  assert.deepEqual(await interfaces(), ["server1: enp1s0, br-ex 172.16.0.51", "server2: enp1s0, br-ex 172.16.0.52"]);
  assert.deepEqual(await engine.requestsOf(() => engine.preview("--expect-no-changes")), {});
});

test("another address of a machine at work releases that machine first, as the preview says, and no other", async () => {
  write({ address: "172.16.0.61" });
  const { output } = await engine.preview();
  assert.match(output, /\[redeploy\] address: MAAS changes it only while nothing runs on the machine/);
  assert.deepEqual(planned(output), ["+-2 to replace"]);
  const asked = await engine.requestsOf(up);
  assert.deepEqual(
    writes(asked)
      .sort()
      .map((request) => `${request} ${String(asked[request])}`)
      .filter((request) => / (release|deploy) /.test(request)),
    ["POST machines/:system_id/ deploy 1", "POST machines/:system_id/ release 1"],
  );
  assert.deepEqual(await interfaces(), ["server1: enp1s0, br-ex 172.16.0.61", "server2: enp1s0, br-ex 172.16.0.52"]);
  assert.deepEqual(await engine.statuses(), ["server1 Deployed admin", "server2 Deployed admin"]);
});

test("released, the bridge of the machine stays and that of the deployment goes", async () => {
  write({ address: "172.16.0.61", deployed: false });
  await up();
  assert.deepEqual(await interfaces(), ["server1: enp1s0, br-ex 172.16.0.61", "server2: enp1s0 172.16.0.52"]);
});

test("at rest another address and another name are one object each, in place", async () => {
  write({ address: "172.16.0.62", deployed: false });
  const { output } = await engine.preview();
  assert.deepEqual(planned(output), ["~ 1 to update"]);
  const asked = await engine.requestsOf(up);
  assert.deepEqual(
    writes(asked)
      .map((request) => request.split(" ").at(-1))
      .sort(),
    ["link_subnet", "unlink_subnet"],
  );
  write({ address: "172.16.0.62", bridge: "br-ovn", deployed: false });
  assert.deepEqual(planned((await engine.preview()).output), ["~ 1 to update"]);
  const renamed = await engine.requestsOf(up);
  assert.equal(writes(renamed).length, 1);
  assert.deepEqual((await interfaces())[0], "server1: enp1s0, br-ovn 172.16.0.62");
});

test("what somebody changes behind our back is named by the next preview, and put right", async () => {
  const [machine] = await engine.machines();
  const found = await engine.maas.machines.read(machine?.system_id ?? "");
  const bridge = found?.interface_set.find(({ type }) => type === "bridge");
  const link = bridge?.links[0];
  assert.ok(machine && bridge && link);
  await engine.maas.interfaces.update(machine.system_id, bridge.id, { name: "br-theirs", bridge_type: "standard" });
  await engine.maas.interfaces.unlinkSubnet(machine.system_id, bridge.id, link.id);
  await engine.refresh();
  const { output } = await engine.preview();
  assert.match(output, /~ *name *: "br-theirs" => "br-ovn"/);
  assert.match(output, /~ *bridgeType *: "standard" => "ovs"/);
  assert.deepEqual(planned(output).sort(), ["+ 1 to create", "~ 1 to update"]);
  await up();
  assert.deepEqual((await interfaces())[0], "server1: enp1s0, br-ovn 172.16.0.62");
  await engine.refresh();
  await engine.preview("--expect-no-changes");
});

test("destroyed, both machines have their cards back as commissioning left them", async () => {
  write();
  await up();
  succeeded(await engine.pulumi(["destroy", "--yes", "--skip-preview"]));
  assert.deepEqual(await interfaces(), ["server1: enp1s0 auto", "server2: enp1s0 auto"]);
  assert.deepEqual(await engine.statuses(), ["server1 Ready nobody", "server2 Ready nobody"]);
  assert.deepEqual(engine.leaks(), []);
});
