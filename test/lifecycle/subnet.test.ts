import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { subnet } from "../../providers/maas/subnet.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const CIDR = "10.9.0.0/24";

async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(subnet);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, "maas:Subnet", "lan", { cidr: CIDR, gateway: "10.9.0.1", dnsServers: ["10.9.0.2"], ...change });
  const now = (cidr = CIDR) => lab.admin.subnets.readByCidr(cidr);
  return { lab, provider, make, now };
}

test("a subnet that is not there is made with one request, changed in place, and deleted", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make({ allowProxy: false }));
  assert.deepEqual(lab.writes(), ["POST subnets/"]);
  const { id: vlan } = await lab.admin.vlans.create(0, { vid: 20 });
  const news = await make({ name: "lan", vlan: String(vlan), dnsServers: ["10.9.0.3", "10.9.0.4"], rdnsMode: 0 });
  const changed = await provider.update(id, outs, news);
  assert.deepEqual(lab.writes(), [`PUT subnets/${id}/`]);
  const found = await now();
  assert.deepEqual(
    [found?.name, found?.vlan.vid, found?.dns_servers, found?.rdns_mode, found?.allow_proxy],
    ["lan", 20, ["10.9.0.3", "10.9.0.4"], 0, true],
  );
  await provider.delete(id, changed.outs);
  assert.equal(await now(), undefined);
  await provider.delete(id, changed.outs);
});

test("a change that MAAS has already sends nothing", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.subnets.update(Number(id), { description: "by hand" });
  lab.writes();
  await provider.update(id, outs, await make({ description: "by hand" }));
  assert.deepEqual(lab.writes(), []);
});

test("the rack's own subnet is adopted by its CIDR, and as it was after a destroy", async (t) => {
  const { lab, provider, now } = await setUp(t);
  const cidr = "172.16.0.0/20";
  const before = await now(cidr);
  const news = await checked(provider, "maas:Subnet", "rack", {
    cidr,
    name: "rack",
    gateway: "172.16.0.3",
    dnsServers: ["172.16.0.3"],
    managed: false,
    activeDiscovery: true,
  });
  const { id, outs } = await provider.create(news);
  assert.deepEqual(lab.writes(), [`PUT subnets/${id}/`]);
  assert.equal((await now(cidr))?.gateway_ip, "172.16.0.3");
  await provider.delete(id, outs);
  assert.deepEqual(await now(cidr), before);
});

test("what others changed meanwhile in an adopted one stays", async (t) => {
  const { lab, provider, now } = await setUp(t);
  const theirs = await lab.admin.subnets.create({ cidr: CIDR, gateway_ip: "10.9.0.254" });
  const { id, outs } = await provider.create(
    await checked(provider, "maas:Subnet", "lan", { cidr: CIDR, gateway: "10.9.0.1", managed: false }),
  );
  await lab.admin.subnets.update(theirs.id, { gateway_ip: "10.9.0.77", description: "new" });
  // Also after a refresh, which brings their value into the state; and once more.
  const { props = {} } = await provider.read(id, outs);
  const { props: again = {} } = await provider.read(id, props);
  assert.equal(again["gateway"], "10.9.0.77");
  await provider.delete(id, again);
  const found = await now();
  assert.deepEqual([found?.gateway_ip, found?.managed, found?.description], ["10.9.0.77", true, "new"]);
});

test("it goes where fabric and vid say, and the drift of that is named", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  await lab.admin.vlans.create(0, { vid: 20 });
  const { id, outs } = await provider.create(await make({ fabric: "fabric-0", vid: 20 }));
  assert.equal((await now())?.vlan.vid, 20);
  const { inputs: same = {} } = await provider.read(id, outs);
  assert.deepEqual([same["fabric"], same["vid"]], ["fabric-0", 20]);
  await lab.admin.subnets.update(Number(id), { vlan: 1 });
  assert.equal((await provider.read(id, outs)).inputs?.["vid"], 0);
  await provider.update(id, outs, await make({ fabric: "fabric-0", vid: 20 }));
  assert.equal((await now())?.vlan.vid, 20);
});

