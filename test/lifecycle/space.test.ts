import assert from "node:assert/strict";
import { test } from "node:test";
import { space } from "../../providers/maas/space.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const make = (provider: ReturnType<ExplicitLab["provider"]>, change = {}) =>
  checked(provider, "maas:Space", "apps", { name: "apps", description: "for Juju", ...change });

test("a space that is not there is made, changed in place, and deleted; deleting it twice is fine", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(space);
  const { id, outs } = await provider.create(await make(provider));
  assert.deepEqual(lab.writes(), ["POST spaces/"]);
  const changed = await provider.update(id, outs, await make(provider, { description: "for all" }));
  assert.deepEqual(lab.writes(), [`PUT spaces/${id}/`]);
  assert.equal((await lab.admin.spaces.read("name:apps"))?.description, "for all");
  await provider.delete(id, changed.outs);
  assert.equal(await lab.admin.spaces.read(Number(id)), undefined);
  await provider.delete(id, changed.outs);
});

test("one that MAAS has is adopted and gets back the description that it had", async (t) => {
  const lab = await ExplicitLab.start(t);
  const theirs = await lab.admin.spaces.create({ name: "apps", description: "theirs" });
  const provider = lab.provider(space);
  const { id, outs } = await provider.create(await make(provider));
  assert.equal(id, String(theirs.id));
  assert.equal((await lab.admin.spaces.read(theirs.id))?.description, "for Juju");
  await provider.delete(id, outs);
  assert.equal((await lab.admin.spaces.read(theirs.id))?.description, "theirs");
});

test("a create that goes on after a crash gives back what was there before the first try", async (t) => {
  const lab = await ExplicitLab.start(t);
  const theirs = await lab.admin.spaces.create({ name: "apps", description: "theirs" });
  const provider = lab.provider(space);
  const news = await make(provider);
  await provider.create(news);
  assert.equal((await provider.leftBehind(news))?.id, String(theirs.id));
  const { id, outs } = await provider.create(news);
  await provider.delete(id, outs);
  assert.equal((await lab.admin.spaces.read(theirs.id))?.description, "theirs");
});

test("only what the program says counts as drift", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(space);
  const { id, outs } = await provider.create(await checked(provider, "maas:Space", "apps", { name: "apps" }));
  await lab.admin.spaces.update(Number(id), { description: "theirs" });
  assert.deepEqual((await provider.read(id, outs)).inputs?.["description"], undefined);
  await lab.admin.spaces.update(Number(id), { name: "theirs" });
  assert.equal((await provider.read(id, outs)).inputs?.["name"], "theirs");
  await lab.admin.spaces.delete(Number(id));
  assert.deepEqual(await provider.read(id, outs), {});
});

test("what is wrong is told at preview, without asking MAAS", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(space);
  const reasons = async (urn: string, news: Record<string, unknown>) =>
    String(
      (await provider.check({}, { ...news, __urn: urnOf("maas:Space", urn) })).failures.map(
        ({ property, reason }) => `${property} ${reason}`,
      ),
    );
  assert.match(await reasons("a", { name: "undefined" }), /"undefined" is MAAS's word for no space/);
  assert.match(await reasons("a", { name: "a.b" }), /is no name for a space/);
  assert.equal(await reasons("b", { name: "twice" }), "");
  assert.match(await reasons("c", { name: "twice" }), /"twice" is the name of b too/);
  assert.deepEqual(lab.requests, []);
});
