import assert from "node:assert/strict";
import { test } from "node:test";
import type { DynamicProvider } from "../../providers/core/dispatch.ts";
import { dnsRecord } from "../../providers/maas/dns-record.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const dashboard = { domain: "maas", name: "dashboard", data: "172.16.0.3" };
interface Written {
  domain: string;
  name: string;
  type?: string;
  data: string | string[];
  ttl?: number;
}

/** Named by what it is about, as in a program: a name in DNS is claimed by one resource. */
const inputsOf = (provider: DynamicProvider, written: Written) =>
  checked(provider, "maas:DnsRecord", `${written.domain} ${written.name} ${written.type ?? "A"}`, { ...written });
const make = async (provider: DynamicProvider, written: Written) =>
  await provider.create(await inputsOf(provider, written));

const addressesOf = async (lab: ExplicitLab, name: string) =>
  (await lab.admin.dnsResources.list({ domain: "maas", name }))?.flatMap((found) =>
    found.ip_addresses.map(({ ip }) => ip),
  );
const recordsOf = async (lab: ExplicitLab, name: string) =>
  (await lab.admin.dnsResources.list({ domain: "maas", name }))?.flatMap((found) =>
    found.resource_records.map(({ rrtype, rrdata, ttl }) => [rrtype, rrdata, ttl]),
  );

test("the dashboard's name moves to another address in place, and the preview says what that means", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const { id, outs } = await make(provider, dashboard);
  assert.equal(outs["fqdn"], "dashboard.maas");
  assert.deepEqual(lab.writes(), ["POST dnsresources/"]);
  const news = await inputsOf(provider, { ...dashboard, data: "10.103.1.13", ttl: 60 });
  assert.deepEqual((await provider.diff(id, outs, news)).replaces, []);
  assert.match(lab.notes.join(), /\[in place\] data: the name leads elsewhere from now on/);
  const changed = await provider.update(id, outs, news);
  assert.equal(lab.writes().length, 1);
  assert.deepEqual(await addressesOf(lab, "dashboard"), ["10.103.1.13"]);
  await provider.delete(id, changed.outs);
  await provider.delete(id, changed.outs);
  assert.deepEqual(await addressesOf(lab, "dashboard"), []);
});

test("an address that MAAS did not know is set free with the record; one that it knew is not touched", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const { id, outs } = await make(provider, { ...dashboard, data: ["172.16.0.3", "172.16.7.7"] });
  assert.deepEqual(outs["reserved"], ["172.16.7.7"]);
  assert.equal((await lab.admin.ipAddresses.find("172.16.7.7")).length, 1);
  const moved = await provider.update(
    id,
    outs,
    await inputsOf(provider, { ...dashboard, data: ["172.16.0.3", "172.16.7.8"] }),
  );
  assert.equal((await lab.admin.ipAddresses.find("172.16.7.7")).length, 0);
  await provider.delete(id, moved.outs);
  assert.equal((await lab.admin.ipAddresses.find("172.16.7.8")).length, 0);
  assert.equal((await lab.admin.ipAddresses.find("172.16.0.3")).length, 1, "the rack's own");
});

test("an address that two names share goes with the second", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const first = await make(provider, { ...dashboard, data: "172.16.7.7" });
  const second = await make(provider, { ...dashboard, name: "web", data: "172.16.7.7" });
  await provider.delete(first.id, first.outs);
  assert.deepEqual(await addressesOf(lab, "web"), ["172.16.7.7"], "MAAS would have taken the other name along");
  await provider.delete(second.id, second.outs);
  assert.equal((await lab.admin.ipAddresses.find("172.16.7.7")).length, 0);
});

test("addresses of both families share a name", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const [four, six] = await Promise.all([
    make(provider, dashboard),
    make(provider, { ...dashboard, type: "aaaa", data: "FD00:0::3" }),
  ]);
  assert.deepEqual((await addressesOf(lab, "dashboard"))?.sort(), ["172.16.0.3", "fd00::3"]);
  assert.deepEqual((await provider.read(six.id, six.outs)).props?.["data"], ["fd00::3"]);
  await provider.delete(four.id, four.outs);
  assert.deepEqual(await addressesOf(lab, "dashboard"), ["fd00::3"]);
  await provider.delete(six.id, six.outs);
  assert.deepEqual(await lab.admin.dnsResources.list({ domain: "maas", name: "dashboard" }), []);
});

