/**
 * Interfaces, links and disks of a machine, with the process killed before and after each request that it makes: the next run
 * makes what the first would have made, and deleting that gives back what was there before the first.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import type { AnyLifecycle, DynamicProvider } from "../../providers/core/dispatch.ts";
import { untyped } from "../../providers/core/dispatch.ts";
import { bond } from "../../providers/maas/bond.ts";
import { bridge } from "../../providers/maas/bridge.ts";
import { interfaceLink } from "../../providers/maas/interface-link.ts";
import { networkInterface } from "../../providers/maas/network-interface.ts";
import { ovsBridge } from "../../providers/maas/ovs-bridge.ts";
import type { MaasServices } from "../../providers/maas/services.ts";
import { storageLayout } from "../../providers/maas/storage-layout.ts";
import { vlanInterface } from "../../providers/maas/vlan-interface.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";
import { ask } from "../support/lab-request.ts";

type Way = "before" | "after";

class Killed extends Error {}

/** Services whose n-th request is the last: from then on there is nobody any more who could ask. */
function mortal(services: MaasServices, n: number, way: Way): MaasServices {
  let asked = 0;
  let isDead = false;
  const guard =
    (call: (...args: unknown[]) => unknown) =>
    async (...args: unknown[]): Promise<unknown> => {
      if (isDead) throw new Killed("killed");
      asked += 1;
      isDead = asked === n;
      if (isDead && way === "before") throw new Killed("killed");
      const answer = await call(...args);
      if (isDead) throw new Killed("killed");
      return answer;
    };
  const wrap = (api: object): unknown =>
    new Proxy(api, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name);
        return typeof value === "function" ? guard((...args) => Reflect.apply(value, target, args) as unknown) : value;
      },
    });
  const client = new Proxy(services.client, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      return typeof value === "object" && value !== null ? wrap(value) : value;
    },
  });
  const machineById = guard((id) => services.machineById(String(id))) as MaasServices["machineById"];
  return { ...services, client, machineById };
}

interface Case {
  kind: string;
  lifecycle: AnyLifecycle<MaasServices>;
  inputs(rack: Rack): Record<string, unknown>;
}

interface Rack {
  machine: string;
  macAddresses: [string, string];
  /** Of each machine its own: all are of one process, and claims with it. */
  address: string;
}

const card = ({ machine, macAddresses: [macAddress] }: Rack) => ({ machine, macAddress });
const cases: Case[] = [
  {
    kind: "Bond",
    lifecycle: untyped(bond),
    inputs: ({ machine, macAddresses }) => ({ machine, macAddresses, name: "bond0", mtu: 9000 }),
  },
  { kind: "Bridge", lifecycle: untyped(bridge), inputs: (rack) => ({ ...card(rack), name: "br0", tags: ["a"] }) },
  {
    kind: "InterfaceLink",
    lifecycle: untyped(interfaceLink),
    inputs: (rack) => ({ ...card(rack), subnet: "172.16.0.0/20", address: rack.address, defaultGateway: true }),
  },
  {
    kind: "NetworkInterface",
    lifecycle: untyped(networkInterface),
    inputs: (rack) => ({ ...card(rack), name: "up0", mtu: 9000, tags: ["a", "b"] }),
  },
  { kind: "OvsBridge", lifecycle: untyped(ovsBridge), inputs: (rack) => ({ ...card(rack), name: "br-ex", mtu: 1400 }) },
  {
    kind: "StorageLayout",
    lifecycle: untyped(storageLayout),
    inputs: ({ machine }) => ({ machine, layout: "lvm", vgName: "vg0" }),
  },
  {
    kind: "VlanInterface",
    lifecycle: untyped(vlanInterface),
    inputs: (rack) => ({ ...card(rack), vid: 20, name: "vlan20", tags: ["a"] }),
  },
];

