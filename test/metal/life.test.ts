/** The life of one machine that really boots, from its MAC address to a lab that was killed, and nothing that is left. */
import assert from "node:assert/strict";
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { after, before, it } from "node:test";
import { leftOf, tracesOf } from "../support/lab-traces.ts";
import { MetalLab } from "../support/metal-lab.ts";

const lab = new MetalLab();
const address = "172.16.0.11";
const subnet = "172.16.0.0/20";

let watch: ChildProcess;
/** The number of a process that never was. */
const dead = "99999999";

let id = "";
let second = "";

before(async () => {
  // What a lab leaves that was killed together with its reaper.
  mkdirSync(`/tmp/metalform-metal-${dead}-x`, { recursive: true });
  execFileSync("ip", ["route", "replace", "blackhole", "198.51.100.128/32", "metric", dead, "proto", "201"]);
  watch = spawn("python3", [join(import.meta.dirname, "../support/uplink-watch.py"), subnet, "198.51.100.0/24"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => watch.stdout?.once("data", resolve));
  await lab.start();
});

after(async () => {
  watch.kill("SIGKILL");
  await lab.remove();
});

it("takes away what a lab has left that died together with its reaper", () => {
  assert.equal(existsSync(`/tmp/metalform-metal-${dead}-x`), false);
  assert.doesNotMatch(execFileSync("ip", ["route", "show"], { encoding: "utf8" }), new RegExp(dead));
});

interface Result {
  name: string;
  stdout: string;
  output: string;
}

const text = (base64: string | undefined): string => Buffer.from(base64 ?? "", "base64").toString("utf8");

async function enlist(hostname: string, mac: string, amt: string): Promise<string> {
  const power = { power_type: "amt", power_parameters_power_address: amt, power_parameters_power_pass: "p" };
  const form = { architecture: "amd64/generic", mac_addresses: mac, hostname, commission: "false", ...power };
  return ((await lab.maas("POST", "machines/", { form })) as { system_id: string }).system_id;
}

it("commissions a machine by booting it, and runs an uploaded script on it", async () => {
  const script =
    "#!/bin/sh\n# --- Start MAAS 1.0 script metadata ---\n# name: who-am-i\n# script_type: commissioning\n# --- End MAAS 1.0 script metadata ---\nhostname -f; ip -4 -o addr show scope global\n";
  await lab.maas("POST", "scripts/", { form: { name: "who-am-i", script, type: "commissioning" } });
  const enlisted = (await lab.maas("POST", "machines/", {
    form: {
      ...{
        architecture: "amd64/generic",
        mac_addresses: "52:54:00:12:34:56",
        hostname: "server1",
        commission: "false",
      },
      ...{ power_type: "amt", power_parameters_power_address: "172.16.15.1", power_parameters_power_pass: "p" },
    },
  })) as { system_id: string };
  id = enlisted.system_id;
  await lab.op(id, "commission", { commissioning_scripts: "who-am-i" });
  const ready = await lab.until(id, "Ready", ({ status }) => status !== 1 && status !== 21);
  assert.equal(ready.status_name, "Ready");
  assert.equal(ready.interface_set[0]?.name, "enp1s0");
  assert.deepEqual([ready.cpu_count, ready.memory], [4, 16384], "declared hardware, not this computer's");

  const set = (await lab.maas("GET", `nodes/${id}/results/current-commissioning/`, {
    query: { include_output: "true" },
  })) as { results: Result[] };
  const output = (name: string): string => text(set.results.find((result) => result.name === name)?.output);
  const [discovered] = ready.ip_addresses;
  assert.ok(discovered, "DHCP gave it an address");
  assert.match(output("who-am-i"), /^server1\.maas\n/);
  assert.ok(output("who-am-i").includes(`${discovered}/20`), output("who-am-i"));
  assert.match(output("maas-support-info"), new RegExp(execFileSync("uname", ["-r"], { encoding: "utf8" }).trim()));
  assert.ok(text(set.results.find(({ name }) => name === "50-maas-01-commissioning")?.stdout).includes(discovered));

  await lab.until(id, "power off by itself", ({ power_state }) => power_state === "off");
});

it("deploys it with an Open vSwitch bridge that has its address, and with what cloud-init was told", async () => {
  const [card] = (await lab.machine(id)).interface_set;
  assert.ok(card);
  const interfaces = `nodes/${id}/interfaces/`;
  const bridge = (await lab.maas("POST", interfaces, {
    form: { op: "create_bridge", name: "br-ex", parent: String(card.id), bridge_type: "ovs" },
  })) as { id: number };
  await lab.maas("POST", `${interfaces}${String(bridge.id)}/`, {
    form: { op: "link_subnet", mode: "STATIC", subnet: `cidr:${subnet}`, ip_address: address },
  });
  const userData =
    "#cloud-config\nwrite_files:\n  - {path: /etc/said, content: hello}\nruncmd:\n  - [touch, /var/ran]\n";
  await lab.op(id, "deploy", { distro_series: "jammy", user_data: Buffer.from(userData).toString("base64") });
  await lab.until(id, "Deployed", ({ status }) => status !== 9);
  assert.equal((await lab.machine(id)).status_name, "Deployed");

  assert.equal(await lab.sshWhenUp(address, "whoami"), "ubuntu");
  assert.match(await lab.ssh(address, "cloud-init status --wait"), /status: done/);
  assert.equal(await lab.ssh(address, "cat /etc/said; ls /var/ran"), "hello/var/ran");
  assert.equal(await lab.ssh(address, "hostname -f"), "server1.maas");
  assert.match(await lab.ssh(address, ". /etc/os-release; echo $ID $VERSION_CODENAME"), /^ubuntu jammy$/);
  assert.equal(await lab.ssh(address, "sudo ovs-vsctl list-br; sudo ovs-vsctl list-ports br-ex"), "br-ex\nenp1s0");
  assert.match(await lab.ssh(address, "ip -4 -o addr show scope global"), new RegExp(`br-ex\\s+inet ${address}/20`));
  assert.equal(await lab.ssh(address, "systemctl is-system-running --wait"), "running");
});

it("gives it names, a way through main, and SSH by its name", async () => {
  assert.equal(await lab.ssh("server1.maas", "getent hosts main.maas | cut -d ' ' -f 1"), "172.16.0.3");
  // MAAS is there for it, the lab's own routes are not.
  const answers =
    "curl -s -o /dev/null -w '%{http_code} ' http://172.16.0.3:5240/MAAS/api/version/ http://172.16.0.3:5240/lab/machines";
  assert.equal(await lab.ssh(address, answers), "200 404");
  // What stands for the world beyond main answers, by way of main.
  await lab.ssh(address, "ping -c 1 -W 5 198.51.100.1");
});

/** Reboots a machine, and waits until it answers from another boot than before. */
async function reboot(host: string): Promise<void> {
  const bootedAt = "cut -d ' ' -f 22 /proc/1/stat";
  const before = await lab.ssh(host, bootedAt);
  // The connection goes with the machine.
  await lab.ssh(host, "sudo systemctl reboot").catch(() => undefined);
  while ((await lab.sshWhenUp(host, bootedAt)) === before);
}

it("comes back by itself after a reboot", async () => {
  await reboot(address);
  const machine = await lab.machine(id);
  assert.deepEqual([machine.status_name, machine.power_state], ["Deployed", "on"]);
  assert.match(await lab.ssh(address, "sudo ovs-vsctl list-br"), /^br-ex$/);
});

it("is reached again after main has rebooted, by its name", async () => {
  await reboot("main");
  assert.equal(await lab.sshWhenUp("server1.maas", "hostname"), "server1");
});

it("loses its power when MAAS cuts it, and keeps its disk", async () => {
  await lab.ssh(address, "echo kept | sudo tee /root/kept");
  await lab.op(id, "power_off");
  await lab.until(id, "power off", ({ power_state }) => power_state === "off");
  await assert.rejects(lab.ssh(address, "true"));
  await lab.op(id, "power_on");
  assert.equal(await lab.sshWhenUp(address, "sudo cat /root/kept"), "kept");
  assert.equal((await lab.machine(id)).status_name, "Deployed");
});

it("sends nothing to its addresses from this computer, not even when somebody tries", async () => {
  const failure = await new Promise<NodeJS.ErrnoException | undefined>((resolve) => {
    const socket = connect({ host: address, port: 22 });
    socket.once("error", resolve);
    socket.once("connect", () => {
      resolve(undefined);
    });
  });
  assert.equal(failure?.code, "EINVAL", "the guard route refuses it at once");
});

it("leaves nothing on this computer when the lab is killed", async () => {
  second = await enlist("server2", "52:54:00:12:34:57", "172.16.15.2");
  await lab.op(second, "commission");
  const traces = tracesOf(lab.pid);
  const counts = Object.entries<string[]>({ ...traces }).map(([kind, found]): [string, boolean] => [
    kind,
    found.length > 0,
  ]);
  const seen = { cgroups: true, folders: true, mounts: false, networks: true, processes: true, routes: true };
  assert.deepEqual(Object.fromEntries(counts), seen, "there is something to be left, but no mount in this namespace");
  await lab.end("SIGKILL");
  assert.deepEqual(await leftOf(lab.pid, traces), []);
});

it("finds its machines again as after a power cut, goes on, and gives them back", async () => {
  await lab.start();
  assert.equal(await lab.sshWhenUp(address, "sudo cat /root/kept"), "kept");
  await lab.until(second, "Ready after its commissioning was cut off", ({ status }) => status === 4);
  await lab.op(second, "deploy", { distro_series: "noble" });
  const [automatic] = (await lab.until(second, "Deployed", ({ status }) => status !== 9)).ip_addresses;
  assert.ok(automatic, "MAAS has given it an address");
  assert.match(await lab.sshWhenUp("server2.maas", "ip -4 -o addr show enp1s0"), new RegExp(`inet ${automatic}/20`));
  await lab.op(second, "release");
  await lab.until(second, "Ready", ({ status }) => status === 4);
  await lab.op(id, "release");
  const released = await lab.until(id, "Ready", ({ status }) => status === 4);
  assert.deepEqual([released.power_state, released.owner], ["off", null]);
  const disks = join(lab.folder, "metal", "disks");
  for (let looks = 0; readdirSync(disks).length > 1 && looks < 1000; looks++) await sleep(20);
  assert.deepEqual(readdirSync(disks), ["main"]);
});

it("leaves nothing when the lab is stopped, and nothing was sent out meanwhile", async () => {
  const traces = tracesOf(lab.pid);
  await lab.end("SIGTERM");
  assert.deepEqual(await leftOf(lab.pid, traces), []);
  watch.kill("SIGTERM");
  const counted = await new Promise((resolve) =>
    watch.stdout?.once("data", (chunk: Buffer) => {
      resolve(chunk.toString("utf8").trim());
    }),
  );
  assert.equal(counted, "0", "frames to the lab's addresses on this computer's network cards");
});
