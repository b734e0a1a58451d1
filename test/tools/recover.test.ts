import assert from "node:assert/strict";
import { test } from "node:test";
import { Journal } from "../../providers/core/journal.ts";
import type { ExportedStack } from "../../tools/stack/deployment.ts";
import { adoptPending, forgetAdopted } from "../../tools/stack/recover.ts";
import type { Session } from "../../tools/stack/session.ts";

/** A kind that asks no MAAS and never leaves anything behind. */
const identity = (name: string) => ({
  urn: `urn:pulumi:dev::metalform::pulumi-nodejs:dynamic/metalform:StackIdentity::${name}`,
  type: "pulumi-nodejs:dynamic/metalform:StackIdentity",
  inputs: {},
});

const known = { ...identity("known"), id: "1" };

function session(state: ExportedStack["deployment"]) {
  const imported: ExportedStack[] = [];
  const commands: string[][] = [];
  const fake: Session = {
    stack: "dev",
    isLab: true,
    environment: {},
    pulumi: (args) => {
      commands.push(args);
      return Promise.resolve(0);
    },
    output: () => "{}",
    export: () => ({ version: 3, deployment: state }),
    import: (stack) => {
      imported.push(stack);
    },
  };
  return { fake, imported, commands };
}

/** No folder, so no notes: never this clone's own. */
const journal = new Journal("/nowhere", "");

const clean = [{ version: 3, deployment: { resources: [known], pending_operations: [] } }];

test("nothing is pending: the state is not written", async () => {
  const { fake, imported } = session({ resources: [known] });
  assert.equal(await forgetAdopted(fake, journal), 0);
  await adoptPending(fake, journal);
  assert.deepEqual(imported, []);
});

test("after an up, the notes of what the state has by now go", async () => {
  const { fake, imported, commands } = session({
    resources: [known],
    pending_operations: [{ type: "creating", resource: identity("known") }],
  });
  assert.equal(await forgetAdopted(fake, journal), 0);
  assert.deepEqual(imported, clean);
  assert.deepEqual(commands, []);
});

test("before a destroy, the note of a creation that made nothing goes", async () => {
  const { fake, imported } = session({
    resources: [known],
    pending_operations: [{ type: "creating", resource: identity("never") }],
  });
  await adoptPending(fake, journal);
  assert.deepEqual(imported, clean);
});