async function rackOf(lab: ExplicitLab, number: number): Promise<Rack> {
  const hex = number
    .toString(16)
    .padStart(4, "0")
    .replace(/(..)(..)/, "$1:$2");
  const macAddresses: [string, string] = [`1c:69:7a:d0:${hex}`, `1c:69:7a:d1:${hex}`];
  const machine = await lab.readyMachine(macAddresses[0]);
  const form = { mac_address: macAddresses[1], name: "enp2s0" };
  await ask(lab.lab, "POST", `nodes/${machine}/interfaces/`, { query: { op: "create_physical" }, form });
  const fabric = (await lab.machine(machine)).interface_set[0]?.vlan?.fabric_id ?? 0;
  if (!(await lab.admin.vlans.readByVid(fabric, 20))) await lab.admin.vlans.create(fabric, { vid: 20 });
  return { machine, macAddresses, address: `172.16.5.${String(number)}` };
}

/** Without what differs from machine to machine, and from one link to the next. */
async function shown(lab: ExplicitLab, { machine, address }: Rack) {
  const found = await lab.machine(machine);
  const interfaces = found.interface_set.map(({ name, type, parents, params, tags, vlan, links }) => ({
    name,
    type,
    parents,
    params,
    tags: [...tags].sort(),
    vlan: vlan?.id ?? null,
    links: links.map(
      (link) =>
        `${link.mode} ${link.ip_address === address ? "ours" : (link.ip_address ?? "")} ${link.subnet?.cidr ?? ""}`,
    ),
  }));
  const disks = found.physicalblockdevice_set.map(({ partitions, filesystem }) => ({
    filesystem,
    partitions: partitions.map(({ size, filesystem: on }) => [size, on?.mount_point]),
  }));
  return { interfaces, disks, groups: found.volume_groups.length, gateway: found.default_gateways.ipv4.gateway_ip };
}

let machines = 0;

async function survives(t: TestContext, { kind, lifecycle, inputs }: Case, way: Way): Promise<void> {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(lifecycle);
  const news = async (rack: Rack) =>
    checked(provider, `maas:${kind}`, `${kind} killed ${way} ${rack.machine}`, inputs(rack));
  const made: unknown[] = [];
  for (let n = 1; ; n++) {
    const rack = await rackOf(lab, ++machines);
    const before = await shown(lab, rack);
    const inputsOfRun = await news(rack);
    const first = await attempt(lab.provider(lifecycle, mortal(lab.services, n, way)).create(inputsOfRun));
    const whole = first ?? (await provider.create(inputsOfRun));
    made.push(await shown(lab, rack));
    const end = await deleteKilled(lab, provider, lifecycle, whole, n, way);
    assert.deepEqual(await shown(lab, rack), before, `${kind}, killed ${way} request ${String(n)}`);
    await lab.admin.machines.delete(rack.machine);
    if (first !== undefined && end) {
      assert.ok(n > 2, "it was killed at least twice");
      assert.notDeepEqual(made.at(-1), before);
      break;
    }
    assert.ok(n < 40, "it ends");
  }
  for (const [index, one] of made.entries())
    assert.deepEqual(one, made.at(-1), `killed ${way} request ${String(index + 1)}`);
}

/** @returns true when nothing was left to be killed */
async function deleteKilled(
  lab: ExplicitLab,
  provider: DynamicProvider,
  lifecycle: AnyLifecycle<MaasServices>,
  { id, outs }: { id: string; outs: Record<string, unknown> },
  n: number,
  way: Way,
): Promise<boolean> {
  const dying = lab.provider(lifecycle, mortal(lab.services, n, way));
  const end = await attempt(dying.delete(id, outs).then(() => true));
  if (end === undefined) await provider.delete(id, outs);
  return end === true;
}

/** Undefined when it was killed. */
async function attempt<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    assert.match((error as Error).message, /^killed$/);
    return undefined;
  }
}

for (const one of cases) {
  for (const way of ["before", "after"] as const) {
    test(`${one.kind}, killed ${way} each of its requests, is made by the next run and given back`, async (t) => {
      await survives(t, one, way);
    });
  }
}
