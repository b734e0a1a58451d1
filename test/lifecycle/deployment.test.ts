import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { Lifecycle } from "../../providers/core/lifecycle.ts";
import { deployment } from "../../providers/maas/deployment.ts";
import { interfaceLink } from "../../providers/maas/interface-link.ts";
import { ovsBridge } from "../../providers/maas/ovs-bridge.ts";
import type { MaasServices } from "../../providers/maas/services.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";
import { deployable } from "../support/deployable.ts";
import { ask } from "../support/lab-request.ts";

const KIND = "maas:Deployment";

test("a Ready machine is allocated, deployed, and ours by its mark and by what people read", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const { outs } = await provider.create(await make());
  const found = await lab.machine(id);
  assert.equal(found.status_name, "Deployed");
  assert.equal(found.distro_series, "jammy");
  assert.deepEqual(found.owner_data, {
    "deployed-by": "metalform",
    stack: "metalform/dev",
    "metalform-mark": outs["mark"],
  });
  const marked = await lab.admin.machines.list({ agent_name: [String(outs["mark"])] });
  assert.deepEqual(
    marked.map((m) => m.system_id),
    [id],
  );
  assert.deepEqual(outs["addresses"], found.ip_addresses);
  assert.deepEqual(lab.writes(), [
    "POST machines/ allocate",
    `POST machines/${id}/ deploy`,
    `POST machines/${id}/ set_workload_annotations`,
  ]);
});

test("creating it again changes nothing: what a crash left is gone on with", async (t) => {
  const { lab, provider, make } = await deployable(t);
  const first = await provider.create(await make());
  lab.writes();
  const second = await provider.create(await make());
  assert.deepEqual(second.id, first.id);
  assert.deepEqual(lab.writes(), []);
});

test("a crash between allocate and deploy is gone on with", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const inputs = await make();
  const { outs } = await provider.create(inputs);
  await provider.delete(id, outs);
  await lab.admin.machines.allocate({ system_id: id, agent_name: String(outs["mark"]) });
  lab.writes();
  await provider.create(inputs);
  assert.equal((await lab.machine(id)).status_name, "Deployed");
  assert.doesNotMatch(lab.writes().join(), /allocate/);
});

test("somebody else's machine is never taken", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  await lab.admin.machines.allocate({ system_id: id, agent_name: "theirs" });
  await assert.rejects(
    provider.create(await make()),
    /is Allocated, owned by admin, not by this stack: it is left alone/,
  );
  assert.deepEqual(lab.writes(), []);
});

test("another stack with the same name and the same key is somebody else", async (t) => {
  const { provider, make } = await deployable(t);
  await provider.create(await make());
  await assert.rejects(
    provider.create(await make({ stackId: "ffffffffffff" })),
    /owned by admin \(stack metalform\/dev\), not by this stack/,
  );
});

test("deleting it releases the machine, and waits until it is free; twice is no error", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const { outs } = await provider.create(await make());
  lab.writes();
  await provider.delete(id, outs);
  const found = await lab.machine(id);
  assert.equal(found.status_name, "Ready");
  assert.equal(found.owner, null);
  assert.deepEqual(lab.writes(), [`POST machines/${id}/ release`]);
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("a machine that somebody else took meanwhile is not released", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const { outs } = await provider.create(await make());
  await lab.admin.machines.release(id);
  await lab.admin.machines.allocate({ system_id: id, agent_name: "theirs" });
  lab.writes();
  await provider.delete(id, outs);
  assert.equal((await lab.machine(id)).status_name, "Allocated");
  assert.deepEqual(lab.writes(), []);
  assert.match(lab.warnings.join("\n"), /It is left alone/);
});

test("a locked machine is not released, and says how", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const { outs } = await provider.create(await make());
  await lab.admin.machines.lock(id);
  await assert.rejects(provider.delete(id, outs), /is locked in MAAS\. Unlock it/);
  assert.equal((await lab.machine(id)).status_name, "Deployed");
});

test("a machine released behind our back is gone from the state, so that the next up deploys it again", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const { outs } = await provider.create(await make());
  assert.equal((await provider.read(id, outs)).id, id);
  await lab.admin.machines.release(id);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("a failed deployment stays ours, shows the log, and is released and deployed anew by the next run", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  lab.outcomes.deploy = "deploy-fail";
  const inputs = await make();
  const failure = await provider
    .create(inputs)
    .catch((error: unknown) => error as Error & { id: string; properties: Record<string, unknown> });
  assert.ok(failure instanceof Error);
  assert.match(failure.message, /became Failed deployment while deploying jammy\. MAAS says: Installation failed/);
  assert.match(failure.message, /\/tmp\/install\.log/);
  assert.equal(failure.id, id);

  lab.outcomes.deploy = "deploy-ok";
  lab.writes();
  await provider.update(id, failure.properties, inputs);
  assert.equal((await lab.machine(id)).status_name, "Deployed");
  assert.deepEqual(lab.writes().slice(0, 3), [
    `POST machines/${id}/ release`,
    "POST machines/ allocate",
    `POST machines/${id}/ deploy`,
  ]);
});

