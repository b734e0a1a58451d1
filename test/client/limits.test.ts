/** How much goes on at once, and what is loaded when (MAAS serves 16 requests at once: facts, maas.md 5). */
import assert from "node:assert/strict";
import { registerHooks } from "node:module";
import { test } from "node:test";
import type { HttpAnswer, HttpRequest } from "../../providers/maas/transport.ts";
import { TEST_KEY } from "../support/scripted-maas.ts";

const loaded: string[] = [];
registerHooks({
  resolve: (specifier, context, next) => {
    loaded.push(specifier);
    return next(specifier, context);
  },
});

const { createMaasClient } = await import("../../providers/maas/client.ts");
const settings = { url: "http://127.0.0.1:1/MAAS", key: TEST_KEY };
const version = Promise.resolve({ status: 200, headers: {}, body: '{"version":"3.5.13"}' });

test("a client that asks nothing loads neither axios nor the signer", () => {
  createMaasClient(settings);
  assert.ok(loaded.some((specifier) => specifier.includes("sender.ts")));
  assert.deepEqual(
    loaded.filter((specifier) => /axios|oauth|transport\.ts$/.test(specifier)),
    [],
  );
});

/** A transport whose answers come when the test says so. */
function held() {
  const open: { request: HttpRequest; answer: () => void }[] = [];
  const transport = (request: HttpRequest): Promise<HttpAnswer> => {
    if (request.url.endsWith("/version/")) return version;
    return new Promise((resolve) => {
      open.push({
        request,
        answer: () => {
          resolve({ status: 200, headers: {}, body: "{}" });
        },
      });
    });
  };
  return { open, transport };
}

const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};

test("at most 8 reads and 4 writes are on their way, the others follow in their order", async () => {
  const { open, transport } = held();
  const client = createMaasClient(settings, { transport });
  const reads = Array.from({ length: 20 }, (_, i) => client.machines.read(`read${String(i)}`));
  const writes = Array.from({ length: 20 }, (_, i) =>
    client.machines.update(`write${String(i)}`, { description: "d" }),
  );
  await client.version.read();
  const finished: string[] = [];
  for (let round = 0; round < 5; round++) {
    await settled();
    const methods = open.map(({ request }) => request.method);
    assert.equal(methods.filter((method) => method === "PUT").length, 4, `round ${String(round)}`);
    assert.equal(methods.filter((method) => method === "GET").length, [8, 8, 4, 0, 0][round]);
    for (const { request, answer } of open.splice(0)) {
      finished.push(/machines\/(\w+)\//.exec(request.url)?.[1] ?? "");
      answer();
    }
  }
  await Promise.all([...reads, ...writes]);
  assert.deepEqual(
    finished.filter((id) => id.startsWith("write")),
    Array.from({ length: 20 }, (_, i) => `write${String(i)}`),
  );
});

test("who comes while others wait does not slip past the limit", async () => {
  const { open, transport } = held();
  const client = createMaasClient(settings, { transport });
  await client.version.read();
  const writes: Promise<unknown>[] = [];
  const come = (count: number) => {
    for (let i = 0; i < count; i++) writes.push(client.machines.update("abc123", { description: "d" }));
  };
  come(6);
  while (open.length > 0 || writes.length < 18) {
    await settled();
    assert.ok(open.length <= 4, `${String(open.length)} at once`);
    open.shift()?.answer();
    if (writes.length < 18) come(1);
  }
  await settled();
  for (const { answer } of open.splice(0)) answer();
  await Promise.all(writes);
});

test("who waits to try again holds nobody up", async () => {
  const { FakeClock } = await import("../support/fake-clock.ts");
  const clock = new FakeClock();
  let failing = true;
  const client = createMaasClient(settings, {
    clock,
    transport: (request) =>
      request.url.endsWith("/version/")
        ? version
        : Promise.resolve(
            failing ? { status: 502, headers: {}, body: "<html>" } : { status: 200, headers: {}, body: '{"name":"a"}' },
          ),
  });
  const waiting = Array.from({ length: 4 }, (_, i) => client.zones.update(`z${String(i)}`, { description: "d" }));
  await client.version.read();
  await settled();
  assert.equal(clock.sleeps.length, 4);
  failing = false;
  assert.equal((await client.zones.update("other", { description: "d" })).name, "a");
  await clock.advance(10_000);
  await Promise.all(waiting);
});

test("reads have 30 s, writes 60 s, and what switches power 900 s", async () => {
  const { open, transport } = held();
  const client = createMaasClient(settings, { transport });
  const { machines } = client;
  const calls = [
    machines.read("read"),
    machines.update("update", { description: "d" }),
    machines.commission("commission"),
    machines.deploy("deploy"),
    machines.release("release"),
    machines.powerOff("power_off"),
    machines.abort("abort"),
  ];
  const seen: Record<string, number> = {};
  while (Object.keys(seen).length < calls.length) {
    await settled();
    for (const { request, answer } of open.splice(0)) {
      seen[/machines\/(\w+)\//.exec(request.url)?.[1] ?? ""] = request.timeoutMs;
      answer();
    }
  }
  await Promise.all(calls);
  assert.deepEqual(seen, {
    read: 30_000,
    update: 60_000,
    commission: 900_000,
    deploy: 900_000,
    release: 900_000,
    power_off: 900_000,
    abort: 900_000,
  });
});
