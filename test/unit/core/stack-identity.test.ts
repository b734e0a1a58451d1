import assert from "node:assert/strict";
import { test } from "node:test";
import { dynamicProvider, untyped } from "../../../providers/core/dispatch.ts";
import { stackIdentity } from "../../../providers/core/stack-identity.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const provider = dynamicProvider(() => Promise.resolve(untyped(stackIdentity)), {
  services: () => undefined,
  clock: new FakeClock(),
  progress: () => undefined,
  warn: () => undefined,
  note: () => undefined,
});

test("two stacks never have the same identity", async () => {
  const [one, other] = [await provider.create({}), await provider.create({})];
  assert.match(String(one.outs["stackId"]), /^[0-9a-f]{12}$/);
  assert.notEqual(one.outs["stackId"], other.outs["stackId"]);
});

test("it never changes: not by an update, not by a refresh", async () => {
  const { id, outs } = await provider.create({});
  assert.equal((await provider.update(id, outs, {})).outs["stackId"], id);
  assert.equal((await provider.read(id, outs)).props?.["stackId"], id);
  assert.equal((await provider.diff(id, outs, {})).changes, false);
});
