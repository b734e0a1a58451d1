import assert from "node:assert/strict";
import { test } from "node:test";
import { tag } from "../../providers/maas/tag.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const inputs = { name: "nucs" };

test("a tag that is not there is made, changed in place, and taken away again", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(tag);
  const { id, outs } = await provider.create(await checked(provider, "maas:Tag", "nucs", inputs));
  assert.equal((await lab.admin.tags.read("nucs"))?.comment, "Made by Metalform");
  const news = await checked(provider, "maas:Tag", "nucs", { ...inputs, description: "the five" });
  const changed = await provider.update(id, outs, news);
  assert.equal((await lab.admin.tags.read("nucs"))?.comment, "the five");
  await provider.delete(id, changed.outs);
  assert.equal(await lab.admin.tags.read("nucs"), undefined);
});

test("a tag that MAAS had before is used and left there", async (t) => {
  const lab = await ExplicitLab.start(t);
  await lab.admin.tags.create({ name: "nucs", comment: "theirs" });
  const provider = lab.provider(tag);
  const { id, outs } = await provider.create(await checked(provider, "maas:Tag", "nucs", inputs));
  assert.equal(outs["adopted"], true);
  await provider.delete(id, outs);
  assert.equal((await lab.admin.tags.read("nucs"))?.comment, "theirs");
});

test("one that another stack has made in the same words is not taken for ours", async (t) => {
  const lab = await ExplicitLab.start(t);
  await lab.admin.tags.create({ name: "nucs", comment: "Made by Metalform" });
  const provider = lab.provider(tag);
  const { id, outs } = await provider.create(await checked(provider, "maas:Tag", "nucs", inputs));
  assert.equal(outs["adopted"], true);
  await provider.delete(id, outs);
  assert.notEqual(await lab.admin.tags.read("nucs"), undefined);
});

test("after a crash it is ours still: making it again is not adopting it", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(tag);
  const news = await checked(provider, "maas:Tag", "nucs", inputs);
  await provider.create(news);
  assert.equal((await provider.create(news)).outs["adopted"], false);
  assert.equal((await provider.leftBehind(news))?.id, "nucs");
});

test("one that was there once and is gone is made, and is ours, also after a crash", async (t) => {
  const lab = await ExplicitLab.start(t);
  await lab.admin.tags.create({ name: "nucs", comment: "theirs" });
  const provider = lab.provider(tag);
  const news = await checked(provider, "maas:Tag", "nucs", inputs);
  assert.equal((await provider.create(news)).outs["adopted"], true);
  await lab.admin.tags.delete("nucs");
  assert.equal((await provider.create(news)).outs["adopted"], false);
  assert.equal((await provider.create(news)).outs["adopted"], false);
});

test("one that is gone is gone from the state", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(tag);
  const { id, outs } = await provider.create(await checked(provider, "maas:Tag", "nucs", inputs));
  await lab.admin.tags.delete("nucs");
  assert.deepEqual(await provider.read(id, outs), {});
});