test("another series redeploys, and the preview says what that costs", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const { outs } = await provider.create(await make());
  const diff = await provider.diff(id, outs, await make({ series: "noble" }));
  assert.deepEqual(diff, { changes: true, replaces: ["series"], deleteBeforeReplace: true });
  assert.match(lab.notes.join("\n"), /series: redeploys the machine: .* what is on its disks is lost/);
});

test("timeouts change nothing on the machine", async (t) => {
  const { provider, make, id } = await deployable(t);
  const { outs } = await provider.create(await make());
  assert.equal((await provider.diff(id, outs, await make({ deployTimeout: "1 hour" }))).changes, false);
});

test("user-data and keys reach the machine in one text", async (t) => {
  const { lab, provider, make } = await deployable(t);
  const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA you@laptop";
  await provider.create(await make({ userData: "#cloud-config\npackages: [git]\n", sshKeys: [key] }));
  assert.ok(lab.writes().some((request) => request.endsWith("deploy")));
});

test("what a create left behind is found by its mark only", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  assert.equal(await provider.leftBehind(await make()), undefined);
  await provider.create(await make());
  assert.equal((await provider.leftBehind(await make()))?.id, id);
  assert.equal(await provider.leftBehind(await make({ stackId: "ffffffffffff" })), undefined);
  assert.ok(lab.requests.length > 0);
});

test("a release whose power action fails is asked for again, and the machine is not given up", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const { outs } = await provider.create(await make());
  await lab.admin.machines.update(id, { power_parameters: { power_address: "192.0.2.99" } });
  await assert.rejects(provider.delete(id, outs), /was not released: .*Check its power address and password/);
  assert.equal((await provider.read(id, outs)).id, id, "it stays in the state");
  await lab.admin.machines.update(id, { power_parameters: { power_address: "172.16.14.200" } });
  await provider.delete(id, outs);
  assert.equal((await lab.machine(id)).status_name, "Ready");
});

/** The machine's static address on its card, which an acquired bridge takes over. */
async function linked(lab: ExplicitLab, machineId: string, address: string): Promise<string> {
  const mac = (await lab.machine(machineId)).interface_set[0]?.mac_address;
  const provider = lab.provider(interfaceLink);
  const inputs = { machine: machineId, macAddress: mac, subnet: "172.16.0.0/20", address };
  await provider.create(await checked(provider, "maas:InterfaceLink", `link ${address}`, inputs));
  lab.requests.splice(0);
  return mac ?? "";
}

const layoutOf = async (lab: ExplicitLab, machineId: string) =>
  (await lab.machine(machineId)).interface_set.map(({ name, type, params, links }) => [
    name,
    type === "bridge" && params !== "" ? params.bridge_type : type,
    links.map(({ ip_address: ip }) => ip ?? "").join(),
  ]);

test("its own bridges are made between allocating and deploying, and are gone when it is released", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const mac = await linked(lab, id, "172.16.0.31");
  const { outs } = await provider.create(await make({ acquiredBridges: [{ name: "br-ex", macAddress: mac }] }));
  assert.deepEqual(await layoutOf(lab, id), [
    ["enp1s0", "physical", ""],
    ["br-ex", "ovs", "172.16.0.31"],
  ]);
  assert.equal(lab.requests.filter((request) => request.endsWith("get_curtin_config")).length, 1);
  assert.deepEqual(
    lab.writes().map((write) => write.split(" ").at(-1)),
    ["allocate", "create_bridge", "deploy", "set_workload_annotations"],
  );
  assert.doesNotMatch(JSON.stringify(outs), /consumer_key|token_secret/);
  assert.deepEqual((await provider.read(id, outs)).props?.["acquiredBridges"], outs["acquiredBridges"]);
  await provider.delete(id, outs);
  assert.deepEqual(await layoutOf(lab, id), [["enp1s0", "physical", "172.16.0.31"]]);
});

test("a crash between bridge and deploy is gone on with, and so is one after deploying", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const mac = await linked(lab, id, "172.16.0.32");
  const inputs = await make({ acquiredBridges: [{ name: "br-ex", macAddress: mac }] });
  const first = await provider.create(inputs);
  await provider.delete(id, first.outs);
  await lab.admin.machines.allocate({ system_id: id, agent_name: String(first.outs["mark"]) });
  const card = (await lab.machine(id)).interface_set[0]?.id ?? 0;
  await lab.admin.interfaces.createBridge(id, { name: "br-ex", parent: card, bridge_type: "ovs" });
  lab.writes();
  await provider.create(inputs);
  assert.deepEqual(
    lab.writes().map((write) => write.split(" ").at(-1)),
    ["deploy", "set_workload_annotations"],
  );
  await provider.create(inputs);
  assert.deepEqual(lab.writes(), []);
});

test("a machine without an OVS bridge is not asked what was rendered for it", async (t) => {
  const { lab, provider, make } = await deployable(t);
  await provider.create(await make());
  assert.doesNotMatch(lab.requests.join(), /get_curtin_config/);
});

