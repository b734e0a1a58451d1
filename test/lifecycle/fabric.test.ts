import assert from "node:assert/strict";
import { test } from "node:test";
import { fabric } from "../../providers/maas/fabric.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const inputs = { name: "rack" };
const make = (provider: ReturnType<ExplicitLab["provider"]>, change = {}) =>
  checked(provider, "maas:Fabric", "rack", { ...inputs, ...change });

test("a fabric that is not there is made, renamed in place, and deleted; deleting it twice is fine", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  const { id, outs } = await provider.create(await make(provider));
  assert.deepEqual(lab.writes(), ["POST fabrics/"]);
  const changed = await provider.update(id, outs, await make(provider, { name: "rack2" }));
  assert.equal((await lab.admin.fabrics.read(Number(id)))?.name, "rack2");
  await provider.delete(id, changed.outs);
  assert.equal(await lab.admin.fabrics.read(Number(id)), undefined);
  await provider.delete(id, changed.outs);
});

test("MAAS's own fabric is adopted by its name, renamed, and has its name again after a destroy", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  const { id, outs } = await provider.create(await make(provider, { name: "fabric-0" }));
  assert.equal(id, "0");
  assert.deepEqual(lab.writes(), []);
  const changed = await provider.update(id, outs, await make(provider));
  assert.equal((await lab.admin.fabrics.read(0))?.name, "rack");
  await provider.delete(id, changed.outs);
  assert.equal((await lab.admin.fabrics.read(0))?.name, "fabric-0");
});

test("a name that somebody else gave meanwhile stays", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  const { id, outs } = await provider.create(await make(provider, { name: "fabric-0" }));
  const changed = await provider.update(id, outs, await make(provider));
  await lab.admin.fabrics.update(0, { name: "theirs" });
  await provider.delete(id, changed.outs);
  assert.equal((await lab.admin.fabrics.read(0))?.name, "theirs");
});

test("a create that goes on after a crash knows that the fabric is its own", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  const news = await make(provider);
  assert.equal(await provider.leftBehind(news), undefined);
  const { id } = await provider.create(news);
  assert.equal((await provider.leftBehind(news))?.id, id);
  const again = await provider.create(news);
  assert.equal(again.id, id);
  await provider.delete(id, again.outs);
  assert.equal(await lab.admin.fabrics.read(Number(id)), undefined);
});

test("another name is drift, and a fabric that is gone is gone from the state", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  const { id, outs } = await provider.create(await make(provider));
  await lab.admin.fabrics.update(Number(id), { name: "theirs" });
  assert.equal((await provider.read(id, outs)).inputs?.["name"], "theirs");
  await lab.admin.fabrics.delete(Number(id));
  assert.deepEqual(await provider.read(id, outs), {});
  await assert.rejects(provider.update(id, outs, await make(provider)), /fabric rack is not in MAAS any more/);
});

test("what somebody makes anew after ours was gone is theirs", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  const { id, outs } = await provider.create(await make(provider));
  await lab.admin.fabrics.delete(Number(id));
  await provider.read(id, outs);
  const theirs = await lab.admin.fabrics.create({ name: "rack" });
  const again = await provider.create(await make(provider));
  await provider.delete(again.id, again.outs);
  assert.equal((await lab.admin.fabrics.read(theirs.id))?.name, "rack");
});

test("one that holds a subnet still stays in MAAS, and a warning names it", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  const { id, outs } = await provider.create(await make(provider));
  const vlan = (await lab.admin.fabrics.read(Number(id)))?.vlans[0]?.id;
  await lab.admin.subnets.create({ cidr: "10.9.0.0/24", ...(vlan === undefined ? {} : { vlan }) });
  await provider.delete(id, outs);
  assert.match(lab.warnings.join(), /The fabric rack stays in MAAS.*10\.9\.0\.0\/24/);
});

test("a name of MAAS's own that is not there is refused with what to write", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  await assert.rejects(
    provider.create(await make(provider, { name: "fabric-7" })),
    /There is no fabric fabric-7 in MAAS, and MAAS keeps names of that form for itself/,
  );
  assert.deepEqual(lab.writes(), []);
});

test("what is wrong is told at preview, without asking MAAS", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(fabric);
  const reasons = async (urn: string, news: Record<string, unknown>) =>
    (await provider.check({}, { ...news, __urn: urnOf("maas:Fabric", urn) })).failures.map(
      ({ property, reason }) => `${property} ${reason}`,
    );
  assert.match(String(await reasons("a", { name: "12" })), /name "12" would be read as an id/);
  assert.match(String(await reasons("a", { name: "my rack" })), /name "my rack" is no name for a fabric/);
  assert.match(String(await reasons("a", {})), /name is missing/);
  assert.deepEqual(await reasons("b", { name: "twice" }), []);
  assert.match(String(await reasons("c", { name: "twice" })), /"twice" is the name of b too/);
  assert.deepEqual(lab.requests, []);
});
