/** Look-ups of a program, against the lab. */
import assert from "node:assert/strict";
import { test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { lookup, Subnet } from "../../providers/index.ts";
import { lookupWith } from "../../providers/maas/lookup.ts";
import { ExplicitLab } from "../support/explicit-lab.ts";

test("a subnet is found by its CIDR, with its VLAN; all that ask in a run share one request", async (t) => {
  const lab = await ExplicitLab.start(t);
  const { subnet, subnets, vlan, fabric } = lookupWith(() => Promise.resolve(lab.services.client));
  const [found] = await Promise.all([subnet("172.16.0.0/20"), subnet("172.16.0.0/20"), subnets()]);
  assert.deepEqual(
    [found.id, found.gateway, found.vlan.id, found.vlan.fabric, found.vlan.space],
    ["1", "172.16.0.1", "1", "fabric-0", undefined],
  );
  await Promise.all([vlan("fabric-0", 0), fabric("fabric-0")]);
  assert.deepEqual(
    lab.requests.filter((request) => !request.includes("version")),
    ["GET subnets/", "GET fabrics/"],
  );
});

test("racks say which VLANs they see, images which series there are", async (t) => {
  const lab = await ExplicitLab.start(t);
  const { rack, images } = lookupWith(() => Promise.resolve(lab.services.client));
  assert.deepEqual(await rack(), { id: "xq6mwh", hostname: "main", addresses: ["172.16.0.3"], vlans: ["1"] });
  const found = await images();
  assert.ok(found.some(({ series, architecture }) => series === "jammy" && architecture === "amd64"));
  assert.equal(new Set(found.map(({ name }) => name)).size, found.length);
});

test("machines are found by what MAAS can filter by, never all of them", async (t) => {
  const lab = await ExplicitLab.start(t);
  for (const n of ["1", "2"]) {
    await lab.admin.machines.create({
      hostname: `nuc${n}`,
      architecture: "amd64/generic",
      mac_addresses: [`1c:69:7a:00:00:0${n}`],
      commission: false,
      power_type: "manual",
    });
  }
  const { machine, machines } = lookupWith(() => Promise.resolve(lab.services.client));
  const found = await machine("nuc2");
  assert.deepEqual([found.status, found.macAddresses, found.pool], ["New", ["1c:69:7a:00:00:02"], "default"]);
  assert.deepEqual((await machines({ status: "new" })).map(({ hostname }) => hostname).sort(), ["nuc1", "nuc2"]);
  assert.deepEqual(await machines({ hostname: "nuc9" }), []);
  await assert.rejects(machines({}), /needs a filter/);
});

test("what is not there says what is, without a stack", async (t) => {
  const lab = await ExplicitLab.start(t);
  const { subnet, machine, vlan, machines } = lookupWith(() => Promise.resolve(lab.services.client));
  const failure: unknown = await subnet("10.9.0.0/24").catch((error: unknown) => error);
  assert.ok(pulumi.RunError.isInstance(failure));
  assert.match(failure.message, /There is no subnet 10\.9\.0\.0\/24 in MAAS; it has 172\.16\.0\.0\/20\./);
  await assert.rejects(machine("nuc9"), /There is no machine nuc9 in MAAS\./);
  await assert.rejects(vlan("fabric-0", 20), /no VLAN 20 in fabric fabric-0 in MAAS; it has 0 in fabric-0/);
  await assert.rejects(machines({ tags: ["none"] }), /Looking up machines with .*: MAAS refuses listing machines/);
});

test("a program's own look-up is an input that a preview knows, with the providers' URL and key", async (t) => {
  const lab = await ExplicitLab.start(t);
  const declared: Record<string, unknown>[] = [];
  await pulumi.runtime.setMocks({
    newResource: ({ inputs, name }) => {
      declared.push(inputs as Record<string, unknown>);
      return { id: name, state: inputs as object };
    },
    call: () => ({}),
  });
  pulumi.runtime.setAllConfig({ "metalform:maasUrl": lab.lab.maasUrl, "metalform:maasKey": lab.lab.adminKey });
  for (const name of ["METALFORM_MAAS_URL", "METALFORM_MAAS_KEY"]) Reflect.deleteProperty(process.env, name);
  const found = lookup.subnet("172.16.0.0/20");
  const subnet = new Subnet("lan", { cidr: "10.9.0.0/24", vlan: found.then(({ vlan }) => vlan.id) });
  await new Promise((resolve) => subnet.id.apply(resolve));
  assert.equal(declared[0]?.["vlan"], "1");
});
