/** What the program asks of MAAS before it declares anything, answered by the lab. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { survey } from "../../providers/maas/survey.ts";
import type { SurveyWish } from "../../providers/maas/survey.ts";
import { ExplicitLab } from "../support/explicit-lab.ts";

const MAC = "1c:69:7a:00:00:01";
const wish: SurveyWish = {
  stack: "metalform/dev",
  cidr: "172.16.0.0/20",
  macs: [MAC],
  hostnames: ["server1"],
  images: ["ubuntu/jammy"],
};

test("a new region: its rack, its subnet and its images, and nobody's machine", async (t) => {
  const lab = await ExplicitLab.start(t);
  lab.requests.length = 0;
  const seen = await survey(lab.services.client, wish);
  assert.equal(seen.user, "admin");
  assert.deepEqual(seen.machines, []);
  assert.deepEqual(
    seen.subnets.map(({ cidr, gateway, dhcpOn }) => ({ cidr, gateway, dhcpOn })),
    [{ cidr: "172.16.0.0/20", gateway: "172.16.0.1", dhcpOn: false }],
  );
  assert.deepEqual(seen.racks, [{ hostname: "main", addresses: ["172.16.0.3"], vlanIds: [seen.subnets[0]?.vlanId] }]);
  assert.deepEqual(
    seen.addresses.map(({ address, kind, holder }) => ({ address, kind, holder })),
    [{ address: "172.16.0.3", kind: "rack", holder: "main" }],
  );
  assert.ok(seen.images.some(({ name, complete }) => name === "ubuntu/jammy" && complete));
  assert.equal(seen.importing, false);
  // Two images of jammy, one a kernel.
  assert.equal(lab.requests.length, 13, lab.requests.join("\n"));
  assert.deepEqual(lab.writes(), []);
});

test("machines by MAC or name, with whose they are and what is over their cards; addresses with who has them", async (t) => {
  const lab = await ExplicitLab.start(t);
  const enlist = (hostname: string, mac: string, bmc: string) =>
    lab.admin.machines.create({
      hostname,
      architecture: "amd64/generic",
      mac_addresses: [mac],
      commission: false,
      power_type: "amt",
      power_parameters: { power_address: bmc, power_pass: "planted-amt-password" },
    });
  const { system_id: id } = await enlist("nuc9", MAC, "172.16.15.1");
  await enlist("server1", "1c:69:7a:00:00:99", "172.16.15.99");
  await lab.admin.machines.commission(id, { testing_scripts: "none" });
  await lab.boot(id, "commission-ok");
  const card = (await lab.machine(id)).interface_set[0];
  await lab.admin.interfaces.createBridge(id, { name: "br-ex", parent: card?.id ?? 0, bridge_type: "ovs" });
  await lab.admin.machines.allocate({ system_id: id, agent_name: "theirs" });
  await lab.admin.machines.setWorkloadAnnotations(id, { stack: "metalform/prod" });
  await lab.admin.ipRanges.create({
    type: "dynamic",
    start_ip: "172.16.14.1",
    end_ip: "172.16.14.9",
    comment: "",
    subnet: 1,
  });

  const seen = await survey(lab.services.client, wish);
  const found = seen.machines.find(({ systemId }) => systemId === id);
  assert.deepEqual(
    { status: found?.status, owner: found?.owner, stack: found?.stack, locked: found?.locked },
    { status: "Allocated", owner: "admin", stack: "metalform/prod", locked: false },
  );
  assert.deepEqual(found?.cards, [{ name: "enp1s0", mac: MAC, children: [{ name: "br-ex", type: "bridge" }] }]);
  assert.deepEqual(seen.machines.map(({ hostname }) => hostname).sort(), ["nuc9", "server1"]);
  assert.deepEqual(seen.ranges, [{ type: "dynamic", start: "172.16.14.1", end: "172.16.14.9", subnetId: 1 }]);
  const bmc = seen.addresses.find(({ address }) => address === "172.16.15.1");
  assert.deepEqual(bmc, { address: "172.16.15.1", kind: "bmc", holder: "nuc9", systemId: id, passing: false });
});