test("a bridge of its own takes the choice of the default gateway along", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const mac = await linked(lab, id, "172.16.0.33");
  const card = (await lab.machine(id)).interface_set[0];
  assert.ok(card?.vlan);
  const subnet = { cidr: "10.9.0.0/24", vlan: String(card.vlan.id), gateway_ip: "10.9.0.1" };
  await ask(lab.lab, "POST", "subnets/", { form: subnet });
  await lab.admin.interfaces.linkSubnet(id, card.id, {
    mode: "STATIC",
    subnet: "cidr:10.9.0.0/24",
    ip_address: "10.9.0.33",
    default_gateway: true,
  });
  const bridge = { name: "br-ex", macAddress: mac, defaultGateway: "10.9.0.0/24" };
  await provider.create(await make({ acquiredBridges: [bridge] }));
  const { default_gateways: gateways, interface_set: set } = await lab.machine(id);
  assert.equal(set[1]?.links.find((link) => link.id === gateways.ipv4.link_id)?.ip_address, "10.9.0.33");
});

test("a changed bridge of its own redeploys, one that is as before does not", async (t) => {
  const { lab, provider, make, id } = await deployable(t);
  const mac = await linked(lab, id, "172.16.0.34");
  const { outs } = await provider.create(await make({ acquiredBridges: [{ name: "br-ex", macAddress: mac }] }));
  const again = await make({ acquiredBridges: [{ name: "br-ex", macAddress: mac.toUpperCase(), type: "ovs" }] });
  assert.equal((await provider.diff(id, outs, again)).changes, false);
  const other = await make({ acquiredBridges: [{ name: "br-ovn", macAddress: mac }] });
  assert.deepEqual((await provider.diff(id, outs, other)).replaces, ["acquiredBridges"]);
});

test("bridges of its own that cannot be are told at preview", async (t) => {
  const { lab, provider } = await deployable(t);
  const check = async (acquiredBridges: unknown) =>
    (
      await provider.check({}, { machine: "abc123", stackId: "s", acquiredBridges, __urn: urnOf(KIND, "bad bridges") })
    ).failures
      .map(({ property, reason }) => `${property} ${reason}`)
      .join("\n");
  assert.match(await check("br-ex"), /acquiredBridges must be a list/);
  const macAddress = "1c:69:7a:00:02:f0";
  const twice = await check([
    { name: "br-ex", macAddress },
    { name: "br-ex", macAddress, typ: "ovs" },
  ]);
  assert.match(twice, /acquiredBridges\[1\]\.name "br-ex" is another one's already/);
  assert.match(twice, /acquiredBridges\[1\]\.macAddress "1c:69:7a:00:02:f0" is another one's already/);
  assert.match(twice, /acquiredBridges\[1\]\.typ is not known here; did you mean "type"/);
  const bridges = lab.provider(ovsBridge);
  const permanent = { machine: "abc123", macAddress, name: "br-p", __urn: urnOf("maas:OvsBridge", "permanent") };
  const { failures } = await bridges.check({}, permanent);
  assert.match(failures.map(({ reason }) => reason).join(), /is under bad bridges already/);
});

/** All writes of five machines, from Ready to Deployed, with their address where `way` puts it. */
async function writesOfFive(t: TestContext, way: "card" | "machine" | "deployment"): Promise<number> {
  const lab = await ExplicitLab.start(t);
  const [links, bridges, deployments] = [interfaceLink, ovsBridge, deployment].map((kind) =>
    lab.provider(kind as Lifecycle<MaasServices, object, object>),
  );
  assert.ok(links && bridges && deployments);
  for (const n of [1, 2, 3, 4, 5]) {
    const macAddress = `1c:69:7a:0${String(way.length % 10)}:06:0${String(n)}`;
    const machineId = await lab.readyMachine(macAddress);
    const name = `five ${way} ${String(n)}`;
    const card = { machine: machineId, macAddress };
    const bridge =
      way === "machine"
        ? await bridges.create(await checked(bridges, "maas:OvsBridge", name, { ...card, name: "br-ex" }))
        : undefined;
    const address = `172.16.${String(way.length)}.${String(n)}`;
    const link = {
      ...(bridge ? { interface: bridge.id } : card),
      subnet: "172.16.0.0/20",
      address,
      defaultGateway: true,
    };
    await links.create(await checked(links, "maas:InterfaceLink", name, link));
    const acquiredBridges =
      way === "deployment" ? [{ name: "br-ex", macAddress, defaultGateway: "172.16.0.0/20" }] : [];
    const inputs = { machine: machineId, stackId: "five", staticAddresses: [address], acquiredBridges };
    await deployments.create(await checked(deployments, KIND, name, inputs));
    const { interface_set: set, ip_addresses: addresses } = await lab.machine(machineId);
    assert.deepEqual(addresses, [address]);
    assert.equal(
      set.some(({ type }) => type === "bridge"),
      way !== "card",
    );
  }
  return lab.writes().length;
}

test("OVS bridges on five machines cost at most twelve writes more than none, whichever kind", async (t) => {
  const without = await writesOfFive(t, "card");
  assert.equal(await writesOfFive(t, "machine"), without);
  assert.equal(await writesOfFive(t, "deployment"), without + 5);
});
