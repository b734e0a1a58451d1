import assert from "node:assert/strict";
import { test } from "node:test";
import { createMaasClient } from "../../providers/maas/client.ts";
import { scriptedMaas, TEST_KEY } from "../support/scripted-maas.ts";

test("a deploy is one form with its operation in the query, booleans as words and nothing that was left out", async (t) => {
  const maas = await scriptedMaas(t, [
    {
      expect: "POST machines/abc123/ deploy",
      query: "",
      form: "distro_series=jammy&enable_hw_sync=false&ephemeral_deploy=true&agent_name=metalform+a%26b",
      answer: { json: { system_id: "abc123", status: 9 } },
    },
  ]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  const machine = await client.machines.deploy("abc123", {
    distro_series: "jammy",
    enable_hw_sync: false,
    ephemeral_deploy: true,
    agent_name: "metalform a&b",
  });
  assert.equal(machine.status, 9);
  assert.equal(maas.seen[1]?.headers["content-type"], "application/x-www-form-urlencoded");
});

test("a list in a form or a query repeats its key", async (t) => {
  const maas = await scriptedMaas(t, [
    { expect: "GET machines/", query: "id=abc123&id=def456&pool=lab", answer: { json: [] } },
    {
      expect: "POST machines/",
      form:
        "architecture=amd64%2Fgeneric&mac_addresses=52%3A54%3A00%3A00%3A00%3A01&mac_addresses=52%3A54%3A00%3A00%3A00%3A02" +
        "&commission=false&power_type=amt&power_parameters_power_address=192.0.2.1&power_parameters_power_pass=secret",
    },
  ]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  await client.machines.list({ id: ["abc123", "def456"], pool: ["lab"] });
  await client.machines.create({
    architecture: "amd64/generic",
    mac_addresses: ["52:54:00:00:00:01", "52:54:00:00:00:02"],
    commission: false,
    power_type: "amt",
    power_parameters: { power_address: "192.0.2.1", power_pass: "secret" },
  });
});

test("every request is signed anew, and the version is asked first and without the key", async (t) => {
  const maas = await scriptedMaas(t, [{ expect: "GET zones/" }, { expect: "GET zones/" }]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  const before = Math.floor(Date.now() / 1000);
  await client.zones.list();
  await client.zones.list();
  const [version, first = "", second = ""] = maas.seen.map((request) => request.headers.authorization);
  assert.equal(version, undefined);
  for (const header of [first, second]) {
    assert.match(header, /^OAuth /);
    assert.match(header, /oauth_consumer_key="consumerPlanted0001"/);
    assert.match(header, /oauth_token="tokenPlanted0002"/);
    assert.match(header, /oauth_signature="%26secretPlanted0003"/);
    assert.match(header, /oauth_signature_method="PLAINTEXT"/);
    const seconds = Number(/oauth_timestamp="(\d+)"/.exec(header)?.[1]);
    assert.ok(seconds >= before && seconds <= before + 60, header);
  }
  const nonce = (header: string) => /oauth_nonce="([^"]+)"/.exec(header)?.[1];
  assert.notEqual(nonce(first), nonce(second));
});

test("an empty id is refused before anything is sent", async (t) => {
  const maas = await scriptedMaas(t, [], { version: null });
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  for (const id of ["", " ", "..", "."]) {
    assert.throws(() => client.machines.read(id), { code: "unexpected", message: /empty id/ });
  }
});

test("ids and names are encoded, so that none can become another path", async (t) => {
  const maas = await scriptedMaas(t, [
    { expect: "GET zones/rack%20a/", answer: { json: { name: "rack a" } } },
    { expect: "GET tags/a%2Fb/", answer: { status: 404, text: "No Tag matches the given query." } },
    { expect: "GET scripts/smartctl-validate", answer: { json: { name: "smartctl-validate" } } },
  ]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  assert.equal((await client.zones.read("rack a"))?.name, "rack a");
  assert.equal(await client.tags.read("a/b"), undefined);
  assert.equal((await client.scripts.read("smartctl-validate"))?.name, "smartctl-validate");
});

test("what is not there reads as undefined and deletes in silence", async (t) => {
  const notThere = { status: 404, text: "No Machine matches the given query." };
  const maas = await scriptedMaas(t, [
    { expect: "GET machines/abc123/", answer: notThere },
    { expect: "DELETE machines/abc123/", answer: notThere },
    { expect: "DELETE machines/abc123/", answer: { status: 204 } },
  ]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  assert.equal(await client.machines.read("abc123"), undefined);
  await client.machines.delete("abc123");
  await client.machines.delete("abc123");
});

test("a 404 in other words is MAAS's when it has MAAS's header", async (t) => {
  const maas = await scriptedMaas(t, [
    {
      expect: "GET machines/abc123/",
      answer: { status: 404, text: "There is no such thing.", headers: { "X-MAAS-API-Hash": "abc" } },
    },
  ]);
  assert.equal(await createMaasClient({ url: maas.url, key: TEST_KEY }).machines.read("abc123"), undefined);
});

test("500 ids are asked for in four requests at once, each URL far below 4 KB, and come back as one list", async (t) => {
  const maas = await scriptedMaas(
    t,
    Array.from({ length: 4 }, (_, i) => ({
      expect: "GET machines/",
      answer: { json: [{ system_id: `only${String(i)}` }, { system_id: "shared" }] },
    })),
  );
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  const ids = Array.from({ length: 500 }, (_, i) => `id${String(i).padStart(4, "0")}`);
  const found = await client.machines.list({ id: ids });
  assert.deepEqual(found.map((machine) => machine.system_id).sort(), ["only0", "only1", "only2", "only3", "shared"]);
  const asked = maas.seen.slice(1).map(({ target }) => target);
  assert.ok(asked.every((target) => target.length < 2048));
  assert.deepEqual(asked.flatMap((target) => new URL(target, maas.url).searchParams.getAll("id")).sort(), ids);
});

test("each try is told to the hook, with its operation, status and time", async (t) => {
  const maas = await scriptedMaas(t, [{ expect: "GET users/ whoami", answer: { json: { username: "admin" } } }]);
  const events: unknown[] = [];
  const client = createMaasClient(
    { url: maas.url, key: TEST_KEY },
    { onRequest: ({ ms, ...event }) => events.push({ ...event, took: ms > 0 }) },
  );
  await client.users.whoami();
  assert.deepEqual(events, [
    { method: "GET", path: "version/", op: undefined, status: 200, attempt: 1, took: true },
    { method: "GET", path: "users/", op: "whoami", status: 200, attempt: 1, took: true },
  ]);
});
