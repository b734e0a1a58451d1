import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { startLab } from "../../lab/lab.ts";
import { Journal } from "../../providers/core/journal.ts";
import { createMaasClient } from "../../providers/maas/client.ts";
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

const TAG = "urn:pulumi:dev::metalform::pulumi-nodejs:dynamic/maas:Tag::rack1";

/** A MAAS that has the tag of an interrupted create, and the note of that create. */
async function interruptedTag(t: TestContext) {
  const lab = await startLab({ mode: "explicit" });
  const folder = mkdtempSync(join(tmpdir(), "metalform-recover-"));
  t.after(async () => {
    rmSync(folder, { recursive: true });
    await lab.close();
  });
  // Read by the providers of this process when they are first asked.
  process.env["METALFORM_MAAS_URL"] = lab.maasUrl;
  process.env["METALFORM_MAAS_KEY"] = lab.adminKey;
  const maas = createMaasClient({ url: lab.maasUrl, key: lab.adminKey }, { onRequest: () => undefined });
  const inputs = { name: "rack1", description: "Made by Metalform", __urn: TAG };
  await maas.tags.create({ name: "rack1", comment: inputs.description });
  const notes = new Journal(folder, "");
  const begin = (found: { adopted: boolean }) => {
    notes.begin(TAG, inputs);
    notes.before(TAG, "tag rack1", found);
  };
  begin({ adopted: false });
  return { maas, notes, begin };
}

test("what a dead provider process had made, and the state never heard of, is given back before a destroy", async (t) => {
  const { maas, notes, begin } = await interruptedTag(t);
  const inState = session({ resources: [{ urn: TAG, type: "pulumi-nodejs:dynamic/maas:Tag", id: "rack1" }] });
  notes.begin(TAG.replace("dev", "other"), {});
  await adoptPending(inState.fake, notes);
  assert.ok(await maas.tags.read("rack1"), "the state has it: the engine deletes it");
  assert.deepEqual(notes.begun("dev"), []);
  begin({ adopted: true });
  await adoptPending(session({ resources: [known] }).fake, notes);
  assert.ok(await maas.tags.read("rack1"), "it was there before: it stays");
  begin({ adopted: false });
  await adoptPending(session({ resources: [known] }).fake, notes);
  assert.equal(await maas.tags.read("rack1"), undefined);
  assert.deepEqual(notes.begun("dev"), []);
  assert.equal(notes.begun("other").length, 1);
});
