import assert from "node:assert/strict";
import { test } from "node:test";
import { stateMachines } from "../../tools/stack/machine-table.ts";
import {
  lostCreates,
  pendingCreates,
  settled,
  stackOutputs,
  type ExportedStack,
} from "../../tools/stack/deployment.ts";

const resource = (name: string, id?: string) => ({
  urn: `urn:pulumi:dev::metalform::pulumi-nodejs:dynamic/maas:Machine::${name}`,
  type: "pulumi-nodejs:dynamic/maas:Machine",
  ...(id === undefined ? {} : { id }),
});

const interrupted: ExportedStack = {
  version: 3,
  deployment: {
    resources: [resource("server1", "abc111")],
    pending_operations: [
      { type: "creating", resource: resource("server1") },
      { type: "creating", resource: resource("server2") },
      { type: "updating", resource: resource("server1", "abc111") },
    ],
  },
};

test("only creations stay pending for ever", () => {
  assert.deepEqual(
    pendingCreates(interrupted).map(({ resource: { urn } }) => urn.split("::").at(-1)),
    ["server1", "server2"],
  );
});

test("a creation is lost when the state does not have its thing", () => {
  assert.deepEqual(lostCreates(interrupted), [{ type: "creating", resource: resource("server2") }]);
});

test("settled: what was found joins the state, the notes go, the rest is as it was", () => {
  const found = resource("server2", "abc222");
  assert.deepEqual(settled(interrupted, [found]), {
    version: 3,
    deployment: { resources: [resource("server1", "abc111"), found], pending_operations: [] },
  });
});

test("settled: what the state has already is not added again", () => {
  const found = resource("server1", "abc111");
  assert.deepEqual(settled(interrupted, [found]).deployment.resources, [found]);
});

test("settled: a successor that was made before its forerunner went leaves that one to be deleted", () => {
  const found = resource("server1", "abc333");
  assert.deepEqual(settled(interrupted, [found]).deployment.resources, [
    { ...resource("server1", "abc111"), delete: true },
    found,
  ]);
});

test("settled: what was deleted and made anew stands where it was, to be deleted again", () => {
  const found = resource("server1", "abc111");
  const replaced = { ...found, pendingReplacement: true };
  const stack = { version: 3, deployment: { resources: [replaced, resource("server2", "abc222")] } };
  assert.deepEqual(settled(stack, [found]).deployment.resources, [found, resource("server2", "abc222")]);
});

test("the machines of a stack are known from its resources, also before it has outputs", () => {
  const rack = { urn: "urn:pulumi:dev::metalform::metalform:rack:Rack::rack", type: "metalform:rack:Rack" };
  const deployment = { resources: [rack, resource("server1", "abc111")] };
  assert.deepEqual(stateMachines({ version: 3, deployment }), [{ name: "server1", systemId: "abc111" }]);
});

test("a stack that was never brought up has no outputs", () => {
  assert.deepEqual(stackOutputs({ version: 3, deployment: {} }), {});
});
