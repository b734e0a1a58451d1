/** What each answer of MAAS becomes. Bodies and statuses are recorded ones (facts: maas.md 1.3, 1.6, 1.7, 3.6). */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMaasClient } from "../../providers/maas/client.ts";
import type { MaasClient } from "../../providers/maas/client.ts";
import { MaasError } from "../../providers/maas/maas-error.ts";
import type { ErrorCode } from "../../providers/core/errors.ts";
import { FakeClock } from "../support/fake-clock.ts";
import { scriptedMaas, TEST_KEY } from "../support/scripted-maas.ts";
import type { Answer } from "../support/scripted-maas.ts";

interface Row {
  when: string;
  call: (client: MaasClient) => Promise<unknown>;
  request: string;
  answer: Answer;
  /** How often it is sent. @default 1 */
  times?: number;
  code: ErrorCode;
  says: RegExp;
}

const deploy = {
  call: (client: MaasClient) => client.machines.deploy("abc123", { distro_series: "focal" }),
  request: "POST machines/abc123/ deploy",
};
const commission = {
  call: (client: MaasClient) => client.machines.commission("abc123"),
  request: "POST machines/abc123/ commission",
};
const list = { call: (client: MaasClient) => client.zones.list(), request: "GET zones/" };
const link = {
  call: (client: MaasClient) =>
    client.interfaces.linkSubnet("abc123", 2, { mode: "STATIC", subnet: 1, ip_address: "192.168.14.21" }),
  request: "POST nodes/abc123/interfaces/2/ link_subnet",
};
const nginx = (status: number): Answer => ({
  status,
  html: `<html><h1>${String(status)} Bad Gateway</h1>nginx</html>`,
});
const conflict: Answer = { status: 409, html: "<h1>Conflict</h1>", headers: { "Retry-After": "5" } };

