import assert from "node:assert/strict";
import { test } from "node:test";
import type { DynamicProvider } from "../../providers/core/dispatch.ts";
import { maasSettings } from "../../providers/maas/maas-settings.ts";
import { SETTING_NAMES, SETTINGS } from "../../providers/maas/region-settings.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const inputsOf = (provider: DynamicProvider, written: object) =>
  checked(provider, "maas:MaasSettings", "maas", { ...written });

test("settings are set, changed in place, and go back to what was found", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(maasSettings);
  await lab.admin.regionConfig.set("ntp_servers", "time.example");
  const written = {
    upstreamDns: ["1.1.1.1", "8.8.8.8"],
    ntpServers: ["ntp.ubuntu.com"],
    dnssecValidation: "no",
    nodeTimeout: 45,
    enableAnalytics: false,
  };
  const { id, outs } = await provider.create(await inputsOf(provider, written));
  assert.equal(lab.writes().length, 5);
  assert.equal(await lab.admin.regionConfig.get("upstream_dns"), "1.1.1.1 8.8.8.8");
  assert.equal(await lab.admin.regionConfig.get("enable_analytics"), false);
  assert.equal(await lab.admin.regionConfig.get("node_timeout"), 45);
  const { outs: changed } = await provider.update(
    id,
    outs,
    await inputsOf(provider, { ...written, upstreamDns: ["9.9.9.9"] }),
  );
  assert.deepEqual(lab.writes(), ["POST maas/ set_config"], "only what differs");
  await provider.delete(id, changed);
  await provider.delete(id, changed);
  const back = await Promise.all(
    ["upstream_dns", "ntp_servers", "dnssec_validation", "node_timeout", "enable_analytics"].map((name) =>
      lab.admin.regionConfig.get(name),
    ),
  );
  assert.deepEqual(back, ["", "time.example", "auto", 30, true]);
});

test("one that is not written any more goes back at once; one that is new is remembered as it was", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(maasSettings);
  const { id, outs } = await provider.create(await inputsOf(provider, { nodeTimeout: 45 }));
  const { outs: changed } = await provider.update(id, outs, await inputsOf(provider, { maasName: "rack" }));
  assert.equal(await lab.admin.regionConfig.get("node_timeout"), 30);
  assert.deepEqual(changed["former"], { maasName: "main" });
  await provider.delete(id, changed);
  assert.equal(await lab.admin.regionConfig.get("maas_name"), "main");
});

test("what somebody else has changed since is theirs", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(maasSettings);
  const { id, outs } = await provider.create(await inputsOf(provider, { nodeTimeout: 45, maasName: "rack" }));
  await lab.admin.regionConfig.set("node_timeout", 60);
  assert.deepEqual((await provider.read(id, outs)).props?.["nodeTimeout"], 60);
  await provider.delete(id, outs);
  assert.equal(await lab.admin.regionConfig.get("node_timeout"), 60);
  assert.equal(await lab.admin.regionConfig.get("maas_name"), "main");
});

test("after a crash the first picture counts", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(maasSettings);
  const news = await inputsOf(provider, { nodeTimeout: 45 });
  assert.equal(await provider.leftBehind(news), undefined);
  const { id, outs } = await provider.create(news);
  assert.deepEqual((await provider.create(news)).outs["former"], { nodeTimeout: 30 });
  assert.deepEqual((await provider.leftBehind(news))?.outs["former"], { nodeTimeout: 30 });
  const more = await inputsOf(provider, { nodeTimeout: 45, maasName: "rack" });
  await provider.update(id, outs, more);
  assert.deepEqual((await provider.update(id, outs, more)).outs["former"], { nodeTimeout: 30, maasName: "main" });
});

test("only what is written is asked for, once each", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(maasSettings);
  const { id, outs } = await provider.create(await inputsOf(provider, { nodeTimeout: 30, maasName: "main" }));
  assert.deepEqual(lab.requests.splice(0), ["GET version/", "GET maas/ get_config", "GET maas/ get_config"]);
  await provider.read(id, outs);
  assert.deepEqual(lab.requests.splice(0), ["GET maas/ get_config", "GET maas/ get_config"]);
});

