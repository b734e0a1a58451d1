/** The dashboard moves to another address, as in the text that started it; images are fetched; all of it is given back. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Engine, succeeded, writes } from "../support/engine.ts";
import { nuc } from "../support/engine-project.ts";

let engine: Engine;
let found: unknown;

const config = {
  machines: [nuc(1)],
  deploy: false,
  dashboard: { address: "172.16.0.3" },
  images: ["jammy", "plucky"],
  settings: { upstreamDns: ["1.1.1.1"], defaultDistroSeries: "plucky" },
};

const addresses = async () =>
  (await engine.maas.dnsResources.list({ domain: "maas" }))?.flatMap(({ fqdn, ip_addresses: ips }) =>
    ips.map(({ ip }) => `${fqdn} ${ip ?? ""}`),
  );

/** What of the region the program changes. */
const region = async () => [
  await engine.maas.bootSources.selections(1),
  await engine.maas.bootResources.list(),
  await addresses(),
  await engine.maas.ipAddresses.find("10.103.1.13"),
  await engine.maas.regionConfig.get("default_distro_series"),
];

before(async () => {
  engine = await Engine.start();
  found = await region();
  engine.project.configure(config);
});
after(() => engine.close());

test("a first preview, when the images are not there yet, is fine", async () => {
  succeeded(await engine.make("preview"));
});

test("images, settings and the dashboard's name are there after up, in the order in which they need each other", async () => {
  await engine.up();
  assert.deepEqual(await addresses(), ["dashboard.maas 172.16.0.3"]);
  assert.equal(await engine.maas.regionConfig.get("default_distro_series"), "plucky");
});

test("a preview without changes asks no more than one without a region would", async () => {
  const asked = await engine.requestsOf(() => engine.preview("--expect-no-changes"));
  const ofRegion = Object.keys(asked).filter((request) =>
    /domains|dns|maas\/ |boot-sources|scripts|package/.test(request),
  );
  assert.deepEqual(ofRegion, []);
  assert.equal(asked["GET boot-resources/"], 1, "which images there are, for what can be deployed");
});

test("a new address of the dashboard is previewed as what it is, and touches nothing else", async () => {
  engine.project.configure({ ...config, dashboard: { address: "10.103.1.13" } });
  const { output } = await engine.preview();
  assert.match(output, /~ pulumi-nodejs:dynamic\/maas:DnsRecord: \(update\)/);
  assert.match(output, /\[in place\] data: the name leads elsewhere from now on/);
  assert.doesNotMatch(output, /replace|MaasSettings: \(|BootImages: \(|Machine: \(/);
  assert.deepEqual(writes(await engine.requestsOf(() => engine.up())), ["PUT dnsresources/:id/"]);
  assert.deepEqual(await addresses(), ["dashboard.maas 10.103.1.13"]);
});

test("a setting and a name that somebody changed are seen by a refresh, named by the preview and put right", async () => {
  await engine.maas.regionConfig.set("upstream_dns", "9.9.9.9");
  const [name] = (await engine.maas.dnsResources.list({ domain: "maas" })) ?? [];
  await engine.maas.dnsResources.update(name?.id ?? -1, { ip_addresses: "172.16.0.3", address_ttl: 60 });
  await engine.refresh();
  const { output } = await engine.preview();
  assert.match(output, /~ +upstreamDns/);
  assert.match(output, /~ +data/);
  await engine.up();
  assert.deepEqual(await addresses(), ["dashboard.maas 10.103.1.13"]);
  assert.equal(await engine.maas.regionConfig.get("upstream_dns"), "1.1.1.1");
});

test("a destroy gives the region back as it was", async () => {
  await engine.destroy();
  assert.deepEqual(await region(), found);
  assert.deepEqual(engine.leaks(), []);
});