const rows: Row[] = [
  {
    when: "a field is refused, the message has the field and MAAS's words",
    ...deploy,
    answer: { status: 400, json: { distro_series: ["'focal' is not a valid distro_series."] } },
    code: "refused",
    says: /^MAAS refuses deploying machine abc123\. MAAS says: distro_series: 'focal' is not a valid distro_series\.$/,
  },
  {
    when: "the whole form is refused, __all__ is left out of the message",
    call: (client) => client.sshKeys.create("ssh-ed25519 AAAA"),
    request: "POST account/prefs/sshkeys/",
    answer: { status: 400, json: { __all__: ["This key has already been added for this user."] } },
    code: "refused",
    says: /says: This key has already been added for this user\.$/,
  },
  {
    when: "a request is refused in one sentence of text",
    call: (client) => client.pools.delete("lab"),
    request: "DELETE resourcepool/lab/",
    answer: { status: 400, text: "Pool has machines in it, it cannot be deleted." },
    code: "refused",
    says: /deleting resource pool lab\. MAAS says: Pool has machines in it/,
  },
  {
    when: "a 400 has an empty object, the message says that MAAS gave no reason",
    ...list,
    answer: { status: 400, json: {} },
    code: "refused",
    says: /does not say why \(400\)/,
  },
  {
    when: "commissioning is asked for in a wrong state, which MAAS answers with 400",
    ...commission,
    answer: {
      status: 400,
      json: { __all__: ["Commission is not available because of the current state of the node."] },
    },
    code: "wrong-state",
    says: /refuses commissioning machine abc123\..*current state/,
  },
  {
    when: "a machine that was never commissioned is to be tested",
    call: (client) => client.machines.test("abc123"),
    request: "POST machines/abc123/ test",
    answer: { status: 400, text: "Unable to start machine testing; this node has never been commissioned." },
    code: "wrong-state",
    says: /never been commissioned/,
  },
  {
    when: "a 409 has text and no Retry-After, it is a matter of state and not sent again",
    ...deploy,
    answer: { status: 409, text: "Can't deploy a machine that is in the 'Deployed' state" },
    code: "wrong-state",
    says: /refuses deploying machine abc123 now\..*'Deployed' state/,
  },
  {
    when: "nothing is left to allocate",
    call: (client) => client.machines.allocate({ system_id: "abc123" }),
    request: "POST machines/ allocate",
    answer: { status: 409, text: "No machine with system ID abc123 available." },
    code: "wrong-state",
    says: /No machine with system ID abc123 available/,
  },
  {
    when: "a 409 stays after four tries of something harmless, the likely causes are named",
    call: (client) => client.machines.update("abc123", { power_parameters: { power_address: "192.0.2.1" } }),
    request: "PUT machines/abc123/",
    answer: conflict,
    times: 4,
    code: "conflict",
    says: /keeps reporting a database conflict while changing machine abc123.*AMT address.*IP range/s,
  },
  {
    when: "a 409 meets something that must not be repeated, the caller is asked to look first",
    call: (client) =>
      client.machines.create({ architecture: "amd64", mac_addresses: ["52:54:00:00:00:01"], commission: false }),
    request: "POST machines/",
    answer: conflict,
    code: "conflict",
    says: /while enlisting machine 52:54:00:00:00:01/,
  },
  {
    when: "an address is taken, which MAAS answers with 404",
    ...link,
    answer: { status: 404, text: "IP address is already in use." },
    code: "ip-in-use",
    says: /^192\.168\.14\.21 is in use already/,
  },
  {
    when: "the interface to link is gone",
    ...link,
    answer: { status: 404, text: "No Interface matches the given query." },
    code: "gone",
    says: /linking interface 2 of machine abc123 to subnet 1/,
  },
  {
    when: "the machine to deploy is gone",
    ...deploy,
    answer: { status: 404, text: "No Machine matches the given query." },
    code: "gone",
    says: /Not found while deploying machine abc123/,
  },
  {
    when: "MAAS does not have the operation",
    ...list,
    answer: { status: 404, text: "Unknown API endpoint: /MAAS/api/2.0/zones/." },
    code: "unexpected",
    says: /Unknown API endpoint/,
  },
  {
    when: "a web server that is not MAAS says 404",
    ...list,
    answer: { status: 404, html: "<html>not found</html>" },
    code: "unreachable",
    says: /is not MAAS .* http:\/\/HOST:5240\/MAAS/,
  },
  {
    when: "something between MAAS and us says 404 in plain text, nothing is taken for gone",
    call: (client) => client.machines.read("abc123"),
    request: "GET machines/abc123/",
    answer: { status: 404, text: "404 page not found" },
    code: "unreachable",
    says: /is not MAAS \(404 while reading machine abc123\)/,
  },
  {
    when: "an operation is not implemented there",
    ...list,
    answer: { status: 501, text: "Not simulated by the lab: GET zones/" },
    code: "unexpected",
    says: /does not know this way of listing zones \(501\).*Not simulated by the lab/,
  },
  {
    when: "a web page comes with 200",
    ...list,
    answer: { html: "<!doctype html><title>Welcome</title>" },
    code: "unreachable",
    says: /is not MAAS \(something that is not JSON\).*listing zones/,
  },
  {
    when: "the key's user may not, and MAAS says nothing",
    ...deploy,
    answer: { status: 403, text: "" },
    code: "not-allowed",
    says: /does not allow deploying machine abc123\. The API key must be an administrator's/,
  },
  {
    when: "the key's user may not, and MAAS says why",
    call: (client) => client.sshKeys.delete(7),
    request: "DELETE account/prefs/sshkeys/7/",
    answer: { status: 403, text: "Can't delete a key you don't own." },
    code: "not-allowed",
    says: /Can't delete a key you don't own/,
  },
  {
    when: "the API key is unknown",
    ...list,
    answer: { status: 401, html: "Authorization Error: Invalid API key." },
    code: "bad-key",
    says: /does not know the API key\. Copy the key anew.*METALFORM_MAAS_KEY/,
  },
  {
    when: "the token is unknown",
    ...list,
    answer: { status: 401, html: "Authorization Error: 'Invalid access token: tokenPlanted0002'" },
    code: "bad-key",
    says: /does not know the API key/,
  },
  {
    when: "the token's secret is wrong",
    ...list,
    answer: {
      status: 401,
      html: "Authorization Error: 'Invalid signature. Expected signature base string: &theRealSecret'",
    },
    code: "bad-key",
    says: /the last of the API key's three parts is wrong/,
  },
  {
    when: "a 401 is of no known kind",
    ...list,
    answer: { status: 401, text: "Forbidden" },
    code: "bad-key",
    says: /does not accept the API key/,
  },
  {
    when: "this computer's clock is wrong, both times are told",
    ...list,
    answer: {
      status: 401,
      html: "Authorization Error: 'Expired timestamp: given 1795295130 and now 1795295530 has a greater difference than threshold 300'",
    },
    code: "clock-skew",
    says: /here it is 2026-11-21 21:05:30 UTC, at MAAS \(http[^)]+\) it is 2026-11-21 21:12:10 UTC, 400 s apart/,
  },
  {
    when: "MAAS fails with 500, it is told and never sent again, not even a read",
    ...list,
    answer: { status: 500, text: "'NoneType' object has no attribute 'get'" },
    code: "server-error",
    says: /failed \(500\) while listing zones; part of it may have been done\. MAAS says: 'NoneType'/,
  },
  {
    when: "the BMC fails with 500 in an action that switches power",
    ...commission,
    answer: { status: 500, text: "Failed to connect to BMC" },
    code: "power-failed",
    says: /failed \(500\) while commissioning machine abc123.*Failed to connect to BMC/,
  },
  {
    when: "no power type is set",
    ...commission,
    answer: { status: 500, text: "Unconfigured power type. Please configure the power type and try again." },
    code: "power-failed",
    says: /Unconfigured power type/,
  },
  {
    when: "no rack controller reaches the BMC",
    ...deploy,
    answer: { status: 503, text: "No rack controllers can access the BMC of node abc123" },
    code: "power-failed",
    says: /could not switch the power \(503\) while deploying machine abc123/,
  },
  {
    when: "no rack controller is connected, a deploy is not repeated though Retry-After is there",
    ...deploy,
    answer: { status: 503, text: "Unable to connect to any rack controller x", headers: { "Retry-After": "10" } },
    code: "power-failed",
    says: /Unable to connect to any rack controller/,
  },
  {
    when: "the addresses of a subnet are used up, which is no matter of power",
    ...deploy,
    answer: { status: 503, text: "No more IPs available in subnet: 10.0.0.0/24." },
    code: "server-error",
    says: /could not finish \(503\) deploying machine abc123.*No more IPs/,
  },
  {
    when: "the region controller is down while something harmless is asked for, it is asked four times",
    ...list,
    answer: nginx(502),
    times: 4,
    code: "server-error",
    says: /answers 502 while listing zones: its region controller is down or restarting/,
  },
  {
    when: "the region controller goes down while something is done that must not be done twice",
    ...deploy,
    answer: nginx(504),
    code: "ambiguous",
    says: /answers 504 while deploying machine abc123.*Whether it was done is not known/,
  },
  {
    when: "a request is larger than nginx allows",
    ...deploy,
    answer: { status: 413, html: "<html>413 Request Entity Too Large</html>" },
    code: "unexpected",
    says: /answered 413 while deploying machine abc123/,
  },
  {
    when: "the API is gone for good",
    ...list,
    answer: { status: 410, text: "The 1.0 API is no longer available." },
    code: "unexpected",
    says: /Is it MAAS 3\.5 or newer\?/,
  },
  {
    when: "plain http is sent to a port with TLS",
    ...list,
    answer: { status: 400, html: "<html><center>The plain HTTP request was sent to HTTPS port</center></html>" },
    code: "unreachable",
    says: /wants https\. Set the MAAS URL to https:\/\/127\.0\.0\.1:\d+\/MAAS$/,
  },
];

