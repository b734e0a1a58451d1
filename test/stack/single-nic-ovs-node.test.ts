/** The component under mocks: what it declares for either life of its bridge, and what it hands to a Deployment. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import type { SingleNicOvsNodeArgs } from "../../stacks/components/single-nic-ovs-node.ts";

interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

const declared: Declared[] = [];
const card = { machine: "abc123", macAddress: "1c:69:7a:00:00:01" };
const network = { subnet: "172.16.0.0/20", address: "172.16.0.11" };

before(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        declared.push({ type, name, inputs: inputs as Record<string, unknown> });
        return { id: `${name}/7`, state: inputs as object };
      },
      call: () => ({}),
    },
    "metalform",
    "test",
  );
});

/** What a node and its Deployment declare, by kind. */
async function declare(name: string, change: Partial<SingleNicOvsNodeArgs> = {}): Promise<Record<string, unknown>> {
  const { SingleNicOvsNode } = await import("../../stacks/components/single-nic-ovs-node.ts");
  const { Deployment } = await import("../../providers/index.ts");
  const node = new SingleNicOvsNode(name, { ...card, ...network, ...change });
  const deployment = new Deployment(name, { machine: card.machine, ...node.deployment });
  await new Promise((resolve) => {
    pulumi.all([deployment.urn, node.link.urn]).apply(resolve);
  });
  const ofNode = declared.filter((one) => one.name === name);
  return Object.fromEntries(
    ofNode.map(({ type, inputs }): [string, unknown] => [type.split(":").at(-1) ?? "", inputs]),
  );
}

const picked = (inputs: unknown, ...keys: string[]) =>
  Object.fromEntries(Object.entries(inputs as Record<string, unknown>).filter(([key]) => keys.includes(key)));

test("a bridge of the machine is a resource of its own, and the link is on it", async () => {
  const { OvsBridge, InterfaceLink, Deployment } = await declare("server1");
  assert.deepEqual(picked(OvsBridge, "machine", "macAddress", "name"), { ...card, name: "br-ex" });
  assert.deepEqual(picked(InterfaceLink, "interface", "machine", "subnet", "address", "defaultGateway"), {
    interface: "server1/7",
    ...network,
    defaultGateway: true,
  });
  assert.deepEqual(picked(Deployment, "staticAddresses", "acquiredBridges"), { staticAddresses: ["172.16.0.11"] });
});

test("the link of a bridge carries what the program says of it, before any id is known", async () => {
  const { InterfaceLink } = await declare("server2", { bridge: "br-ovn" });
  assert.deepEqual(picked(InterfaceLink, "origin"), { origin: { type: "bridge" } });
});

test("a bridge of the deployment is the Deployment's, and the link is the card's", async () => {
  const { OvsBridge, InterfaceLink, Deployment } = await declare("server3", { bridgeBelongsTo: "deployment" });
  assert.equal(OvsBridge, undefined);
  assert.deepEqual(picked(InterfaceLink, "interface", "machine", "macAddress"), card);
  assert.deepEqual(picked(Deployment, "acquiredBridges"), {
    acquiredBridges: [{ name: "br-ex", macAddress: card.macAddress, defaultGateway: network.subnet }],
  });
});
