import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { createMaasClient } from "../../providers/maas/client.ts";
import { retryAfter, retryDelay } from "../../providers/maas/retry.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { scriptedMaas, TEST_KEY } from "../support/scripted-maas.ts";
import type { Step } from "../support/scripted-maas.ts";

const setUp = async (t: TestContext, script: Step[], random = 0) => {
  const maas = await scriptedMaas(t, script);
  const clock = new FakeClock({ auto: true });
  const attempts: number[] = [];
  const client = createMaasClient(
    { url: maas.url, key: TEST_KEY },
    {
      clock,
      random: () => random,
      timeouts: { read: 100, power: 100 },
      onRequest: ({ path, attempt }) => path === "version/" || attempts.push(attempt),
    },
  );
  return { client, clock, attempts, maas };
};

const zones = (answer: Step["answer"]): Step => ({ expect: "GET zones/", answer });
const unavailable: Step["answer"] = { status: 502, html: "<html>502</html>" };
const fine: Step["answer"] = { json: [] };

test("a read goes on after a lost connection, a silent server and a region controller that restarts", async (t) => {
  const { client, attempts } = await setUp(t, [zones("drop"), zones("silence"), zones(unavailable), zones(fine)]);
  assert.deepEqual(await client.zones.list(), []);
  assert.deepEqual(attempts, [1, 2, 3, 4]);
});

test("the tries wait 1, 2 and 4 seconds, up to half of it less by chance, and the fourth is the last", async (t) => {
  const four = [1, 2, 3, 4].map(() => zones(unavailable));
  const patient = await setUp(t, four);
  await assert.rejects(patient.client.zones.list(), { code: "server-error" });
  assert.deepEqual(patient.clock.sleeps, [1_000, 2_000, 4_000]);
  const lucky = await setUp(t, four, 1);
  await assert.rejects(lucky.client.zones.list(), { code: "server-error" });
  assert.deepEqual(lucky.clock.sleeps, [500, 1_000, 2_000]);
});

test("what MAAS asks to wait is waited", async (t) => {
  const busy: Step["answer"] = { status: 503, text: "busy", headers: { "Retry-After": "10" } };
  const { client, clock } = await setUp(t, [zones(busy), zones(fine)], 1);
  await client.zones.list();
  assert.deepEqual(clock.sleeps, [10_500]);
});

test("a put, a delete and a create of a name may be sent again", async (t) => {
  const { client } = await setUp(t, [
    { expect: "PUT machines/abc123/", answer: "drop" },
    { expect: "PUT machines/abc123/", answer: { json: {} } },
    { expect: "DELETE machines/abc123/", answer: "drop" },
    { expect: "DELETE machines/abc123/", answer: { status: 404, text: "No Machine matches the given query." } },
    { expect: "POST tags/", answer: unavailable },
    { expect: "POST tags/", answer: { json: { name: "ovn" } } },
  ]);
  await client.machines.update("abc123", { description: "d" });
  await client.machines.delete("abc123");
  await client.tags.create({ name: "ovn" });
});

for (const answer of ["drop", "silence", unavailable] as const) {
  const what = typeof answer === "string" ? answer : "a 502";
  test(`a deploy that ends in ${what} is sent once, and the caller is told to look`, async (t) => {
    const { client, attempts, clock } = await setUp(t, [{ expect: "POST machines/abc123/ deploy", answer }]);
    await assert.rejects(client.machines.deploy("abc123"), { code: "ambiguous", message: /not known/ });
    assert.deepEqual(attempts, [1]);
    assert.deepEqual(clock.sleeps, []);
  });
}