for (const row of rows) {
  test(`when ${row.when}`, async (t) => {
    const step = { expect: row.request, answer: row.answer };
    const maas = await scriptedMaas(
      t,
      Array.from({ length: row.times ?? 1 }, () => step),
    );
    const client = createMaasClient({ url: maas.url, key: TEST_KEY }, { clock: new FakeClock({ auto: true }) });
    const error = await row.call(client).then(
      () => assert.fail("it must not succeed"),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof MaasError, String(error));
    assert.equal(error.code, row.code);
    assert.match(error.message, row.says);
    assert.equal(error.status, row.answer.status ?? 200);
    assert.doesNotMatch(error.message, /<|\n|theRealSecret|Planted/);
  });
}

test("a refusal keeps MAAS's complaints by field, so that a duplicate can be told from a bad value", async (t) => {
  const maas = await scriptedMaas(t, [
    { expect: "POST tags/", answer: { status: 400, json: { name: ["Tag with this Name already exists."] } } },
  ]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  await assert.rejects(client.tags.create({ name: "ovn" }), {
    code: "refused",
    fields: { name: ["Tag with this Name already exists."] },
  });
});

test("a conflict tells how long MAAS asks to wait, for the caller who looks and sends again", async (t) => {
  const maas = await scriptedMaas(t, [{ expect: "POST machines/abc123/ deploy", answer: conflict }]);
  const client = createMaasClient({ url: maas.url, key: TEST_KEY });
  await assert.rejects(client.machines.deploy("abc123"), { code: "conflict", retryAfterMs: 5_000 });
});
