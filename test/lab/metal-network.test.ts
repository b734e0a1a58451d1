/** What a booted machine and main are given of MAAS's tables. */
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { it } from "node:test";
import { parse } from "yaml";
import { writeSshConfig } from "../../lab/metal/bastion.ts";
import { cablesOf, nicLines } from "../../lab/metal/cables.ts";
import { netplanOf } from "../../lab/metal/netplan.ts";
import { addressesOf, dhcpHosts, dnsHosts, dnsmasqConfig } from "../../lab/metal/rack-config.ts";
import { Region } from "../support/region.ts";

async function deployed() {
  const region = new Region();
  const id = await region.ready("nuc1");
  const [card] = (await region.machine(id)).interface_set;
  const interfaces = `nodes/${id}/interfaces/`;
  const bridge = { name: "br-ex", parent: String(card?.id), bridge_type: "ovs" };
  const reply = await region.ask("POST", interfaces, "create_bridge", bridge);
  const link = { mode: "STATIC", subnet: "1", ip_address: "172.16.0.11" };
  const { id: bridgeId } = reply.body as { id: number };
  assert.equal((await region.ask("POST", `${interfaces}${String(bridgeId)}/`, "link_subnet", link)).status, 200);
  await region.does(id, "deploy");
  const machine = region.state.machines[id];
  assert.ok(machine);
  return { state: region.state, machine };
}

interface Netplan {
  network: { ethernets: Record<string, unknown>; bridges: Record<string, Record<string, unknown>> };
}

it("writes the netplan of MAAS, less what a veth cannot be asked for", async () => {
  const { state, machine } = await deployed();
  const { network } = parse(netplanOf(state, machine)) as Netplan;
  assert.deepEqual(network.ethernets, { enp1s0: { "accept-ra": false, "link-local": [], mtu: 1500 } });
  const bridge = network.bridges["br-ex"];
  assert.deepEqual(bridge?.["addresses"], ["172.16.0.11/20"]);
  assert.deepEqual(bridge["interfaces"], ["enp1s0"]);
  assert.deepEqual(bridge["openvswitch"], {});
  assert.deepEqual(bridge["routes"], [{ to: "default", via: "172.16.0.1" }]);
  assert.deepEqual(bridge["nameservers"], { addresses: ["172.16.0.3"], search: ["maas"] });
});

it("plugs cards in by their fabric, under the names that MAAS has for them", async () => {
  const { state, machine } = await deployed();
  assert.equal(nicLines(cablesOf(state, machine, "installed")), "enp1s0 52:54:00:00:00:01 fabric0");
  const [id = 0] = machine.interfaceIds;
  const card = state.interfaces[id];
  assert.ok(card);
  Object.assign(card, { name: "lan0", vlanId: null });
  assert.equal(
    nicLines(cablesOf(state, machine, "installed")),
    "lan0 52:54:00:00:00:01 fabric0",
    "it boots from there",
  );
  machine.bootInterfaceId = null;
  machine.interfaceIds = [...machine.interfaceIds];
  assert.equal(nicLines(cablesOf(state, machine, "ephemeral")), "enp1s0 52:54:00:00:00:01 fabric0");
});

it("makes main the rack controller and the gateways of its subnets", async () => {
  const { state } = await deployed();
  assert.deepEqual(addressesOf(state), ["172.16.0.3/20", "172.16.0.1/20"]);
  const subnet = state.subnets[1];
  assert.ok(subnet);
  subnet.gatewayIp = "172.16.0.3";
  assert.deepEqual(addressesOf(state), ["172.16.0.3/20"]);
});

it("answers DHCP and DNS by MAAS's tables", async () => {
  const { state } = await deployed();
  assert.match(dhcpHosts(state), /^52:54:00:00:00:01,172\.16\.\d+\.\d+,nuc1\n$/);
  assert.equal(dnsHosts(state), "172.16.0.3 main.maas\n172.16.0.11 nuc1.maas\n");
  const config = dnsmasqConfig(state, "/run/x");
  assert.match(config, /^dhcp-range=set:subnet1,172\.16\.0\.0,static,255\.255\.240\.0$/m);
  assert.match(config, /^dhcp-option=tag:subnet1,option:router,172\.16\.0\.1$/m);
  assert.match(config, /^no-resolv$/m, "no question leaves the lab");
});

it("tells OpenSSH of each subnet by patterns that cover it", () => {
  const folder = mkdtempSync(join(tmpdir(), "metalform-ssh-"));
  const hosts = (networks: string[]): string => {
    const text = readFileSync(writeSshConfig(folder, 2222, networks, ["maas"]), "utf8");
    return /^Host (\d.*|\*\..*)$/m.exec(text)?.[1] ?? "";
  };
  assert.equal(hosts(["10.1.2.0/24"]), "10.1.2.* *.maas");
  assert.equal(hosts(["10.1.0.0/16"]), "10.1.* *.maas");
  assert.equal(hosts(["10.1.4.0/22"]), "10.1.4.* 10.1.5.* 10.1.6.* 10.1.7.* *.maas");
  assert.equal(hosts(["10.1.2.64/26"]), "10.1.2.* *.maas", "ssh knows no parts of an octet");
  rmSync(folder, { recursive: true });
});