const others: [type: string, name: string, data: string, next: string][] = [
  ["CNAME", "alias", "dashboard.maas.", "web.maas."],
  ["MX", "@", "10 mail.maas.", "20 mail.maas."],
  ["NS", "sub", "ns1.maas.", "ns2.maas."],
  ["SRV", "_http._tcp", "0 0 80 web.maas.", "0 0 8080 web.maas."],
  ["SSHFP", "host", `4 2 ${"ab".repeat(32)}`, `4 2 ${"cd".repeat(32)}`],
  ["TXT", "_acme-challenge", "v=1; a b", 'say "hi"'],
];
for (const [type, name, data, next] of others) {
  test(`${type} records are made, changed in place and deleted`, async (t) => {
    const lab = await ExplicitLab.start(t);
    const provider = lab.provider(dnsRecord);
    const { id, outs } = await make(provider, { domain: "0", name, type, data });
    assert.deepEqual(lab.writes(), ["POST dnsresourcerecords/"]);
    assert.deepEqual((await provider.read(id, outs)).props?.["data"], [data]);
    const changed = await provider.update(
      id,
      outs,
      await inputsOf(provider, { domain: "0", name, type, data: [next], ttl: 30 }),
    );
    assert.match(lab.writes().join(), /^PUT dnsresourcerecords\/\d+\/$/);
    const { props } = await provider.read(id, changed.outs);
    assert.deepEqual([props?.["data"], props?.["ttl"]], [[next], 30]);
    await provider.delete(id, changed.outs);
    assert.deepEqual(await lab.admin.dnsResources.list({ domain: "maas", name }), []);
  });
}

test("several values of one type are one resource, and each change touches only what differs", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const mail = { domain: "maas", name: "@", type: "MX", data: ["10 a.maas.", "20 b.maas."] };
  const { id, outs } = await make(provider, mail);
  assert.equal(lab.writes().length, 2);
  const changed = await provider.update(
    id,
    outs,
    await inputsOf(provider, { ...mail, data: ["10 a.maas.", "20 c.maas.", "30 d.maas."] }),
  );
  assert.deepEqual(
    lab.writes().map((write) => write.split(" ")[0]),
    ["PUT", "POST"],
  );
  await provider.update(id, changed.outs, await inputsOf(provider, { ...mail, data: ["10 a.maas."] }));
  assert.deepEqual(
    lab.writes().map((write) => write.split(" ")[0]),
    ["DELETE", "DELETE"],
  );
  assert.deepEqual(await recordsOf(lab, "@"), [["MX", "10 a.maas.", null]]);
});

test("what was at the name before is put back on delete", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  await lab.admin.dnsResources.create({
    domain: "maas",
    name: "dashboard",
    ip_addresses: "172.16.9.9",
    address_ttl: 5,
  });
  await lab.admin.dnsResources.createRecord({
    domain: "maas",
    name: "dashboard",
    rrtype: "TXT",
    rrdata: "theirs",
    ttl: "",
  });
  const { id, outs } = await make(provider, { ...dashboard, ttl: 60 });
  assert.deepEqual(await addressesOf(lab, "dashboard"), ["172.16.0.3"]);
  await provider.delete(id, outs);
  assert.deepEqual(await addressesOf(lab, "dashboard"), ["172.16.9.9"]);
  assert.equal((await lab.admin.dnsResources.list({ domain: "maas", name: "dashboard" }))?.[0]?.address_ttl, 5);
  assert.deepEqual(await recordsOf(lab, "dashboard"), [["TXT", "theirs", null]]);
});

test("what others have added meanwhile is drift, and stays on delete", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const text = { domain: "maas", name: "note", type: "TXT", data: ["ours"] };
  const { id, outs } = await make(provider, text);
  await lab.admin.dnsResources.createRecord({ domain: "maas", name: "note", rrtype: "TXT", rrdata: "theirs", ttl: "" });
  assert.deepEqual((await provider.read(id, outs)).props?.["data"], ["ours", "theirs"]);
  await provider.delete(id, outs);
  assert.deepEqual(await recordsOf(lab, "note"), [["TXT", "theirs", null]]);
});

test("after a crash it is ours still, its reservation too", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const news = await inputsOf(provider, { ...dashboard, data: "172.16.7.7" });
  const bare = { bare: false, data: [] };
  assert.equal(await provider.leftBehind(news), undefined);
  await provider.create(news);
  lab.writes();
  const again = await provider.create(news);
  assert.deepEqual(lab.writes(), []);
  const left = await provider.leftBehind(news);
  assert.deepEqual([again.outs["former"], left?.outs["former"]], [bare, bare]);
  assert.deepEqual([again.outs["reserved"], left?.outs["reserved"]], [["172.16.7.7"], ["172.16.7.7"]]);
});

test("fifty records of a domain are read with two requests", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const made = await Promise.all(
    Array.from({ length: 50 }, (_, n) => make(provider, { ...dashboard, name: n === 0 ? "@" : `n${String(n)}` })),
  );
  lab.requests.splice(0);
  const read = await Promise.all(made.map(({ id, outs }) => provider.read(id, outs)));
  assert.deepEqual(lab.requests.sort(), ["GET dnsresources/", "GET domains/maas/"]);
  assert.ok(read.every(({ props }) => JSON.stringify(props?.["data"]) === '["172.16.0.3"]'));
});

test("one that is gone is gone from the state; so is one whose domain is gone", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const { id, outs } = await make(provider, dashboard);
  const [found] = (await lab.admin.dnsResources.list({ domain: "maas", name: "dashboard" })) ?? [];
  await lab.admin.dnsResources.delete(found?.id ?? -1);
  assert.deepEqual(await provider.read(id, outs), {});
  assert.deepEqual(await provider.read(id, { ...outs, domain: "gone.example" }), {});
});

