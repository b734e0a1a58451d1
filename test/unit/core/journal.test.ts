import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { dynamicProvider, untyped } from "../../../providers/core/dispatch.ts";
import { Journal } from "../../../providers/core/journal.ts";
import type { Lifecycle } from "../../../providers/core/lifecycle.ts";
import { FakeClock } from "../../support/fake-clock.ts";

const URN = "urn:pulumi:dev::metalform::pulumi-nodejs:dynamic/maas:Tag::rack1";

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), "metalform-journal-"));
  t.after(() => {
    rmSync(made, { recursive: true });
  });
  return join(made, "begun");
}

test("what was begun is there until it is forgotten, the last first, each once", (t) => {
  const place = folder(t);
  const journal = new Journal(place, "file:///a");
  journal.begin(URN, { name: "old" });
  journal.begin(URN, { name: "rack1" });
  assert.deepEqual(
    new Journal(place, "file:///a").begun("dev").map(({ urn, inputs }) => ({ urn, inputs })),
    [{ urn: URN, inputs: { name: "rack1" } }],
  );
  journal.forget(URN);
  assert.deepEqual(journal.begun("dev"), []);
  assert.deepEqual(readdirSync(place), []);
});

test("other stacks and other backends are none of its business; a backend without a name is anybody's", (t) => {
  const place = folder(t);
  new Journal(place, "file:///a").begin(URN, {});
  assert.deepEqual(new Journal(place, "file:///b").begun("dev"), []);
  assert.deepEqual(new Journal(place, "file:///a").begun("de"), []);
  new Journal(place, "").begin(URN, {});
  const [begun] = new Journal(place, "file:///b").begun("dev");
  assert.equal(begun?.urn, URN);
  new Journal(place, "file:///b").forget(begun.urn, begun.backend);
  assert.deepEqual(new Journal(place, "").begun("dev"), []);
});

test("only its owner may read it, and half a note is none", (t) => {
  const place = folder(t);
  const journal = new Journal(place, "");
  journal.begin(URN, {});
  const [file = ""] = readdirSync(place);
  assert.equal(statSync(join(place, file)).mode & 0o777, 0o600);
  writeFileSync(join(place, file), '{"urn": "urn:pu');
  assert.deepEqual(journal.begun("dev"), []);
});

/** A create that does as it is told, with the journal as it is while that runs. */
function provider(t: TestContext, create: Lifecycle<unknown, object, object>["create"]) {
  const journal = new Journal(folder(t), "");
  const during: string[] = [];
  const lifecycle: Lifecycle<unknown, object, object> = {
    changes: {},
    deleteBeforeReplace: false,
    check: () => undefined,
    create: (context, inputs) => {
      during.push(...journal.begun("dev").map(({ urn }) => urn));
      return create(context, inputs);
    },
    leftBehind: () => Promise.resolve(undefined),
    read: () => Promise.resolve(undefined),
    update: () => Promise.resolve({}),
    delete: () => Promise.resolve(),
  };
  const made = dynamicProvider(() => Promise.resolve(untyped(lifecycle)), {
    services: () => undefined,
    clock: new FakeClock(),
    progress: () => undefined,
    warn: () => undefined,
    note: () => undefined,
    journal,
  });
  return { made, journal, during };
}

test("a create is noted before it does anything, and still when it is done: its answer may get lost", async (t) => {
  const { made, journal, during } = provider(t, () => Promise.resolve({ id: "1", state: {} }));
  await made.create({ __urn: URN });
  assert.deepEqual(during, [URN]);
  assert.equal(journal.begun("dev").length, 1);
});

test("a create that fails may have left something", async (t) => {
  const lost = provider(t, () => Promise.reject(new Error("no")));
  await assert.rejects(lost.made.create({ __urn: URN }));
  assert.equal(lost.journal.begun("dev").length, 1);
});

test("the first before-picture of a thing stays until the thing is given back", async (t) => {
  const pictures: unknown[] = [];
  const { made, journal } = provider(t, (context) => {
    pictures.push(context.before("10.0.0.0/24", { adopted: pictures.length > 0 }));
    return pictures.length === 1 ? Promise.reject(new Error("killed")) : Promise.resolve({ id: "1", state: {} });
  });
  await assert.rejects(made.create({ __urn: URN }));
  assert.deepEqual(journal.recorded(URN, "10.0.0.0/24"), { adopted: false });
  await made.create({ __urn: URN });
  // The engine may die before it has written down what this create answered.
  await made.create({ __urn: URN });
  assert.deepEqual(pictures, [{ adopted: false }, { adopted: false }, { adopted: false }]);
  await made.delete("1", { __urn: URN });
  assert.deepEqual(journal.begun("dev"), []);
  assert.equal(journal.recorded(URN, "10.0.0.0/24"), undefined);
});

test("each thing that a resource takes has a picture of its own", (t) => {
  const journal = new Journal(folder(t), "");
  assert.deepEqual(journal.before(URN, "rack1", { adopted: true }), { adopted: true });
  assert.deepEqual(journal.before(URN, "rack2", { adopted: false }), { adopted: false });
  assert.deepEqual(journal.recorded(URN, "rack1"), { adopted: true });
});

test("a before-picture that is taken back is taken anew the next time", async (t) => {
  let tries = 0;
  const { made, journal } = provider(t, (context) => {
    tries += 1;
    const former = context.before("10.0.0.0/24", { adopted: tries > 1 });
    if (tries > 1) return Promise.resolve({ id: "1", state: { former } });
    context.retract("10.0.0.0/24");
    return Promise.reject(new Error("refused"));
  });
  await assert.rejects(made.create({ __urn: URN }));
  assert.equal(journal.recorded(URN, "10.0.0.0/24"), undefined);
  assert.deepEqual((await made.create({ __urn: URN })).outs["former"], { adopted: true });
});
