/** No secret may be in an error, in what caused it, or in a line of debug: each is planted, and looked for everywhere. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { inspect } from "node:util";
import { createMaasClient } from "../../providers/maas/client.ts";
import type { MaasClient } from "../../providers/maas/client.ts";
import { secretsOf } from "../../providers/maas/redact.ts";
import { TransportFailure } from "../../providers/maas/transport.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { scriptedMaas, TEST_KEY } from "../support/scripted-maas.ts";
import type { Step } from "../support/scripted-maas.ts";

const POWER_PASS = 'plantedPower "0004"/&';
const USER_DATA = Buffer.from("#cloud-config\npassword: plantedUserData0005").toString("base64");
const [, TOKEN = "", SECRET = ""] = TEST_KEY.split(":");
const PLANTED = [SECRET, TOKEN, "plantedPower", "0004", USER_DATA, "plantedUserData0005"];

/** Everything of an error that a log, a console or a debugger could show. */
function allOf(error: unknown): string {
  const parts = [inspect(error, { depth: Infinity, showHidden: true, getters: true }), JSON.stringify(error)];
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    parts.push(
      String(cause),
      cause.stack ?? "",
      ...Object.getOwnPropertyNames(cause).map((name) => inspect(Reflect.get(cause, name))),
    );
  }
  return parts.join("\n");
}

function assertClean(text: string): void {
  for (const secret of [...PLANTED, ...PLANTED.map(encodeURIComponent), "oauth_signature"]) {
    assert.ok(!text.includes(secret), `${secret} is in: ${text}`);
  }
}

const failing = async (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => assert.fail("it must not succeed"),
    (error: unknown) => error,
  );

const create = (client: MaasClient) =>
  client.machines.create({
    architecture: "amd64/generic",
    mac_addresses: ["52:54:00:00:00:01"],
    commission: false,
    power_type: "amt",
    power_parameters: { power_address: "192.0.2.1", power_pass: POWER_PASS },
  });
const deploy = (client: MaasClient) => client.machines.deploy("abc123", { user_data: USER_DATA });

/** As it was sent, and as it looks in a URL and in JSON. */
const echo = [
  POWER_PASS,
  encodeURIComponent(POWER_PASS),
  JSON.stringify(POWER_PASS),
  USER_DATA,
  SECRET,
  TOKEN,
  `OAuth oauth_signature="%26${SECRET}"`,
].join(" | ");
const answers: { when: string; answer: Step["answer"] }[] = [
  { when: "MAAS repeats them in a field's error", answer: { status: 400, json: { power_parameters: [echo] } } },
  { when: "MAAS repeats them in a text", answer: { status: 400, text: echo } },
  {
    when: "MAAS repeats them in JSON that is no object of lists",
    answer: { status: 400, json: { detail: { deep: echo } } },
  },
  {
    when: "MAAS prints the real secret in a 401",
    answer: { status: 401, html: `Authorization Error: 'Invalid signature. ${echo}'` },
  },
  { when: "MAAS prints them in a 403", answer: { status: 403, text: echo } },
  { when: "MAAS prints them in a 404", answer: { status: 404, text: echo } },
  { when: "MAAS prints them in a 409", answer: { status: 409, text: echo } },
  { when: "MAAS fails with them in a 500", answer: { status: 500, text: echo } },
  { when: "MAAS has them in a 503", answer: { status: 503, text: echo } },
  { when: "nginx prints them in a page", answer: { status: 502, html: `<html>${echo}</html>` } },
  { when: "they come with a status nobody knows", answer: { status: 499, text: echo } },
  { when: "they come in a 200 that is not JSON", answer: { text: echo } },
  {
    when: "they are in a redirect",
    answer: { status: 302, text: echo, headers: { Location: `https://127.0.0.1/x?${SECRET}` } },
  },
  { when: "the connection breaks", answer: "drop" },
  { when: "no answer comes", answer: "silence" },
];