test("IPv6 is taken in any spelling", async (t) => {
  const { lab, provider, now } = await setUp(t);
  const news = await checked(provider, "maas:Subnet", "six", { cidr: "2001:DB8:0:0::/64", gateway: "2001:db8:0::1" });
  const { id, outs } = await provider.create(news);
  assert.equal((await now("2001:db8::/64"))?.gateway_ip, "2001:db8::1");
  lab.writes();
  await provider.update(id, outs, news);
  assert.deepEqual(lab.writes(), []);
});

test("a create that goes on after a crash gives back what was there before the first try", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  await lab.admin.subnets.create({ cidr: CIDR, gateway_ip: "10.9.0.254" });
  const news = await make();
  assert.equal(await provider.leftBehind(news), undefined);
  await provider.create(news);
  assert.ok(await provider.leftBehind(news));
  const { id, outs } = await provider.create(news);
  await provider.delete(id, outs);
  assert.equal((await now())?.gateway_ip, "10.9.0.254");
});

test("a lost answer to the creation leaves it ours", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { subnets } = lab.services.client;
  const { create } = subnets;
  t.mock.method(subnets, "create", async (fields: { cidr: string }) => {
    await create(fields);
    throw new (await import("../../providers/maas/maas-error.ts")).MaasError("ambiguous", "the answer was lost");
  });
  const { id, outs } = await provider.create(await make());
  await provider.delete(id, outs);
  assert.equal(await now(), undefined);
});

test("drift is seen only where the program says something; one that is gone is gone from the state", async (t) => {
  const { lab, provider, make } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  await lab.admin.subnets.update(Number(id), {
    gateway_ip: "",
    dns_servers: "",
    description: "theirs",
    managed: false,
  });
  const { inputs = {} } = await provider.read(id, outs);
  assert.deepEqual(
    [inputs["gateway"], inputs["dnsServers"], inputs["description"], inputs["managed"]],
    ["", [], undefined, undefined],
  );
  await lab.admin.subnets.delete(Number(id));
  assert.deepEqual(await provider.read(id, outs), {});
});

test("it is not deleted while somebody's range is in it", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const range = { type: "reserved", start_ip: "10.9.0.20", end_ip: "10.9.0.29", comment: "theirs" } as const;
  await lab.admin.ipRanges.create({ ...range, subnet: Number(id) });
  await assert.rejects(provider.delete(id, outs), /somebody's ranges are in it \(reserved 10\.9\.0\.20-10\.9\.0\.29\)/);
  assert.ok(await now());
});

test("it is not deleted under a machine at work, and tells of one at rest that loses its link", async (t) => {
  const { lab, provider, make, now } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const machine = await machineIn(lab, CIDR);
  await lab.admin.machines.allocate({ system_id: machine });
  await assert.rejects(provider.delete(id, outs), /not deleted: it would cut off nuc \(Allocated\)/);
  assert.ok(await now());
  await lab.admin.machines.release(machine);
  await provider.delete(id, outs);
  assert.equal(await now(), undefined);
  assert.match(lab.warnings.join(), /With the subnet 10\.9\.0\.0\/24 go the links that nuc had there/);
});

test("five that are read at the same time cost one request", async (t) => {
  const { lab, provider } = await setUp(t);
  const made = await Promise.all(
    [1, 2, 3, 4, 5].map(async (n) =>
      provider.create(await checked(provider, "maas:Subnet", `s${String(n)}`, { cidr: `10.70.${String(n)}.0/24` })),
    ),
  );
  lab.requests.length = 0;
  await Promise.all(made.map(({ id, outs }) => provider.read(id, outs)));
  assert.deepEqual(lab.requests, ["GET subnets/"]);
});

