/** The program under mocks: which resources it declares, with which inputs, and what it exports. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { RackMachine } from "../../stacks/rack.ts";

interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

const declared: Declared[] = [];
let machines: RackMachine[];

before(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: (args) => {
        declared.push({ type: args.type, name: args.name, inputs: args.inputs as Record<string, unknown> });
        return {
          id: `${args.name}-sid`,
          state: { ...(args.inputs as object), systemId: `${args.name}-sid`, stackId: "stack" },
        };
      },
      call: () => ({}),
    },
    "metalform",
    "test",
  );
  pulumi.runtime.setAllConfig({
    "metalform:machines": JSON.stringify([
      { name: "server1", mac: "1c:69:7a:00:00:01", amt: "172.16.15.1", tags: ["juju"] },
      { name: "server2", mac: "1c:69:7a:00:00:02", power: { type: "manual" }, tags: ["juju"] },
    ]),
    "metalform:series": "noble",
  });
  ({ machines } = await import("../../index.ts"));
  await Promise.all(machines.map((machine) => outputOf(machine.status)));
});

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