test("MAAS is told nothing that it would answer with a 500: a domain that is not there, a CNAME beside an address", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  await assert.rejects(
    make(provider, { ...dashboard, domain: "gone.example" }),
    /MAAS has no DNS domain "gone.example"/,
  );
  await assert.rejects(
    make(provider, { domain: "gone.example", name: "t", type: "TXT", data: "x" }),
    /MAAS has no DNS domain "gone.example"/,
  );
  await make(provider, dashboard);
  lab.writes();
  await assert.rejects(
    // Past the check, which knows only of the program's own.
    provider.create({ domain: "maas", name: "dashboard", type: "CNAME", data: ["web.maas."] }),
    /dashboard.maas cannot have CNAME records: MAAS has the address 172.16.0.3 there/,
  );
  assert.deepEqual(lab.writes(), []);
});

test("what cannot be is told at preview, without asking MAAS", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const reasons = async (written: object) =>
    (await provider.check({}, { domain: "maas", name: "a", ...written })).failures.map(
      ({ property, reason }) => `${property} ${reason}`,
    );
  const rows: [written: object, reason: RegExp][] = [
    [{ data: "172.16.0.300" }, /^data\[0\] "172.16.0.300" is not an IPv4 address/],
    [{ data: "fd00::3" }, /^data\[0\] "fd00::3" is not an IPv4 address/],
    [{ type: "AAAA", data: "172.16.0.3" }, /^data\[0\] "172.16.0.3" is not an IPv6 address/],
    [{ data: [] }, /^data is missing/],
    [{ data: ["172.16.0.3", "172.16.0.3"] }, /^data\[1\] "172.16.0.3" is there twice/],
    [{ type: "CNAM", data: "x." }, /^type "CNAM" is unknown; did you mean "CNAME"\?/],
    [{ type: "CNAME", data: ["x.", "y."] }, /^data has more than one name/],
    [{ type: "CNAME", name: "@", data: "x." }, /^name "@" is the domain itself, which has other records/],
    [{ type: "CNAME", data: "172.16.0.3" }, /^data\[0\] "172.16.0.3" is an address, and a name is needed/],
    [{ type: "CNAME", data: "www.maas" }, /^data\[0\] "www.maas" has no dot at its end.*write "www.maas."/],
    [{ type: "MX", data: "mail.maas." }, /^data\[0\] "mail.maas." is no such record; write a preference/],
    [{ type: "MX", data: "70000 mail.maas." }, /^data\[0\] .*numbers go from 0 to 65535/],
    [
      { type: "SRV", name: "web", data: "0 0 80 web.maas." },
      /^name "web" is no name for an SRV record; write _service._protocol/,
    ],
    [
      { type: "SRV", name: "_http._tcp", data: "bad" },
      /^data\[0\] "bad" is no such record; write priority, weight, port/,
    ],
    [{ type: "SSHFP", data: "4 2 abc" }, /^data\[0\] has a fingerprint of 3 hex digits, and type 2 has 64/],
    [{ type: "TXT", data: "a\nb" }, /^data\[0\] has a line break/],
    [{ name: "a_b", data: "172.16.0.3" }, /^name "a_b" has an underscore; write "a-b"/],
    [{ name: "a.b", data: "172.16.0.3" }, /^name "a.b" has more than one label/],
    [{ name: "www.maas", data: "172.16.0.3" }, /^name "www.maas" has the domain in it; write "www"/],
    [{ name: "maas", data: "172.16.0.3" }, /^name "maas" is the domain itself; write "@"/],
    [{ data: "172.16.0.3", ttl: -1 }, /^ttl -1 cannot be; write a whole number from 0 to 2147483647/],
    [{ data: "172.16.0.3", ttl: "60" }, /^ttl must be a number of seconds, not a string/],
    [{ domain: "no domain", data: "172.16.0.3" }, /^domain "no domain" is not a domain/],
  ];
  for (const [written, reason] of rows) {
    const found = await reasons(written);
    assert.equal(found.length, 1, `${JSON.stringify(written)}: ${found.join("; ")}`);
    assert.match(found[0] ?? "", reason);
  }
  assert.deepEqual(lab.requests, []);
});

test("two resources for the same records, and a CNAME beside another type, are told at preview", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsRecord);
  const reasons = async (urn: string, written: object) =>
    (
      await provider.check({}, { domain: "maas", name: "shared", ...written, __urn: urnOf("maas:DnsRecord", urn) })
    ).failures.map(({ property, reason }) => `${property} ${reason}`);
  assert.deepEqual(await reasons("one", { data: "172.16.0.3" }), []);
  assert.deepEqual(await reasons("one", { data: "172.16.0.4" }), [], "checked again");
  assert.deepEqual(await reasons("two", { data: "172.16.0.5" }), [
    'data belongs to the A records of "one", which has the same name; write all of it there',
  ]);
  assert.deepEqual(await reasons("three", { type: "CNAME", data: "x." }), [
    'type cannot be CNAME: "one" has A records of the same name, and a CNAME stands alone at its name',
  ]);
});
