/** What the lab's page is made of, without a browser: who gets it, and what is never in it. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { startLab } from "../../lab/lab.ts";
import { ask } from "../support/lab-request.ts";

async function lab(t: TestContext) {
  const started = await startLab({ mode: "explicit", warn: () => undefined });
  t.after(() => started.close());
  return started;
}

const everything = ["/MAAS/r/", "/MAAS/r/machines", "/lab/page/page.js", "/lab/page/live", "/lab/page/machines/abc123"];

test("no key is asked for, and MAAS's own redirects lead to it", async (t) => {
  const target = await lab(t);
  for (const path of ["/", "/MAAS", "/MAAS/"]) {
    const { status, headers } = await ask(target, "GET", path, { key: null });
    assert.deepEqual([status, headers["location"]], [302, "/MAAS/r/"]);
  }
  const { status, headers, text } = await ask(target, "GET", "/MAAS/r/", { key: null });
  assert.equal(status, 200);
  assert.match(String(headers["content-type"]), /^text\/html/);
  assert.match(text, /This is not MAAS/);
});

test("nothing inline, nothing from elsewhere, and no frame around it", async (t) => {
  const target = await lab(t);
  const { headers, text } = await ask(target, "GET", "/MAAS/r/", { key: null });
  const policy = String(headers["content-security-policy"]);
  for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'"])
    assert.ok(policy.split("; ").includes(rule), rule);
  assert.ok(!policy.includes("unsafe"));
  assert.equal(headers["x-content-type-options"], "nosniff");
  assert.ok(!/https?:|<style|style=|onclick|<script>/.test(text));
});

test("a site that lets its own name lead to this machine gets nothing", async (t) => {
  const target = await lab(t);
  for (const path of everything) {
    const { status, text } = await ask(target, "GET", path, { key: null, headers: { Host: "evil.example:80" } });
    assert.equal(status, 403, path);
    assert.ok(!text.includes("{"), text);
  }
  const port = new URL(target.maasUrl).port;
  const named = await ask(target, "GET", "/MAAS/r/", { key: null, headers: { Host: `localhost:${port}` } });
  assert.equal(named.status, 200);
});

test("it only reads: every other method is MAAS's own refusal or none of the lab's", async (t) => {
  const target = await lab(t);
  for (const method of ["POST", "PUT", "DELETE"]) {
    for (const path of everything) {
      const { status } = await ask(target, method, path, { key: null });
      assert.ok([404, 405, 501].includes(status), `${method} ${path}: ${String(status)}`);
    }
  }
});

test("the API's answers are what they were", async (t) => {
  const target = await lab(t);
  assert.equal((await ask(target, "GET", "machines/")).status, 200);
  assert.equal((await ask(target, "GET", "/MAAS/api/version/", { key: null })).text, "2.0");
  assert.equal((await ask(target, "GET", "/MAAS/nothing/", { key: null })).status, 501);
});

test("no password, key, token, user-data or script's output is in it", async (t) => {
  const target = await lab(t);
  const form = {
    architecture: "amd64/generic",
    commission: "false",
    mac_addresses: "1c:69:7a:00:00:01",
    power_type: "amt",
    power_parameters_power_address: "172.16.15.1",
    power_parameters_power_pass: "planted-password",
  };
  const { system_id: id } = (await ask(target, "POST", "machines/", { form })).json as { system_id: string };
  await ask(target, "POST", `machines/${id}/?op=commission`, {});
  const boot = (outcome: string) =>
    ask(target, "POST", "/lab/boot", { key: null, body: JSON.stringify({ machine: id, outcome, ip: "172.16.1.101" }) });
  await boot("commission-ok");
  const deployment = { user_data: Buffer.from("planted-user-data").toString("base64"), agent_name: "planted-mark" };
  const deployed = await ask(target, "POST", `machines/${id}/?op=deploy`, { form: deployment });
  assert.equal(deployed.status, 200, deployed.text);
  const token = await ask(target, "GET", `machines/${id}/`, { query: { op: "get_token" } });
  await boot("deploy-ok");
  const detail = await ask(target, "GET", `/lab/page/machines/${id}`, { key: null });
  assert.equal(detail.status, 200);
  const live = await firstEvent(`${target.controlUrl}/page/live`);
  const shown = detail.text + live;
  assert.ok(shown.includes(id));
  const [, , secret = ""] = target.adminKey.split(":");
  const nodeSecret = (token.json as { token_secret?: string } | null)?.token_secret;
  const secrets = ["planted", deployment.user_data, secret, nodeSecret, "curtin: Installation"];
  for (const one of secrets) if (one) assert.ok(!shown.includes(one), `${one} is not shown`);
  const parsed = detail.json as { status: string; results: object[]; events: object[] };
  assert.equal(parsed.status, "Deployed");
  assert.ok(parsed.results.length > 10 && parsed.events.length > 5);
});

async function firstEvent(url: string): Promise<string> {
  const stop = new AbortController();
  const { body } = await fetch(url, { signal: stop.signal });
  assert.ok(body);
  let text = "";
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (text.includes("\n\n")) break;
  }
  stop.abort();
  return text;
}
