import assert from "node:assert/strict";
import { test } from "node:test";
import { createMaasClient } from "../../providers/maas/client.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { scriptedMaas, TEST_KEY } from "../support/scripted-maas.ts";

for (const version of ["3.5.0", "3.5.13", "3.6.1", "3.10.0", "4.0", "3.5.0~rc1-1234-g.abc"]) {
  test(`MAAS ${version} is new enough`, async (t) => {
    const maas = await scriptedMaas(t, [{ expect: "GET zones/", answer: { json: [] } }], { version });
    assert.deepEqual(await createMaasClient({ url: maas.url, key: TEST_KEY }).zones.list(), []);
  });
}

for (const version of ["3.4.9", "2.9.2", "3.4"]) {
  test(`MAAS ${version} is too old, and both versions are named`, async (t) => {
    const maas = await scriptedMaas(t, [], { version });
    await assert.rejects(createMaasClient({ url: maas.url, key: TEST_KEY }).zones.list(), {
      code: "too-old",
      message: `MAAS at ${maas.url} is version ${version}; Metalform needs 3.5 or newer. Upgrade MAAS, for example with \`sudo snap refresh --channel=3.5/stable maas\`.`,
    });
  });
}

test("a MAAS that does not say its version is news", async (t) => {
  const maas = await scriptedMaas(t, [], { version: "" });
  await assert.rejects(createMaasClient({ url: maas.url, key: TEST_KEY }).zones.list(), { code: "unexpected" });
});

test("the version is asked once, also by requests that begin together", async (t) => {
  const zones = { expect: "GET zones/", answer: { json: [] } };
  const maas = await scriptedMaas(t, [zones, zones, zones]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  await Promise.all([client.zones.list(), client.zones.list()]);
  await client.zones.list();
});

test("when the version could not be asked, the next request asks again", async (t) => {
  const maas = await scriptedMaas(
    t,
    [
      { expect: "GET version/", answer: { status: 500, text: "not yet" } },
      { expect: "GET version/", answer: { json: { version: "3.5.13" } } },
      { expect: "GET zones/", answer: { json: [] } },
    ],
    { version: null },
  );
  const client = createMaasClient({ url: maas.url, key: TEST_KEY }, { clock: new FakeClock({ auto: true }) });
  await assert.rejects(client.zones.list(), { code: "server-error" });
  assert.deepEqual(await client.zones.list(), []);
});

test("what came after 3.5 is required by name", async (t) => {
  const maas = await scriptedMaas(t, [], { version: "3.5.4" });
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  await client.requires("static links", "3.5.4");
  await assert.rejects(client.requires("OVS bridges", "3.5.5"), {
    code: "too-old",
    message: "OVS bridges: MAAS 3.5.5 or newer is needed, and this one is 3.5.4. Upgrade MAAS.",
  });
});

test("a 404 for the version says nothing about the machine that is asked for", async (t) => {
  const notFound = { status: 404, text: "No Version matches the given query." };
  const maas = await scriptedMaas(t, [{ expect: "GET version/", answer: notFound }], { version: null });
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  await assert.rejects(client.machines.read("abc123"), { code: "gone", message: /asking for MAAS's version/ });
});
