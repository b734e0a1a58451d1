import assert from "node:assert/strict";
import { test } from "node:test";
import { dynamicProvider, untyped } from "../../providers/core/dispatch.ts";
import { generatedSecret } from "../../providers/core/generated-secret.ts";
import { FakeClock } from "../support/fake-clock.ts";

const provider = dynamicProvider(() => Promise.resolve(untyped(generatedSecret)), {
  services: () => undefined,
  clock: new FakeClock(),
  progress: () => undefined,
  warn: () => undefined,
  note: () => undefined,
});

const made = async (news: Record<string, unknown> = {}) =>
  await provider.create((await provider.check({}, news)).inputs);

test("it has 256 bits in characters that every shell and file takes as they are", async () => {
  const { outs } = await made();
  assert.match(String(outs["value"]), /^[A-Za-z0-9_-]{43}$/);
  assert.match(String((await made({ length: 64 })).outs["value"]), /^[A-Za-z0-9_-]{64}$/);
});

test("two are never the same, and the id tells nothing of it", async () => {
  const [one, other] = [await made(), await made()];
  assert.notEqual(one.outs["value"], other.outs["value"]);
  assert.ok(!String(one.outs["value"]).includes(one.id));
});

test("it stays what it is over updates and refreshes", async () => {
  const { id, outs } = await made();
  assert.equal((await provider.read(id, outs)).props?.["value"], outs["value"]);
  assert.equal((await provider.update(id, outs, outs)).outs["value"], outs["value"]);
});

test("another rotation or length makes another one", async () => {
  const { id, outs } = await made();
  assert.deepEqual((await provider.diff(id, outs, { length: 43, rotation: "2026" })).replaces, ["rotation"]);
  assert.deepEqual((await provider.diff(id, outs, { length: 20 })).replaces, ["length"]);
});

test("one that could be guessed is refused", async () => {
  const { failures } = await provider.check({}, { length: 8 });
  assert.deepEqual(
    failures.map(({ property }) => property),
    ["length"],
  );
});
