import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask } from "../support/lab-request.ts";

describe("the region's settings", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ mode: "explicit" });
  });
  after(() => lab.close());

  const set = async (name: string, value: string): Promise<[number, unknown]> => {
    const told = await ask(lab, "POST", "maas/?op=set_config", { form: { name, value } });
    return [told.status, told.json ?? told.text];
  };
  const get = async (name: string): Promise<unknown> =>
    (await ask(lab, "GET", "maas/", { query: { op: "get_config", name } })).json;

  const kept: [name: string, value: string, read: unknown][] = [
    ["upstream_dns", "1.1.1.1, 8.8.8.8", "1.1.1.1 8.8.8.8"],
    ["upstream_dns", "", ""],
    ["ntp_servers", "ntp.ubuntu.com 10.0.0.1", "ntp.ubuntu.com 10.0.0.1"],
    ["dns_trusted_acl", "10.0.0.0/8 lan", "10.0.0.0/8 lan"],
    ["dnssec_validation", "no", "no"],
    ["completed_intro", "true", true],
    ["completed_intro", "false", false],
    // A checkbox: MAAS's documentation says otherwise.
    ["enable_http_proxy", "0", true],
    ["node_timeout", "45", 45],
    ["default_distro_series", "noble", "noble"],
    ["remote_syslog", "log.example", "log.example:514"],
    ["hardware_sync_interval", "1h", "1h"],
  ];
  for (const [name, value, read] of kept)
    it(`keeps ${name}=${value}`, async () => {
      assert.deepEqual(await set(name, value), [200, "OK"]);
      assert.deepEqual(await get(name), read);
    });

  const refused: [name: string, value: string, message: string][] = [
    ["upstream_dns", "zz", "Invalid IP address: zz; provide a list of space-separated IP addresses"],
    ["ntp_servers", "bad_host", "Invalid hostname: Host label cannot contain underscore: 'bad_host'."],
    ["node_timeout", "0", "Ensure this value is greater than or equal to 1."],
    ["node_timeout", "x", "Enter a whole number."],
    ["maas_name", "", "This field is required."],
    ["maas_proxy_port", "80", "Unable to change port number. Port number is reserved for system services."],
    ["default_storage_layout", "nope", "Select a valid choice. nope is not one of the available choices."],
    [
      "default_distro_series",
      "bionic",
      "'bionic' is not a valid release.  It should be one of: 'focal', 'jammy', 'noble'.",
    ],
    [
      "dnssec_validation",
      "maybe",
      "'maybe' is not a valid dnssec_validation.  It should be one of: 'auto', 'yes', 'no'.",
    ],
  ];
  for (const [name, value, message] of refused)
    it(`refuses ${name}=${value}`, async () => {
      const before = await get(name);
      assert.deepEqual(await set(name, value), [400, { [name]: [message] }]);
      assert.deepEqual(await get(name), before);
    });

  it("knows no other names", async () => {
    const told = await ask(lab, "GET", "maas/?op=get_config&name=nope");
    assert.equal(told.status, 400);
    assert.match(
      (told.json as { nope: string[] }).nope[0] ?? "",
      /^nope is not a valid config setting \(valid settings are: maas_name, .*\)\.$/,
    );
    assert.equal((await set("nope", "1"))[0], 400);
  });

  it("asks for name and value", async () => {
    const bare = await ask(lab, "GET", "maas/?op=get_config");
    assert.deepEqual([bare.status, bare.text], [400, "No provided name!"]);
    const noValue = await ask(lab, "POST", "maas/?op=set_config", { form: { name: "maas_name" } });
    assert.deepEqual([noValue.status, noValue.text], [400, "No provided value!"]);
  });

  it("lets users read and administrators write", async () => {
    const form = { name: "maas_name", value: "x" };
    const written = await ask(lab, "POST", "maas/?op=set_config", { key: lab.userKey, form });
    assert.deepEqual([written.status, written.text], [403, "This method is reserved for admin users."]);
    const read = await ask(lab, "GET", "maas/?op=get_config&name=kernel_opts", { key: lab.userKey });
    assert.deepEqual([read.status, read.json], [200, null]);
  });
});