test("every setting is one of MAAS's, with a value that can be read, and sent back as it was read", async (t) => {
  const lab = await ExplicitLab.start(t);
  for (const name of SETTING_NAMES) {
    const { field, read } = SETTINGS[name];
    const value = read(await lab.admin.regionConfig.get(field));
    await lab.admin.regionConfig.set(field, Array.isArray(value) ? value.join(" ") : value);
    assert.deepEqual(read(await lab.admin.regionConfig.get(field)), value, name);
  }
});

test("the preview says what a change interrupts", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(maasSettings);
  const olds = { maasProxyPort: 8000, nodeTimeout: 30 };
  assert.deepEqual(await provider.diff("region", olds, { maasProxyPort: 8001, nodeTimeout: 31 }), {
    changes: true,
    replaces: [],
    deleteBeforeReplace: false,
  });
  assert.deepEqual(lab.notes, [
    "[in place] maasProxyPort: machines that are deployed keep asking the old port, and get no packages there",
  ]);
  assert.deepEqual(lab.requests, []);
});

test("what cannot be is told at preview", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(maasSettings);
  const rows: [written: object, reason: RegExp][] = [
    [{ upstreamDNS: ["1.1.1.1"] }, /^upstreamDNS is not known here; did you mean "upstreamDns"\?/],
    [{ maasUrl: "http://10.103.1.13:5240/MAAS" }, /^maasUrl is no setting of MAAS's API.*sudo maas config --maas-url/],
    [{ vcenterPassword: "x" }, /^vcenterPassword is a secret/],
    [{ upstreamDns: "1.1.1.1" }, /^upstreamDns must be a list of texts, not a string/],
    [{ upstreamDns: ["dns.example"] }, /^upstreamDns\[0\] "dns.example" is not an IP address/],
    [{ ntpServers: ["no host"] }, /^ntpServers\[0\] "no host" is neither an address nor the name of a host/],
    [{ ntpServers: ["172.16.0.300"] }, /^ntpServers\[0\] "172.16.0.300" is neither/],
    [{ dnsTrustedAcl: ["10.0.0.0/33"] }, /^dnsTrustedAcl\[0\] "10.0.0.0\/33" is not a network/],
    [{ dnssecValidation: "off" }, /^dnssecValidation "off" is unknown; .*auto, yes, no/],
    [{ httpProxy: "proxy:3128" }, /^httpProxy "proxy:3128" is no URL of a proxy/],
    [{ httpProxy: "http://me:pw@proxy:3128" }, /^httpProxy has a user or a password in it/],
    [{ maasName: " " }, /^maasName is empty/],
    [{ maasProxyPort: 80 }, /^maasProxyPort 80 cannot be/],
    [{ nodeTimeout: "30" }, /^nodeTimeout must be a number of minutes, not a string/],
    [{ enableAnalytics: "no" }, /^enableAnalytics must be true or false/],
    [{ activeDiscoveryInterval: 700 }, /^activeDiscoveryInterval 700 cannot be; write one of 0, 600/],
    [{ defaultStorageLayout: "flt" }, /^defaultStorageLayout "flt" is unknown; did you mean "flat"\?/],
    [{ defaultMinHweKernel: "22.04" }, /^defaultMinHweKernel "22.04" is no kernel/],
    [{ defaultDistroSeries: "jamy" }, /^defaultDistroSeries "jamy" is no series; did you mean "jammy"\?/],
    [{ hardwareSyncInterval: "often" }, /^hardwareSyncInterval "often" is no length of time/],
    [{ remoteSyslog: "no host" }, /^remoteSyslog "no host" is no host to log to/],
    [{ sessionLength: 5 }, /^sessionLength 5 cannot be/],
  ];
  for (const [written, reason] of rows) {
    const found = (await provider.check({}, { ...written })).failures.map(
      (failure) => `${failure.property} ${failure.reason}`,
    );
    assert.equal(found.length, 1, `${JSON.stringify(written)}: ${found.join("; ")}`);
    assert.match(found[0] ?? "", reason);
  }
  assert.deepEqual(lab.requests, []);
});

test("two resources that set the same are told at preview", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(maasSettings);
  const written = (name: string) => ({ networkDiscovery: "disabled", __urn: urnOf("maas:MaasSettings", name) });
  assert.deepEqual((await provider.check({}, written("one"))).failures, []);
  assert.deepEqual((await provider.check({}, written("two"))).failures, [
    { property: "networkDiscovery", reason: 'is set by "one" too; set it in one of them' },
  ]);
});
