import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { staticRoute } from "../../providers/maas/static-route.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const CIDR = "172.16.0.0/20";

async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const far = await lab.admin.subnets.create({ cidr: "10.9.0.0/24" });
  const provider = lab.provider(staticRoute);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:StaticRoute", "far", {
      source: CIDR,
      destination: String(far.id),
      gateway: "172.16.0.2",
      ...change,
    });
  const now = (id: string) => lab.admin.staticRoutes.read(Number(id));
  return { lab, provider, make, now, far };
}

test("a route that is not there is made, changed in place, and deleted; deleting it twice is fine", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  assert.deepEqual(lab.writes(), ["POST static-routes/"]);
  const changed = await provider.update(id, outs, await make({ gateway: "172.16.0.4", metric: 10 }));
  assert.deepEqual(lab.writes(), [`PUT static-routes/${id}/`]);
  assert.deepEqual([(await now(id))?.gateway_ip, (await now(id))?.metric], ["172.16.0.4", 10]);
  await provider.delete(id, changed.outs);
  assert.equal(await now(id), undefined);
  await provider.delete(id, changed.outs);
});

test("one that MAAS has is adopted, and as it was after a destroy", async (t) => {
  const { lab, provider, make, now, far } = await setUp(t);
  const fields = { source: 1, destination: far.id, gateway_ip: "172.16.0.2", metric: 5 };
  const theirs = await lab.admin.staticRoutes.create(fields);
  const { id, outs } = await provider.create(await make());
  assert.equal(id, String(theirs.id));
  assert.equal((await now(id))?.metric, 0);
  await provider.delete(id, outs);
  assert.equal((await now(id))?.metric, 5);
});

test("a create that goes on after a crash knows that the route is its own", async (t) => {
  const { provider, make, now } = await setUp(t);
  const news = await make();
  await provider.create(news);
  assert.ok(await provider.leftBehind(news));
  const { id, outs } = await provider.create(news);
  await provider.delete(id, outs);
  assert.equal(await now(id), undefined);
});

test("drift is named; one that is gone is gone from the state", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.staticRoutes.update(Number(id), { metric: 7 });
  assert.equal((await provider.read(id, outs)).inputs?.["metric"], 7);
  await lab.admin.staticRoutes.delete(Number(id));
  assert.deepEqual(await provider.read(id, outs), {});
});

test("a subnet that MAAS does not have is named", async (t) => {
  const { provider, make } = await setUp(t);
  await assert.rejects(
    provider.create(await make({ destination: "10.99.0.0/24" })),
    /There is no subnet 10\.99\.0\.0\/24/,
  );
});

test("what is wrong is told at preview, without asking MAAS", async (t) => {
  const { lab, provider } = await setUp(t);
  const reasons = async (change: Record<string, unknown>) => {
    const news = { source: CIDR, destination: "10.9.0.0/24", gateway: "172.16.0.2", ...change };
    const { failures } = await provider.check({}, { ...news, __urn: urnOf("maas:StaticRoute", "x") });
    return String(failures.map(({ property, reason }) => `${property} ${reason}`));
  };
  assert.equal(await reasons({}), "");
  assert.match(await reasons({ gateway: "10.9.0.1" }), /gateway "10\.9\.0\.1" is outside 172\.16\.0\.0\/20/);
  assert.match(await reasons({ destination: CIDR }), /destination is the source too/);
  assert.match(await reasons({ source: "lan" }), /source "lan" is no subnet/);
  assert.match(await reasons({ metric: -1 }), /metric is -1; write a whole number from 0/);
  assert.deepEqual(lab.requests, []);
});
