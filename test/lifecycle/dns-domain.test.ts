import assert from "node:assert/strict";
import { test } from "node:test";
import { dnsDomain } from "../../providers/maas/dns-domain.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const inputs = { name: "rack.example", ttl: 60 };
const checkedInputs = (provider: Parameters<typeof checked>[0], written: object) =>
  checked(provider, "maas:DnsDomain", "rack", { ...written });

test("a domain that is not there is made, renamed and changed in place, and deleted", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsDomain);
  const { id, outs } = await provider.create(await checkedInputs(provider, inputs));
  assert.equal((await lab.admin.domains.read("rack.example"))?.ttl, 60);
  assert.equal(String((await lab.admin.domains.read("rack.example"))?.id), id);
  assert.deepEqual(lab.writes(), ["POST domains/"]);
  const news = await checkedInputs(provider, { name: "lab.example", authoritative: false });
  assert.deepEqual((await provider.diff(id, outs, news)).replaces, []);
  assert.match(lab.notes.join(), /\[in place\] name: MAAS renames all that is in it/);
  const changed = await provider.update(id, outs, news);
  assert.deepEqual(lab.writes(), [`PUT domains/${id}/`]);
  const now = await lab.admin.domains.read(Number(id));
  assert.deepEqual([now?.name, now?.ttl, now?.authoritative], ["lab.example", null, false]);
  await provider.delete(id, changed.outs);
  await provider.delete(id, changed.outs);
  assert.equal((await lab.admin.domains.list()).length, 1);
});

test("MAAS's own domain is used, and given back as it was found", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsDomain);
  const { id, outs } = await provider.create(await checkedInputs(provider, { name: "maas", ttl: 300 }));
  const { outs: renamed } = await provider.update(
    id,
    outs,
    await checkedInputs(provider, { name: "lab.example", ttl: 300 }),
  );
  assert.equal((await lab.admin.domains.read("lab.example"))?.is_default, true);
  await lab.admin.domains.update(Number(id), { authoritative: false });
  await provider.delete(id, renamed);
  const now = await lab.admin.domains.read("maas");
  assert.deepEqual([now?.ttl, now?.authoritative], [null, false], "and what others changed stays");
});

test("what others have changed since is not put back on delete", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsDomain);
  const { id, outs } = await provider.create(await checkedInputs(provider, { name: "maas", ttl: 300 }));
  await lab.admin.domains.update(Number(id), { ttl: 7 });
  await provider.delete(id, outs);
  assert.equal((await lab.admin.domains.read("maas"))?.ttl, 7);
});

test("after a crash it is ours still", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsDomain);
  const news = await checkedInputs(provider, inputs);
  assert.equal(await provider.leftBehind(news), undefined);
  await provider.create(news);
  const again = await provider.create(news);
  assert.deepEqual(again.outs["former"], { adopted: false });
  assert.deepEqual((await provider.leftBehind(news))?.outs["former"], { adopted: false });
});

test("drift is told, in what the inputs speak of", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsDomain);
  const { id, outs } = await provider.create(await checkedInputs(provider, inputs));
  await lab.admin.domains.update(Number(id), { ttl: 7, authoritative: false });
  const { props } = await provider.read(id, outs);
  assert.equal(props?.["ttl"], 7);
  assert.equal(props["authoritative"], undefined);
  await lab.admin.domains.delete(Number(id));
  assert.deepEqual(await provider.read(id, outs), {});
});

test("one that is not empty says what is in it", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsDomain);
  const { id, outs } = await provider.create(await checkedInputs(provider, inputs));
  await lab.admin.dnsResources.create({ domain: id, name: "www", ip_addresses: "172.16.0.3", address_ttl: "" });
  await assert.rejects(
    provider.delete(id, outs),
    /rack.example cannot be deleted, since it is not empty: there are the name www.rack.example in it/,
  );
});

test("fifty domains are read with one request", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsDomain);
  const names = Array.from({ length: 50 }, (_, n) => `d${String(n)}.example`);
  const made = await Promise.all(names.map(async (name) => await provider.create({ name })));
  lab.requests.splice(0);
  const read = await Promise.all(made.map(({ id, outs }) => provider.read(id, outs)));
  assert.deepEqual(lab.requests, ["GET domains/"]);
  assert.deepEqual(
    read.map(({ props }) => props?.["name"]),
    names,
  );
});

test("what cannot be is told at preview, all of it", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(dnsDomain);
  const reasons = async (written: object) =>
    (await provider.check({}, { ...written })).failures.map(({ property, reason }) => `${property} ${reason}`);
  assert.deepEqual(await reasons({ name: "rack example", ttl: 0, authoritative: "no", tll: 1 }), [
    'tll is not known here; did you mean "ttl"?',
    'name "rack example" is not a domain; write letters, digits and dashes, with a letter or digit at both ends, for example "rack.example"',
    "ttl 0 cannot be; write a whole number from 1 to 604800",
    "authoritative must be true or false, not a string",
  ]);
  assert.deepEqual(await reasons({ name: "rack.example." }), [
    'name "rack.example." ends in a dot; write "rack.example"',
  ]);
  assert.deepEqual(await reasons({}), ['name is missing; write for example "rack.example"']);
  assert.deepEqual(lab.requests, []);
});