test("what would do harm a second time is ambiguous after a lost answer: each such operation", async (t) => {
  const ops = [
    "commission",
    "test",
    "abort",
    "override_failed_testing",
    "deploy",
    "release",
    "lock",
    "unlock",
    "mark_broken",
    "mark_fixed",
  ];
  const { client } = await setUp(t, [
    ...ops.map((op): Step => ({ expect: `POST machines/abc123/ ${op}`, answer: "drop" })),
    { expect: "POST machines/", answer: "drop" },
    { expect: "POST machines/ allocate", answer: "drop" },
    { expect: "POST nodes/abc123/interfaces/2/ link_subnet", answer: "drop" },
    { expect: "POST nodes/abc123/interfaces/2/ unlink_subnet", answer: "drop" },
  ]);
  const { machines, interfaces } = client;
  for (const call of [
    () => machines.commission("abc123"),
    () => machines.test("abc123"),
    () => machines.abort("abc123"),
    () => machines.overrideFailedTesting("abc123"),
    () => machines.deploy("abc123"),
    () => machines.release("abc123"),
    () => machines.lock("abc123"),
    () => machines.unlock("abc123"),
    () => machines.markBroken("abc123"),
    () => machines.markFixed("abc123"),
    () => machines.create({ architecture: "amd64", mac_addresses: ["52:54:00:00:00:01"], commission: false }),
    () => machines.allocate({ system_id: "abc123" }),
    () => interfaces.linkSubnet("abc123", 2, { mode: "AUTO", subnet: 1 }),
    () => interfaces.unlinkSubnet("abc123", 2, 7),
  ]) {
    await assert.rejects(call, { code: "ambiguous" });
  }
});

test("a nonce that MAAS has seen is no reason to give up", async (t) => {
  const used: Step["answer"] = { status: 401, html: "Authorization Error: 'Nonce already used: abc'" };
  const { client } = await setUp(t, [
    { expect: "POST machines/abc123/ deploy", answer: used },
    { expect: "POST machines/abc123/ deploy" },
  ]);
  await client.machines.deploy("abc123");
});

test("whoever tries again by himself may ask for one try", async (t) => {
  const { client, clock } = await setUp(t, [{ expect: "GET machines/", answer: unavailable }]);
  await assert.rejects(client.machines.list({ id: ["abc123"] }, { tries: 1 }), { code: "server-error" });
  assert.deepEqual(clock.sleeps, []);
});

test("nothing is sent for a caller who has given up already", async (t) => {
  const { client } = await setUp(t, []);
  const signal = AbortSignal.abort(new Error("enough"));
  await assert.rejects(client.machines.list({ id: ["abc123"] }, { signal }), { message: "enough" });
});

test("a caller who gives up ends the wait between two tries", async (t) => {
  const maas = await scriptedMaas(t, [{ expect: "GET machines/", answer: unavailable }]);
  const clock = new FakeClock();
  const client = createMaasClient({ url: maas.url, key: TEST_KEY }, { clock });
  const stop = new AbortController();
  const listing = client.machines.list({ id: ["abc123"] }, { signal: stop.signal });
  while (clock.sleeps.length === 0) await new Promise((resolve) => setImmediate(resolve));
  stop.abort(new Error("enough"));
  await assert.rejects(listing, { message: "enough" });
});

test("delays double up to 10 s, and more than a minute is not believed", () => {
  const never = () => 0;
  assert.deepEqual(
    [1, 2, 3, 4, 5, 9].map((attempt) => retryDelay(attempt, undefined, never)),
    [1e3, 2e3, 4e3, 8e3, 1e4, 1e4],
  );
  assert.equal(retryDelay(1, 3_600_000, never), 60_000);
});

test("Retry-After is seconds or a date, and anything else is as if it were not there", () => {
  const now = Date.parse("2026-11-21T20:00:00Z");
  assert.equal(retryAfter("5", now), 5_000);
  assert.equal(retryAfter("Sat, 21 Nov 2026 20:00:07 GMT", now), 7_000);
  assert.equal(retryAfter("Sat, 21 Nov 2026 19:00:00 GMT", now), 0);
  assert.equal(retryAfter("soon", now), undefined);
  assert.equal(retryAfter(undefined, now), undefined);
});
