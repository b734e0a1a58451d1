/** The program under mocks: which resources it declares, with which inputs, and what it exports. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { startLab } from "../../lab/lab.ts";
import type { Lab } from "../../lab/lab.ts";
import type { RackMachine } from "../../stacks/rack.ts";

interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

const declared: Declared[] = [];
let machines: RackMachine[];
let lab: Lab;

before(async () => {
  // The program asks MAAS before it declares anything.
  lab = await startLab({ mode: "explicit" });
  process.env["METALFORM_MAAS_URL"] = lab.maasUrl;
  process.env["METALFORM_MAAS_KEY"] = lab.adminKey;
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        declared.push({ type: args.type, name: args.name, inputs: args.inputs as Record<string, unknown> });
        return {
          id: `${args.name}-sid`,
          state: {
            ...(args.inputs as object),
            systemId: `${args.name}-sid`,
            stackId: "stack",
            assigned: { database: ["server2"], app: ["server1"] },
          },
        };
      },
      call: () => ({}),
    },
    "metalform",
    "test",
  );
  pulumi.runtime.setAllConfig({
    "metalform:machines": JSON.stringify([
      { name: "server1", mac: "1c:69:7a:00:00:01", amt: "172.16.15.1", address: "172.16.0.11", tags: ["juju"] },
      { name: "server2", mac: "1c:69:7a:00:00:02", power: { type: "manual" }, address: "172.16.0.12", tags: ["juju"] },
    ]),
    "metalform:series": "noble",
    "metalform:subnet": "172.16.0.0/20",
    "metalform:gateway": "172.16.0.1",
    "metalform:dynamicRange": "172.16.14.1-172.16.14.254",
    "metalform:bridge": "br-ex",
    "metalform:dashboard": JSON.stringify({ address: "172.16.0.3" }),
    "metalform:settings": JSON.stringify({ upstreamDns: ["172.16.0.1"] }),
    "metalform:roles": JSON.stringify({ database: ["server2"], app: 1 }),
  });
  ({ machines } = await import("../../index.ts"));
  await Promise.all(machines.map((machine) => outputOf(machine.status)));
});

after(() => lab.close());

const outputOf = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

const ofType = (type: string) => declared.filter((resource) => resource.type === `pulumi-nodejs:dynamic/${type}`);

test("each machine is enlisted with its MAC and power, then deployed", () => {
  const macs = ofType("maas:Machine").map(({ name, inputs }) => [name, inputs["macAddresses"]]);
  assert.deepEqual(Object.fromEntries(macs), { server1: ["1c:69:7a:00:00:01"], server2: ["1c:69:7a:00:00:02"] });
  const deployed = ofType("maas:Deployment").map(({ inputs }) => [inputs["machine"], inputs["series"]]);
  assert.deepEqual(Object.fromEntries(deployed), { "server1-sid": "noble", "server2-sid": "noble" });
});

test("a tag that two machines have is made once", () => {
  assert.deepEqual(
    ofType("maas:Tag").map((tag) => tag.name),
    ["juju"],
  );
});

test("every resource carries the constant provider text, its URN for progress, and no secret", () => {
  for (const { type, name, inputs } of declared.filter((resource) =>
    resource.type.startsWith("pulumi-nodejs:dynamic/"),
  )) {
    const kind = type.replace("pulumi-nodejs:dynamic/", "");
    assert.equal(inputs["__provider"], `exports.handler=()=>require("./providers/runtime.ts").provider("${kind}")`);
    assert.match(String(inputs["__urn"]), new RegExp(`::${name}$`));
    assert.doesNotMatch(JSON.stringify(inputs), /pass/i);
  }
});

test("all deployments carry the one identity of the stack", () => {
  assert.equal(ofType("metalform:StackIdentity").length, 1);
  assert.deepEqual([...new Set(ofType("maas:Deployment").map(({ inputs }) => inputs["stackId"]))], ["stack"]);
});

test("the table of machines is exported under the names of the config", async () => {
  assert.deepEqual(
    machines.map((machine) => machine.name),
    ["server1", "server2"],
  );
  assert.equal(await outputOf(machines[0]?.systemId ?? pulumi.output("")), "server1-sid");
});

test("the network is there before a machine boots from it", () => {
  const [subnet] = ofType("maas:Subnet");
  assert.deepEqual([subnet?.inputs["cidr"], subnet?.inputs["gateway"]], ["172.16.0.0/20", "172.16.0.1"]);
  const [range] = ofType("maas:IpRange");
  assert.deepEqual([range?.inputs["type"], range?.inputs["subnet"]], ["dynamic", "rack-sid"]);
  const [dhcp] = ofType("maas:VlanDhcp");
  assert.deepEqual(dhcp?.inputs["ranges"], ["dynamic-172.16.14.1-sid"]);
  const order = declared.map(({ type }) => type.split("/")[1] ?? "");
  assert.ok(order.indexOf("maas:VlanDhcp") < order.indexOf("maas:Machine"));
});

test("each machine has its address on its bridge", () => {
  assert.deepEqual(
    ofType("maas:OvsBridge")
      .map(({ inputs }) => [inputs["machine"], inputs["macAddress"], inputs["name"]])
      .sort(),
    [
      ["server1-sid", "1c:69:7a:00:00:01", "br-ex"],
      ["server2-sid", "1c:69:7a:00:00:02", "br-ex"],
    ],
  );
  const links = ofType("maas:InterfaceLink")
    .map(({ inputs }) => inputs["address"])
    .sort();
  assert.deepEqual(links, ["172.16.0.11", "172.16.0.12"]);
});

test("the region has its settings, and the dashboard its name", () => {
  assert.deepEqual(ofType("maas:MaasSettings")[0]?.inputs["upstreamDns"], ["172.16.0.1"]);
  assert.equal(ofType("maas:DnsRecord")[0]?.inputs["data"], "172.16.0.3");
});

test("roles are told with the machines, as RoleAssignment has them", async () => {
  assert.deepEqual(await Promise.all(machines.map(async ({ name, role }) => [name, await outputOf(role)])), [
    ["server1", "app"],
    ["server2", "database"],
  ]);
  const [asked] = ofType("metalform:RoleAssignment");
  assert.deepEqual(asked?.inputs["machines"], [
    { name: "server1", tags: ["juju"] },
    { name: "server2", tags: ["juju"] },
  ]);
  assert.deepEqual(asked.inputs["roles"], [
    { name: "database", count: 1, machines: ["server2"] },
    { name: "app", count: 1 },
  ]);
});
