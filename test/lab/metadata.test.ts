/** A whole life of a machine by the calls that a real one makes (facts: maas.md 7.1). */
import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, plaintext, type Told } from "../support/lab-request.ts";

let lab: Lab;
let id = "";
before(async () => {
  lab = await startLab({ mode: "explicit", warn: () => undefined });
  const form = {
    ...{ architecture: "amd64", hostname: "nuc1", mac_addresses: "52:54:00:00:00:01", commission: "false" },
    ...{ power_type: "amt", power_parameters_power_address: "172.16.0.201", power_parameters_power_pass: "p" },
  };
  id = ((await ask(lab, "POST", "machines/", { form })).json as { system_id: string }).system_id;
});
after(() => lab.close());

const machine = async (): Promise<Record<string, unknown>> =>
  (await ask(lab, "GET", `machines/${id}/`)).json as Record<string, unknown>;

/** As the machine itself, with the key of its present owner's time. */
async function tell(method: string, path: string, form?: Record<string, string>): Promise<Told> {
  const token = (await ask(lab, "GET", `machines/${id}/`, { query: { op: "get_token" } })).json as Record<
    string,
    string
  >;
  const { consumer_key = "", token_key = "", token_secret = "" } = token;
  return ask(lab, method, `/MAAS/metadata/${path}`, {
    key: [consumer_key, token_key, token_secret].join(":"),
    ...(form ? { form } : {}),
  });
}

const signal = (fields: Record<string, string>): Promise<Told> => tell("POST", "latest/", { op: "signal", ...fields });

it("commissions a machine by its own signals", async () => {
  await ask(lab, "POST", `machines/${id}/`, { query: { op: "commission" }, form: { testing_scripts: "none" } });
  const preseed = await ask(lab, "GET", `/MAAS/metadata/latest/by-id/${id}/`, {
    key: null,
    query: { op: "get_preseed" },
  });
  assert.equal(preseed.status, 200);
  const results = `nodes/${id}/results/current-commissioning/`;
  const running = (await ask(lab, "GET", results)).json as { results: { id: number; name: string; status: number }[] };
  const [first] = running.results;
  await signal({ status: "WORKING", script_result_id: String(first?.id) });
  const now = (await ask(lab, "GET", results)).json as { results: { status: number }[]; last_ping: string | null };
  assert.equal(now.results[0]?.status, 1);
  assert.notEqual(now.last_ping, null);
  assert.deepEqual([(await signal({ status: "OK" })).text, (await machine())["status_name"]], ["OK", "Ready"]);
});

it("is Deployed when the new system asks for its user-data", async () => {
  await ask(lab, "POST", `nodes/${id}/interfaces/${await firstInterface()}/`, {
    query: { op: "link_subnet" },
    form: { mode: "AUTO", subnet: "1" },
  });
  await ask(lab, "POST", `machines/${id}/`, { query: { op: "set_storage_layout" }, form: { storage_layout: "flat" } });
  const form = {
    distro_series: "jammy",
    user_data: Buffer.from("#cloud-config\n").toString("base64"),
    ephemeral_deploy: "true",
  };
  const deployed = await ask(lab, "POST", `machines/${id}/`, { query: { op: "deploy" }, form });
  assert.equal(deployed.status, 200, deployed.text);
  await tell("POST", "latest/", { op: "netboot_off" });
  assert.deepEqual([(await machine())["netboot"], (await machine())["status"]], [false, 9]);
  assert.equal((await tell("GET", "latest/user-data")).text, "#cloud-config\n");
  assert.equal((await machine())["status"], 6);
});

it("takes cloud-init's events without a word", async () => {
  const { token_key = "" } = (await ask(lab, "GET", `machines/${id}/`, { query: { op: "get_token" } })).json as Record<
    string,
    string
  >;
  const told = await ask(lab, "POST", `/MAAS/metadata/status/${id}`, {
    key: null,
    headers: { Authorization: plaintext(`c:${token_key}:s`), "Content-Type": "application/json" },
    body: JSON.stringify({ event_type: "finish", origin: "cloudinit", name: "modules-final", result: "SUCCESS" }),
  });
  assert.deepEqual([told.status, told.text], [204, ""]);
});

it("refuses a signal that MAAS does not know, and a stranger's", async () => {
  const unknown = await signal({ status: "FINE" });
  assert.deepEqual([unknown.status, unknown.text], [400, "Unknown status: 'FINE'"]);
  const stranger = await ask(lab, "POST", "/MAAS/metadata/latest/", { form: { op: "signal", status: "OK" } });
  assert.deepEqual([stranger.status, stranger.text], [401, "Authorization Error: Invalid API key."]);
});

async function firstInterface(): Promise<string> {
  const interfaces = (await ask(lab, "GET", `nodes/${id}/interfaces/`)).json as { id: number }[];
  return String(interfaces[0]?.id);
}
