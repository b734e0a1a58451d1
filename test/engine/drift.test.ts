/** What others change behind our back: seen by a refresh, named by the next preview, put right by the next up. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Engine } from "../support/engine.ts";
import { nuc } from "../support/engine-project.ts";

let engine: Engine;
let systemId = "";

before(async () => {
  engine = await Engine.start();
  engine.project.configure({ machines: [nuc(1, { tags: ["rack1"] })] });
  await engine.up();
  systemId = (await engine.machines())[0]?.system_id ?? "";
});
after(() => engine.close());

test("a tag that somebody took away is named by the preview, and given again in place", async () => {
  await engine.maas.tags.updateNodes("rack1", { remove: [systemId] });
  await engine.preview("--expect-no-changes");
  await engine.refresh();
  const { output } = await engine.preview();
  assert.match(output, /~ pulumi-nodejs:dynamic\/maas:Machine: \(update\)/);
  assert.match(output, /\+ +tags|~ +tags|\+ \[0\]: "rack1"/);
  assert.doesNotMatch(output, /replace/);
  await engine.up();
  assert.deepEqual((await engine.maas.machines.read(systemId))?.tag_names, ["rack1"]);
});

test("a machine that somebody released is deployed again", async () => {
  await engine.maas.machines.release(systemId);
  await engine.refresh();
  const { output } = await engine.preview();
  assert.match(output, /\+ pulumi-nodejs:dynamic\/maas:Deployment: \(create\)/);
  await engine.up();
  assert.deepEqual(await engine.statuses(), ["server1 Deployed admin"]);
});

test("a machine that somebody else took meanwhile is neither taken nor released", async () => {
  await engine.maas.machines.release(systemId);
  await waitUntil(async () => (await engine.machines())[0]?.status_name === "Ready");
  await engine.maas.machines.allocate({ system_id: systemId, agent_name: "theirs" });
  await engine.refresh();
  const up = await engine.make("up");
  assert.notEqual(up.code, 0);
  assert.match(up.output, /is Allocated, owned by admin, not by this stack: it is left alone/);
  await engine.pulumi(["destroy", "--yes", "--skip-preview"]);
  assert.deepEqual(await engine.statuses(), ["server1 Allocated admin"]);
});

/** MAAS frees a released machine when its power is off. */
async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 20_000;
  while (!(await condition())) assert.ok(Date.now() < deadline, "it never came");
}
