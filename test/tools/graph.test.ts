/** The rack as plain data and as text, before it is drawn (test/browser/graph.test.ts looks at the drawing). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { declaredInPreview, declaredInState } from "../../tools/graph/declared.ts";
import { dotOf } from "../../tools/graph/dot.ts";
import { mermaidOf } from "../../tools/graph/mermaid.ts";
import { pictureOf, type Picture } from "../../tools/graph/picture.ts";
import type { StateResource } from "../../tools/stack/deployment.ts";
import { bondedMachine, exportedStack, network, ovsMachine, ovsRack, resource, urn } from "../support/rack-state.ts";

/** How Pulumi's JSON writes what is not known yet. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const drawn = (resources: StateResource[]): Picture => pictureOf(declaredInState(exportedStack(resources)), "dev");

const machineNamed = (picture: Picture, name: string) => {
  const found = picture.machines.find((machine) => machine.name === name);
  assert.ok(found, `${name} is drawn`);
  return found;
};

const texts = (lines: { text: string }[]) => lines.map(({ text }) => text);

test("a machine has its bridge above the card, the address on the bridge, and the line to the subnet", () => {
  const picture = drawn(ovsRack(1));
  assert.equal(picture.title, "Stack dev: 1 machine, 1 subnet");
  const { status, lines, interfaces } = machineNamed(picture, "server1");
  assert.equal(status, "Deployed");
  assert.deepEqual(texts(lines), [
    "jammy, 4 cores, 16 GiB, 240 GB",
    "AMT 172.16.15.1, pool default",
    "tag ovn-chassis",
  ]);
  assert.deepEqual(
    interfaces.map(({ name, kind, mac, depth, addresses }) => ({
      name,
      kind,
      mac,
      depth,
      addresses: texts(addresses),
    })),
    [
      { name: "br-ex", kind: "OVS bridge", mac: "", depth: 0, addresses: ["172.16.0.11"] },
      { name: "enp1s0", kind: "", mac: "1c:69:7a:00:00:01", depth: 1, addresses: [] },
    ],
  );
  const subnet = picture.networks.find(({ key }) => key === interfaces[0]?.addresses[0]?.network);
  assert.equal(subnet?.heading, "172.16.0.0/20");
  assert.equal(subnet.fabric, "rack");
});

test("a subnet tells its gateway, DNS, VLAN, ranges and DHCP", () => {
  const subnet = drawn(network()).networks.find(({ heading }) => heading === "172.16.0.0/20");
  assert.deepEqual(texts(subnet?.lines ?? []), [
    "main",
    "untagged VLAN main, MTU 9000",
    "gateway 172.16.0.3",
    "DNS 172.16.0.3 9.9.9.9",
    "dynamic 172.16.1.1 – 172.16.1.254",
    "reserved 172.16.0.1 – 172.16.0.9",
    "DHCP on",
  ]);
});

test("a subnet may name its fabric and VID; spaces and routes are told by name", () => {
  const picture = drawn([
    resource("Fabric", "rack", { id: "1", inputs: { name: "rack" } }),
    resource("Space", "ovn", { id: "3", inputs: { name: "ovn-space" } }),
    resource("Vlan", "ovn", { id: "5", inputs: { fabric: "1", vid: 20, space: "3" } }),
    resource("Subnet", "ovn", { id: "2", inputs: { cidr: "10.20.0.0/24", fabric: "rack", vid: 20 } }),
    resource("Subnet", "far", { id: "4", inputs: { cidr: "10.40.0.0/24", fabric: "0", vid: 40 } }),
    resource("StaticRoute", "r", {
      id: "9",
      inputs: { source: "2", destination: "4", gateway: "10.20.0.1", metric: 0 },
    }),
    resource("VlanDhcp", "d", { id: "5", inputs: { vlan: "5", ranges: [] } }),
  ]);
  assert.deepEqual(
    picture.networks.map(({ heading, fabric, lines }) => [heading, fabric, ...texts(lines)]),
    [
      ["10.20.0.0/24", "rack", "VLAN 20", "space ovn-space", "route to 10.40.0.0/24 via 10.20.0.1", "DHCP on"],
      ["10.40.0.0/24", "fabric 0", "VLAN 40"],
    ],
  );
});

test("what the program only names is drawn all the same: a subnet by CIDR, a card by MAC, a machine by system ID", () => {
  const picture = drawn([
    resource("InterfaceLink", "a", {
      id: "a",
      inputs: { machine: "abc123", macAddress: "02:00:00:00:00:09", subnet: "10.0.0.0/24", address: "10.0.0.9" },
    }),
    resource("OvsBridge", "b", { id: "xyz789/5", inputs: { name: "br0", parent: "xyz789/4" } }),
  ]);
  assert.deepEqual(
    picture.machines.map(({ name, interfaces }) => [name, interfaces.map((each) => each.name)]),
    [
      ["abc123", ["02:00:00:00:00:09"]],
      ["xyz789", ["br0", "interface 4"]],
    ],
  );
  assert.deepEqual(
    picture.networks.map(({ heading }) => heading),
    ["10.0.0.0/24"],
  );
});

test("bridges and bonds may name a machine and the MACs of its cards instead of their parents", () => {
  const macs = ["02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:03"];
  const picture = drawn([
    resource("Machine", "m", { id: "mmmmmm", inputs: { hostname: "m", macAddresses: macs } }),
    resource("OvsBridge", "b", {
      id: "mmmmmm/8",
      inputs: { name: "br-ex", machine: "mmmmmm", macAddress: "02:00:00:00:00:03" },
    }),
    resource("Bond", "b", {
      id: "mmmmmm/9",
      inputs: { name: "bond0", machine: "mmmmmm", macAddresses: macs.slice(0, 2).map((mac) => mac.toUpperCase()) },
    }),
  ]);
  assert.deepEqual(
    machineNamed(picture, "m").interfaces.map(({ name, depth }) => `${"- ".repeat(depth)}${name}`),
    ["br-ex", `- ${macs[2] ?? ""}`, "bond0", `- ${macs[0] ?? ""}`, `- ${macs[1] ?? ""}`],
  );
});

test("a deployment's automatic address is drawn in the subnet that holds it", () => {
  const machine = { machine: [urn("Machine", "m")] };
  const picture = drawn([
    ...network(),
    resource("Machine", "m", { id: "mmmmmm", inputs: { hostname: "m", macAddresses: ["02:00:00:00:00:01"] } }),
    resource("Deployment", "m", {
      id: "mmmmmm",
      inputs: { machine: "mmmmmm" },
      outputs: { status: "Deployed", addresses: ["172.16.0.77"] },
      from: machine,
    }),
  ]);
  const [address] = machineNamed(picture, "m").interfaces[0]?.addresses ?? [];
  assert.equal(address?.text, "172.16.0.77");
  assert.equal(picture.networks.find(({ key }) => key === address.network)?.heading, "172.16.0.0/20");
});

test("kinds that nobody knows stand on the machine that they speak of, or with their module", () => {
  const picture = drawn([...ovsRack(1), ...bondedMachine()]);
  const lines = texts(machineNamed(picture, "db").lines);
  for (const line of ["role database", "Storage layout: lvm", "Unit: db"]) assert.ok(lines.includes(line), line);
  assert.deepEqual(
    picture.rest.map(({ heading, lines: rest }) => [heading, texts(rest)]),
    [
      ["MAAS", ["Tag: ovn-chassis", "Boot images: images", "MAAS settings: settings"]],
      ["Juju", ['Model: web <&"> app']],
    ],
  );
});

test("a preview from nothing knows by its references whose bridge and whose address it is", () => {
  const steps = [...network(), ...ovsMachine(1)].map(({ id: _id, outputs: _outputs, ...newState }) => {
    const inputs = Object.fromEntries(
      Object.entries(newState.inputs ?? {}).map(([name, value]) => [
        name,
        (newState.propertyDependencies?.[name] ?? []).length > 0 ? unknown : value,
      ]),
    );
    return { op: "create", urn: newState.urn, newState: { ...newState, inputs } };
  });
  const picture = pictureOf(declaredInPreview(steps, undefined), "dev");
  const { change, interfaces } = machineNamed(picture, "server1");
  assert.equal(change, "create");
  assert.deepEqual(
    interfaces.map(({ name, addresses }) => [name, ...texts(addresses)]),
    [["br-ex", "172.16.0.11"], ["enp1s0"]],
  );
  assert.ok(!JSON.stringify(picture).includes(unknown));
});

test("a preview of a change keeps what stays, and marks what goes and what is made anew", () => {
  const before = [...network(), ...ovsMachine(1), ...ovsMachine(2)];
  const [, , , link] = ovsMachine(1);
  assert.ok(link);
  const moved = { ...link, inputs: { ...link.inputs, address: "172.16.0.99" }, outputs: {} };
  const steps = [
    { op: "update", urn: link.urn, oldState: link, newState: moved },
    ...ovsMachine(2).map((oldState) => ({ op: "delete", urn: oldState.urn, oldState })),
    { op: "same", urn: urn("Fabric", "rack") },
  ];
  const picture = pictureOf(declaredInPreview(steps, exportedStack(before)), "dev");
  const [address] = machineNamed(picture, "server1").interfaces[0]?.addresses ?? [];
  assert.deepEqual([address?.text, address?.change], ["172.16.0.99", "update"]);
  assert.equal(machineNamed(picture, "server1").status, "Deployed");
  assert.equal(machineNamed(picture, "server2").change, "delete");
});

test("no secret is drawn, nor what waits to be deleted", () => {
  const secret = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", ciphertext: "v1:planted" };
  const gone = { ...resource("Tag", "gone", { id: "gone", inputs: { name: "gone" } }), delete: true };
  const picture = drawn([
    gone,
    resource("Machine", "m", { id: "m", inputs: { hostname: "m", pool: secret, tags: [secret, "web"] } }),
    resource("Odd", "o", { id: "o", inputs: { machine: "m", token: secret, other: "[secret]" } }),
  ]);
  const all = JSON.stringify(picture);
  assert.ok(!/planted|1b47|\[secret\]|gone/.test(all), all);
  assert.ok(all.includes("tag web"));
});

test("server10 comes after server9, whatever the state's order", () => {
  const resources = [...network(), ...[10, 9, 1].flatMap(ovsMachine)];
  assert.deepEqual(
    drawn(resources).machines.map(({ name }) => name),
    ["server1", "server9", "server10"],
  );
});

test("names are text in Graphviz and Mermaid, whatever is in them", () => {
  const name = 'a"]; <b>& \\n end #35; `x`';
  const picture = drawn([resource("Machine", "m", { id: "m", inputs: { hostname: name, macAddresses: [] } })]);
  assert.ok(dotOf(picture).includes("a&quot;]; &lt;b&gt;&amp; \\n end #35; `x`"));
  assert.ok(mermaidOf(picture).includes('["a#34;#93;#59; #60;b#62;#38; #92;n end #35;35#59; #96;x#96;"]'));
});

test("Mermaid's text has a node for each machine and a line for each address", () => {
  const mermaid = mermaidOf(drawn(ovsRack(2)));
  assert.match(
    mermaid,
    /^---\ntitle: "Stack dev: 2 machines, 1 subnet"\nconfig: .*\n---\nflowchart LR\n {2}subgraph f0 \["rack"\]\n/,
  );
  assert.match(mermaid, /\n {2}m1\["server2: Deployed<br\/>.*br-ex \(OVS bridge\): 172\.16\.0\.12<br\/>- enp1s0 \(/);
  assert.deepEqual(mermaid.match(/^ +n\d+ --- m\d+$/gm), ["  n0 --- m0", "  n0 --- m1"]);
});
