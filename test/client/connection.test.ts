/** When MAAS cannot be spoken to: one clear line that says what was tried and what to check. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { createMaasClient } from "../../providers/maas/client.ts";
import { TransportFailure } from "../../providers/maas/transport.ts";
import type { ErrorCode } from "../../providers/core/errors.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { scriptedMaas, TEST_KEY } from "../support/scripted-maas.ts";

const fixture = (name: string) => new URL(`../fixtures/tls/${name}`, import.meta.url);
const pem = (name: string) => readFileSync(fixture(name), "utf8");
const certificate = (name: string) => ({ key: pem(`${name}.key`), cert: pem(`${name}.pem`) });
const fast = () => ({ clock: new FakeClock({ auto: true }) });

/** A port of 127.0.0.1 at which nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("nobody listens there: told after four tries", async () => {
  const port = await freePort();
  const clock = new FakeClock({ auto: true });
  const client = createMaasClient({ url: `http://127.0.0.1:${String(port)}/MAAS`, key: TEST_KEY }, { clock });
  await assert.rejects(client.zones.list(), {
    code: "unreachable",
    message:
      `Nothing listens at 127.0.0.1:${String(port)} (connection refused to http://127.0.0.1:${String(port)}/MAAS). ` +
      "Is MAAS running? Check the MAAS URL (maasUrl, or METALFORM_MAAS_URL in the environment).",
  });
  assert.equal(clock.sleeps.length, 3);
});

test("even a deploy is sent again when it never reached MAAS", async (t) => {
  const port = await freePort();
  const clock = new FakeClock({ auto: true });
  const maas = await scriptedMaas(t, [{ expect: "POST machines/abc123/ deploy" }]);
  const { axiosTransport } = await import("../../providers/maas/transport.ts");
  const real = axiosTransport();
  const statuses: (number | undefined)[] = [];
  const client = createMaasClient(
    { url: maas.url, key: TEST_KEY },
    {
      clock,
      onRequest: ({ op, status }) => op === "deploy" && statuses.push(status),
      // The first deploy goes where nobody listens.
      transport: (request) =>
        real(
          request.method === "POST" && statuses.length === 0
            ? { ...request, url: request.url.replace(/:\d+\//, `:${String(port)}/`) }
            : request,
        ),
    },
  );
  await client.machines.deploy("abc123");
  assert.deepEqual(statuses, [undefined, 200]);
});

const failures: { code: string; url?: string; becomes: ErrorCode; tries: number; says: RegExp }[] = [
  { code: "ENOTFOUND", becomes: "unreachable", tries: 1, says: /There is no host "maas\.example"/ },
  { code: "EAI_AGAIN", becomes: "unreachable", tries: 4, says: /cannot be looked up now.*DNS/ },
  { code: "EHOSTUNREACH", becomes: "unreachable", tries: 4, says: /no way to maas\.example from here/ },
  { code: "CONNECT_TIMEOUT", becomes: "unreachable", tries: 4, says: /does not answer.*firewall/ },
  { code: "CERT_HAS_EXPIRED", becomes: "unreachable", tries: 1, says: /has expired/ },
  { code: "CERT_NOT_YET_VALID", becomes: "unreachable", tries: 1, says: /not valid yet.*clock/ },
  { code: "SELF_SIGNED_CERT_IN_CHAIN", becomes: "unreachable", tries: 1, says: /nobody this computer trusts.*maasCa/ },
  { code: "HPE_INVALID_CONSTANT", becomes: "unreachable", tries: 1, says: /does not speak http/ },
  { code: "ECONNRESET", becomes: "ambiguous", tries: 1, says: /broke \(ECONNRESET\).*deploying machine abc123/ },
  { code: "EPIPE", becomes: "ambiguous", tries: 1, says: /broke \(EPIPE\)/ },
  { code: "TIMEOUT", becomes: "ambiguous", tries: 1, says: /took the request and gave .*not known/ },
  { code: "NEWS", becomes: "ambiguous", tries: 1, says: /broke \(NEWS\)/ },
];

for (const { code, becomes, tries, says } of failures) {
  test(`a deploy that ends in ${code} is ${becomes} after ${String(tries)} ${tries === 1 ? "try" : "tries"}`, async () => {
    let sent = 0;
    const client = createMaasClient(
      { url: "http://maas.example:5240/MAAS", key: TEST_KEY },
      {
        ...fast(),
        transport: ({ method }) => {
          if (method === "GET") {
            return Promise.resolve({ status: 200, headers: {}, body: JSON.stringify({ version: "3.5.13" }) });
          }
          sent++;
          return Promise.reject(new TransportFailure(code, "what node says"));
        },
      },
    );
    await assert.rejects(client.machines.deploy("abc123"), { code: becomes, message: says });
    assert.equal(sent, tries);
  });
}

test("a redirect to https is not followed, and the right URL is named", async (t) => {
  const maas = await scriptedMaas(
    t,
    [
      {
        expect: "GET version/",
        answer: {
          status: 301,
          html: "<html>301</html>",
          headers: { Location: "https://127.0.0.1:5443/MAAS/api/2.0/version/" },
        },
      },
    ],
    { version: null },
  );
  await assert.rejects(createMaasClient({ url: maas.url, key: TEST_KEY }).zones.list(), {
    code: "unreachable",
    message:
      `${maas.url} sends us on to https://127.0.0.1:5443, and Metalform does not follow, since the API key would go along. ` +
      "If that is your MAAS, set the MAAS URL to https://127.0.0.1:5443/MAAS",
  });
  assert.equal(maas.seen[0]?.headers.authorization, undefined);
});

test("the certificate of a private authority is refused without it, and the setting is named", async (t) => {
  const maas = await scriptedMaas(t, [], { version: null, tls: certificate("localhost") });
  await assert.rejects(createMaasClient({ url: maas.url, key: TEST_KEY }, fast()).zones.list(), {
    code: "unreachable",
    message: /signed by nobody this computer trusts \(UNABLE_TO_\w+\).*maasCa, or NODE_EXTRA_CA_CERTS/,
  });
});

test("a private authority is trusted when its certificate is given", async (t) => {
  const maas = await scriptedMaas(t, [{ expect: "GET zones/", answer: { json: [] } }], {
    tls: certificate("localhost"),
  });
  assert.deepEqual(await createMaasClient({ url: maas.url, key: TEST_KEY, ca: pem("ca.pem") }).zones.list(), []);
});

test("a private authority is trusted when NODE_EXTRA_CA_CERTS names it, beside one that is given", async (t) => {
  const maas = await scriptedMaas(t, [{ expect: "GET zones/", answer: { json: [] } }], {
    tls: certificate("localhost"),
  });
  const script = `
    const { createMaasClient } = await import(${JSON.stringify(new URL("../../providers/maas/client.ts", import.meta.url).href)});
    const ca = ${JSON.stringify(pem("maas.example.pem"))};
    console.log(JSON.stringify(await createMaasClient({ url: process.argv[1], key: process.argv[2], ca }).zones.list()));
  `;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--input-type=module", "-e", script, maas.url, TEST_KEY],
    {
      env: { ...process.env, NODE_EXTRA_CA_CERTS: fixture("ca.pem").pathname },
    },
  );
  assert.equal(stdout, "[]\n");
});

test("a certificate for another name is told as such", async (t) => {
  const maas = await scriptedMaas(t, [], { version: null, tls: certificate("maas.example") });
  await assert.rejects(createMaasClient({ url: maas.url, key: TEST_KEY, ca: pem("ca.pem") }, fast()).zones.list(), {
    code: "unreachable",
    message: /is for other names than "127\.0\.0\.1"/,
  });
});

test("https to a port that speaks http names the URL that works", async (t) => {
  const maas = await scriptedMaas(t, [], { version: null });
  const url = maas.url.replace("http:", "https:");
  await assert.rejects(createMaasClient({ url, key: TEST_KEY }, fast()).zones.list(), {
    code: "unreachable",
    message: `${new URL(url).host} does not speak https. Set the MAAS URL to ${maas.url} or the right port.`,
  });
});

test("something that is not MAAS is found out before it sees the key", async (t) => {
  const maas = await scriptedMaas(
    t,
    [{ expect: "GET version/", answer: { status: 404, html: "<html>nginx</html>" } }],
    {
      version: null,
    },
  );
  await assert.rejects(createMaasClient({ url: maas.url, key: TEST_KEY }).zones.list(), {
    code: "unreachable",
    message: /is not MAAS/,
  });
  assert.deepEqual(
    maas.seen.map((request) => request.headers.authorization),
    [undefined],
  );
});