for (const { when, answer } of answers) {
  test(`no secret is in the error when ${when}`, async (t) => {
    const maas = await scriptedMaas(t, [
      // MAAS can only repeat what it was told.
      { expect: "POST machines/" },
      { expect: "POST machines/abc123/ deploy" },
      { expect: "POST machines/", answer },
      { expect: "POST machines/abc123/ deploy", answer },
    ]);
    const client = createMaasClient({ url: maas.url, key: TEST_KEY }, { timeouts: { write: 50, power: 50 } });
    await create(client);
    await deploy(client);
    assertClean(allOf(await failing(create(client))));
    assertClean(allOf(await failing(deploy(client))));
  });
}

test("no secret is in the error when the transport's own error is full of them", async () => {
  const client = createMaasClient(
    { url: "http://127.0.0.1:1/MAAS", key: TEST_KEY },
    {
      clock: new FakeClock({ auto: true }),
      transport: (request) =>
        request.method === "GET"
          ? Promise.resolve({ status: 200, headers: {}, body: '{"version":"3.5.13"}' })
          : Promise.reject(
              Object.assign(new TransportFailure("ECONNRESET", `${echo} ${inspect(request)}`), {
                config: request,
                request,
              }),
            ),
    },
  );
  await failing(deploy(client));
  assertClean(allOf(await failing(create(client))));
});

test("no secret is in the error of a key or a URL that is malformed", async () => {
  const keys = [SECRET, `a:${SECRET}`, `a:b:${SECRET}:d`, `::${SECRET}`];
  for (const key of keys) {
    const error = await failing(createMaasClient({ url: "http://127.0.0.1:1/MAAS", key }).zones.list());
    assertClean(allOf(error));
  }
  const url = `http://admin:${SECRET}@127.0.0.1:1/MAAS`;
  assertClean(allOf(await failing(createMaasClient({ url, key: TEST_KEY }).zones.list())));
});

test("METALFORM_DEBUG prints a line for each request, and no secret", async (t) => {
  const maas = await scriptedMaas(t, [{ expect: "POST machines/", answer: { status: 400, text: echo } }]);
  const lines: string[] = [];
  t.mock.method(process.stderr, "write", (line: string) => lines.push(line));
  process.env["METALFORM_DEBUG"] = "1";
  t.after(() => delete process.env["METALFORM_DEBUG"]);
  await failing(create(createMaasClient({ url: maas.url, key: TEST_KEY })));
  t.mock.restoreAll();
  assert.match(
    lines.join(""),
    /^metalform: GET version\/ -> 200 in \d+ ms\nmetalform: POST machines\/ -> 400 in \d+ ms\n$/,
  );
  assertClean(lines.join(""));
});

test("a client that is printed shows no key", () => {
  const client = createMaasClient({ url: "http://127.0.0.1:1/MAAS", key: TEST_KEY });
  assertClean(inspect(client, { depth: Infinity, showHidden: true }));
});

test("a password of a few letters is taken out as a word, and other words stay", () => {
  const secrets = secretsOf({ consumer: "c", token: "tokenPlanted0002", secret: "secretPlanted0003" });
  secrets.learn({ power_pass: "x", user_data: "long1234", password: "long1234567", power_address: "axe" });
  assert.equal(secrets.redact("the pass x is not an axe: 'x'"), "the pass *** is not an axe: '***'");
  assert.equal(secrets.redact("long1234 and long1234567"), "*** and ***");
});

test("a password sent with enlisting is taken out of what a later commissioning says", async (t) => {
  const maas = await scriptedMaas(t, [
    { expect: "POST machines/" },
    {
      expect: "POST machines/abc123/ commission",
      answer: { status: 500, text: `amttool --password ${POWER_PASS} failed` },
    },
  ]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  await create(client);
  const error = await failing(client.machines.commission("abc123"));
  assertClean(allOf(error));
  assert.match(String(error), /amttool --password \*\*\* failed/);
});

test("a password that MAAS told is taken out too", async (t) => {
  const maas = await scriptedMaas(t, [
    { expect: "GET machines/abc123/ power_parameters", answer: { json: { power_pass: POWER_PASS } } },
    {
      expect: "POST machines/abc123/ commission",
      answer: { status: 500, text: `amttool --password ${POWER_PASS} failed` },
    },
  ]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  await client.machines.powerParameters("abc123");
  assertClean(allOf(await failing(client.machines.commission("abc123"))));
});