test("what is wrong is told at preview, all at once, without asking MAAS", async (t) => {
  const { lab, provider } = await setUp(t);
  const reasons = async (urn: string, news: Record<string, unknown>) =>
    (await provider.check({}, { ...news, __urn: urnOf("maas:Subnet", urn) })).failures.map(
      ({ property, reason }) => `${property} ${reason}`,
    );
  const only = async (news: Record<string, unknown>) => String(await reasons("x", news));
  assert.match(await only({ cidr: "10.0.0.0" }), /cidr "10\.0\.0\.0" is not a subnet; write for example/);
  assert.match(await only({ cidr: "10.0.0.0/33" }), /is not a subnet/);
  assert.match(
    await only({ cidr: "10.0.0.7/24" }),
    /is an address in a subnet, not the subnet; write "10\.0\.0\.0\/24"/,
  );
  assert.match(await only({ cidr: "2001:db8::7/64" }), /write "2001:db8::\/64"/);
  assert.deepEqual(
    await reasons("x", { cidr: "10.0.0.0/24", gateway: "10.0.1.1", dnsServers: ["ns1", "10.0.0.2", "10.0.0.2"] }),
    [
      'gateway "10.0.1.1" is outside 10.0.0.0/24; write an address in it',
      'dnsServers[0] "ns1" is not an IP address; write for example "172.16.0.101"',
      'dnsServers[2] "10.0.0.2" is there twice; take one out',
    ],
  );
  assert.match(await only({ cidr: "10.0.0.0/24", gateway: "10.0.0.0" }), /10\.0\.0\.0\/24's network address/);
  assert.match(await only({ cidr: "10.0.0.0/24", gateway: "10.0.0.255" }), /10\.0\.0\.0\/24's broadcast address/);
  assert.match(await only({ cidr: "10.0.0.0/24", gateway: "2001:db8::1" }), /outside 10\.0\.0\.0\/24/);
  assert.equal(await only({ cidr: "2001:db8:1::/64", gateway: "fe80::1" }), "");
  assert.match(await only({ cidr: "10.0.0.0/24", rdnsMode: 3 }), /rdnsMode is 3; write a whole number from 0 to 2/);
  assert.match(await only({ cidr: "10.0.0.0/24", managed: "yes" }), /managed must be true or false/);
  assert.match(await only({ cidr: "10.0.0.0/24", vlan: "ovn" }), /vlan "ovn" is no VLAN/);
  assert.match(await only({ cidr: "10.0.0.0/24", vlan: "3", fabric: "0" }), /fabric says the same as vlan/);
  assert.match(await only({ cidr: "10.0.0.0/24", vid: 3 }), /vid needs the fabric/);
  assert.match(
    await only({ cidr: "10.0.0.0/24", gatewy: "10.0.0.1" }),
    /gatewy is not known here; did you mean "gateway"/,
  );
  assert.deepEqual(await reasons("big", { cidr: "10.200.0.0/16" }), []);
  assert.match(String(await reasons("small", { cidr: "10.200.3.0/24" })), /overlaps big \(10\.200\.0\.0\/16\)/);
  assert.deepEqual(lab.requests, []);
});

/** @returns a Ready machine called nuc with an address in the subnet */
async function machineIn(lab: ExplicitLab, cidr: string): Promise<string> {
  const { system_id: id } = await lab.admin.machines.create({
    architecture: "amd64/generic",
    mac_addresses: ["1c:69:7a:00:09:01"],
    hostname: "nuc",
    commission: false,
    power_type: "manual",
  });
  await lab.admin.machines.commission(id, { testing_scripts: "none" });
  await lab.boot(id, "commission-ok");
  const card = (await lab.machine(id)).interface_set[0]?.id ?? 0;
  const address = { mode: "STATIC", subnet: `cidr:${cidr}`, ip_address: "10.9.0.50" } as const;
  await lab.admin.interfaces.linkSubnet(id, card, address);
  return id;
}
