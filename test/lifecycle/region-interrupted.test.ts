/**
 * What belongs to the region, some of it found and some of it made, interrupted after every single request in turn: the next
 * run goes on, and after a destroy MAAS is what it was.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { bootImages } from "../../providers/maas/boot-images.ts";
import { dnsDomain } from "../../providers/maas/dns-domain.ts";
import { dnsRecord } from "../../providers/maas/dns-record.ts";
import { maasSettings } from "../../providers/maas/maas-settings.ts";
import { nodeScript } from "../../providers/maas/node-script.ts";
import { packageRepository } from "../../providers/maas/package-repository.ts";
import { DeclaredStack, interruptAt } from "../support/declared-stack.ts";
import type { Declared, Provider } from "../support/declared-stack.ts";
import { ExplicitLab } from "../support/explicit-lab.ts";
import { ask } from "../support/lab-request.ts";

const script =
  "#!/bin/sh\n# --- Start MAAS 1.0 script metadata ---\n# tags: fans\n# --- End MAAS 1.0 script metadata ---\n";

function region(lab: ExplicitLab): Declared[] {
  const declare = (kind: string, name: string, provider: Provider, inputs: Declared["inputs"]) => ({
    ...{ kind, name, provider, inputs },
  });
  const [domains, records] = [lab.provider(dnsDomain), lab.provider(dnsRecord)];
  const repositories = lab.provider(packageRepository);
  return [
    declare("maas:DnsDomain", "rack", domains, () => ({ name: "rack.example", ttl: 60 })),
    declare("maas:DnsDomain", "default", domains, () => ({ name: "maas", ttl: 300 })),
    declare("maas:DnsRecord", "dashboard", records, (id) => ({
      ...{ domain: id("rack"), name: "dashboard", data: ["172.16.0.3", "10.103.1.13"] },
    })),
    declare("maas:DnsRecord", "theirs", records, () => ({
      ...{ domain: "maas", name: "found", data: "172.16.7.7", ttl: 30 },
    })),
    declare("maas:DnsRecord", "mail", records, (id) => ({
      ...{ domain: id("rack"), name: "@", type: "MX", data: ["10 a.maas.", "20 b.maas."] },
    })),
    declare("maas:MaasSettings", "maas", lab.provider(maasSettings), () => ({
      ...{ upstreamDns: ["1.1.1.1"], nodeTimeout: 45, enableAnalytics: false },
    })),
    declare("maas:NodeScript", "fans", lab.provider(nodeScript), () => ({
      ...{ name: "check-fans", script, stackId: "0123456789ab" },
    })),
    declare("maas:PackageRepository", "ubuntu", repositories, () => ({
      ...{ name: "main_archive", url: "http://mirror.rack.example/ubuntu", disabledPockets: ["backports"] },
    })),
    declare("maas:PackageRepository", "mirror", repositories, () => ({
      ...{ name: "mirror", url: "http://apt.rack.example", distributions: ["jammy"] },
    })),
    declare("maas:BootImages", "images", lab.provider(bootImages), () => ({
      selections: [{ release: "jammy", arches: ["amd64", "arm64"] }, { release: "plucky" }],
    })),
  ];
}

/** Something of each kind that was there before. */
async function settle(lab: ExplicitLab): Promise<void> {
  await lab.admin.regionConfig.set("upstream_dns", "9.9.9.9");
  await lab.admin.dnsResources.create({ domain: "maas", name: "found", ip_addresses: "172.16.9.9", address_ttl: 5 });
  const text = { rrtype: "TXT", rrdata: "theirs", ttl: "" } as const;
  await lab.admin.dnsResources.createRecord({ domain: "maas", name: "found", ...text });
  const form = { url: "http://images.maas.io/ephemeral-v3/stable/", keyring_filename: "/k.gpg" };
  await ask(lab.lab, "POST", "boot-sources/", { form });
  const fields = { os: "ubuntu", arches: ["amd64"], subarches: ["*"], labels: ["*"] };
  for (const release of ["focal", "jammy", "noble"])
    await lab.admin.bootSources.createSelection(1, { ...fields, release });
}

async function everything(lab: ExplicitLab): Promise<unknown[]> {
  const paths = [
    ...["domains/", "dnsresources/", "dnsresourcerecords/", "package-repositories/", "scripts/", "boot-resources/"],
    "boot-sources/1/selections/",
  ];
  const lists = await Promise.all(paths.map(async (path) => (await ask(lab.lab, "GET", path)).json));
  const addresses = (await ask(lab.lab, "GET", "ipaddresses/", { query: { all: "true" } })).json;
  const settings = ["upstream_dns", "node_timeout", "enable_analytics"];
  return [...lists, addresses, ...(await Promise.all(settings.map((name) => lab.admin.regionConfig.get(name))))];
}

/** @returns whether the request was reached */
async function interrupted(t: TestContext, request: number, failing: "kill" | "error"): Promise<boolean> {
  const lab = await ExplicitLab.start(t);
  await settle(lab);
  const before = await everything(lab);
  const stack = new DeclaredStack(region(lab), failing);
  const { again, at } = interruptAt(lab, request);
  await again(() => stack.up());
  const { dnsResources, regionConfig } = lab.admin;
  const addresses = async (domain: string, name: string) =>
    (await dnsResources.list({ domain, name }))?.flatMap((found) => found.ip_addresses.map(({ ip }) => ip));
  assert.deepEqual(await addresses("rack.example", "dashboard"), ["172.16.0.3", "10.103.1.13"], `after ${at()}`);
  assert.deepEqual(await addresses("maas", "found"), ["172.16.7.7"], `after ${at()}`);
  assert.equal((await dnsResources.list({ domain: "rack.example", name: "@" }))?.[0]?.resource_records.length, 2, at());
  assert.equal(await regionConfig.get("upstream_dns"), "1.1.1.1", `after ${at()}`);
  assert.equal((await lab.admin.scripts.read("check-fans"))?.history.length, 1, `after ${at()}`);
  const images = (await lab.admin.bootResources.list()).map(({ name, architecture }) => `${name} ${architecture}`);
  assert.ok(images.includes("ubuntu/plucky amd64/ga-25.04") && images.includes("ubuntu/jammy arm64/ga-22.04"), at());
  await again(() => stack.destroy());
  assert.deepEqual(await everything(lab), before, `after ${at()}`);
  return at() !== "";
}

/** Each with a lab of its own; most of the time goes into waiting for others that may ask the same. */
const AT_ONCE = 10;

for (const failing of ["kill", "error"] as const) {
  test(`after ${failing === "kill" ? "a kill" : "an error"} in place of any answer all is made, and given back`, async (t) => {
    let request = 0;
    let reached = true;
    while (reached) {
      const next = Array.from({ length: AT_ONCE }, (_, i) => request + i + 1);
      reached = (await Promise.all(next.map((number) => interrupted(t, number, failing)))).every(Boolean);
      request += AT_ONCE;
    }
    assert.ok(request > 40, `only ${String(request)} requests were interrupted`);
  });
}
