import assert from "node:assert/strict";
import { test } from "node:test";
import { dynamicProvider, untyped } from "../../../providers/core/dispatch.ts";
import type { Lifecycle } from "../../../providers/core/lifecycle.ts";
import { FakeClock } from "../../support/fake-clock.ts";

interface Inputs {
  name: string;
}
interface State extends Inputs {
  size?: number | undefined;
}

const simple: Lifecycle<object, Inputs, State> = {
  changes: { name: { replace: "another name is another thing" } },
  deleteBeforeReplace: true,
  check: (check) => {
    check.required("name", '"x"');
  },
  create: (_context, inputs) => Promise.resolve({ id: "7", state: { ...inputs, size: undefined } }),
  read: (_context, id, state) => Promise.resolve(id === "gone" ? undefined : { ...state, size: 2 }),
  update: (_context, _id, _old, inputs) => Promise.resolve(inputs),
  delete: () => Promise.resolve(),
};

const around = (notes: string[] = []) => ({
  services: () => ({}),
  clock: new FakeClock(),
  progress: () => undefined,
  warn: () => undefined,
  note: (_urn: string, text: string) => {
    notes.push(text);
  },
});

const provider = (change: Partial<typeof simple> = {}, notes: string[] = []) =>
  dynamicProvider(() => Promise.resolve(untyped({ ...simple, ...change })), around(notes));

const engineSide = { __provider: "text", __urn: "urn:pulumi:dev::metalform::x::y" };

test("outputs are plain JSON and carry the engine's keys", async () => {
  assert.deepEqual(await provider().create({ name: "a", ...engineSide }), {
    id: "7",
    outs: { name: "a", ...engineSide },
  });
});

test("a replacement says in the preview what it costs", async () => {
  const notes: string[] = [];
  const diff = await provider({}, notes).diff("7", { name: "a" }, { name: "b" });
  assert.deepEqual(diff, { changes: true, replaces: ["name"], deleteBeforeReplace: true });
  assert.deepEqual(notes, ["[replace] name: another name is another thing"]);
});

test("what is gone is told as gone; what is there gives outputs and inputs", async () => {
  assert.deepEqual(await provider().read("gone", { name: "a" }), {});
  assert.deepEqual(await provider().read("7", { name: "a", ...engineSide }), {
    id: "7",
    props: { name: "a", size: 2, ...engineSide },
    inputs: { name: "a", ...engineSide },
  });
});

test("a failure before the thing exists is a plain Error without an id", async () => {
  const failing = provider({ create: () => Promise.reject(Object.assign(new Error("no"), { id: "stray" })) });
  await assert.rejects(failing.create({ name: "a" }), (error: Error) => error.message === "no" && !("id" in error));
});

test("a failure after it exists keeps it in the state, with its provider text", async () => {
  const failing = provider({
    create: (context) => {
      context.created("9", { name: "a", size: 3 });
      return Promise.reject(new Error("power failed"));
    },
  });
  await assert.rejects(failing.create({ name: "a", ...engineSide }), {
    message: "power failed",
    id: "9",
    properties: { name: "a", size: 3, ...engineSide },
    reasons: ["power failed"],
  });
});

test("a failed update keeps the thing too", async () => {
  const failing = provider({ update: () => Promise.reject(new Error("no")) });
  await assert.rejects(failing.update("7", { name: "a", size: 3 }, { name: "b" }), {
    id: "7",
    properties: { name: "b", size: 3 },
  });
});

test("nothing but an Error ever leaves, and without a stack", async () => {
  const failing = provider({ delete: () => Promise.reject(new Error("clear words")) });
  await assert.rejects(failing.delete("7", { name: "a" }), (error: Error) => {
    assert.doesNotMatch(error.stack ?? "", /dispatch/);
    return error instanceof Error && String(error) === "clear words";
  });
});

for (const [machine, inUse, replaces, told] of [
  ["at rest", () => Promise.resolve(false), [], "[in place] size: cut off for a moment"],
  ["at work", () => Promise.resolve(true), ["name"], "[redeploy] name: only while nothing runs"],
  [
    "that cannot be asked",
    () => Promise.reject(new Error("no MAAS")),
    ["name"],
    "[redeploy] name: only while nothing runs",
  ],
] as const) {
  test(`a change that needs a machine at rest, of a machine ${machine}`, async () => {
    const notes: string[] = [];
    const resting = dynamicProvider(
      () =>
        Promise.resolve(
          untyped<object, Inputs & { size?: number | undefined }, State>({
            ...simple,
            changes: { name: { redeploy: "only while nothing runs" }, size: { interrupts: "cut off for a moment" } },
            create: () => Promise.reject(new Error("not asked")),
            read: () => Promise.resolve(undefined),
            update: (_context, _id, _old, inputs) => Promise.resolve(inputs),
            inUse,
          }),
        ),
      around(notes),
    );
    const diff = await resting.diff("7", { name: "a", size: 1 }, { name: "b", size: 2 });
    assert.deepEqual(diff, { changes: true, replaces, deleteBeforeReplace: true });
    assert.deepEqual(notes, [told]);
  });
}
