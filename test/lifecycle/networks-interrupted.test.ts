/**
 * A rack's network, some of it found and some of it made, interrupted after every single request in turn: whatever the
 * request, the next run goes on, and after a destroy MAAS is what it was, object by object.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { fabric } from "../../providers/maas/fabric.ts";
import { ipRange } from "../../providers/maas/ip-range.ts";
import { space } from "../../providers/maas/space.ts";
import { staticRoute } from "../../providers/maas/static-route.ts";
import { subnet } from "../../providers/maas/subnet.ts";
import { vlanDhcp } from "../../providers/maas/vlan-dhcp.ts";
import { vlan } from "../../providers/maas/vlan.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";
import { ask } from "../support/lab-request.ts";

type Provider = ReturnType<ExplicitLab["provider"]>;
type Outputs = Record<string, unknown>;

interface Declared {
  kind: string;
  name: string;
  provider: Provider;
  /** @param id of what was made before, by its name here */
  inputs(id: (name: string) => string): Outputs;
}

const rack = (lab: ExplicitLab): Declared[] => {
  const declare = (kind: string, name: string, provider: Provider, inputs: Declared["inputs"]) => ({
    kind,
    name,
    provider,
    inputs,
  });
  const [subnets, vlans, ranges] = [lab.provider(subnet), lab.provider(vlan), lab.provider(ipRange)];
  return [
    declare("maas:Space", "apps", lab.provider(space), () => ({ name: "apps", description: "for Juju" })),
    declare("maas:Fabric", "rack", lab.provider(fabric), () => ({ name: "fabric-0" })),
    declare("maas:Vlan", "untagged", vlans, (id) => ({ fabric: id("rack"), vid: 0, mtu: 9000, space: id("apps") })),
    declare("maas:Vlan", "storage", vlans, (id) => ({ fabric: id("rack"), vid: 20, name: "storage" })),
    declare("maas:Subnet", "lan", subnets, () => ({
      cidr: "172.16.0.0/20",
      gateway: "172.16.0.3",
      dnsServers: ["172.16.0.3"],
    })),
    declare("maas:Subnet", "storage", subnets, (id) => ({ cidr: "10.20.0.0/24", vlan: id("storage"), managed: false })),
    declare("maas:IpRange", "pxe", ranges, (id) => ({
      ...{ type: "dynamic", start: "172.16.1.1", end: "172.16.1.254", comment: "PXE" },
      subnet: id("lan"),
    })),
    declare("maas:IpRange", "theirs", ranges, (id) => ({
      ...{ type: "reserved", start: "172.16.2.1", end: "172.16.2.9", comment: "ours now" },
      subnet: id("lan"),
    })),
    declare("maas:VlanDhcp", "dhcp", lab.provider(vlanDhcp), (id) => ({ vlan: id("untagged"), ranges: [id("pxe")] })),
    declare("maas:StaticRoute", "route", lab.provider(staticRoute), (id) => ({
      ...{ source: id("lan"), destination: id("storage-subnet"), gateway: "172.16.0.9" },
    })),
  ];
};

/** What the engine would keep: a kill loses what was being made, an error hands over what there is of it. */
class Stack {
  readonly made = new Map<string, { id: string; outs: Outputs; half: boolean }>();
  private readonly declared: Declared[];
  private readonly failing: "kill" | "error";

  constructor(declared: Declared[], failing: "kill" | "error") {
    this.declared = declared;
    this.failing = failing;
  }

  async up(): Promise<void> {
    for (const { kind, name, provider, inputs } of this.declared) {
      const news = await checked(
        provider,
        kind,
        `${kind}-${name}`,
        inputs((other) => this.idOf(other)),
      );
      const known = this.made.get(`${kind}-${name}`);
      if (known && !known.half) continue;
      try {
        const { id, outs } = known
          ? { id: known.id, ...(await provider.update(known.id, known.outs, news)) }
          : await provider.create(news);
        this.made.set(`${kind}-${name}`, { id, outs, half: false });
      } catch (error) {
        if (this.failing === "error" && error instanceof Error && "id" in error) {
          const { id, properties } = error as unknown as { id: string; properties: Outputs };
          this.made.set(`${kind}-${name}`, { id, outs: properties, half: true });
        }
        throw error;
      }
    }
  }

  async destroy(): Promise<void> {
    for (const { kind, name, provider } of this.declared.toReversed()) {
      const known = this.made.get(`${kind}-${name}`);
      if (!known) continue;
      await provider.delete(known.id, known.outs);
      this.made.delete(`${kind}-${name}`);
    }
  }

  private idOf(name: string): string {
    const key = name.endsWith("-subnet")
      ? `maas:Subnet-${name.replace("-subnet", "")}`
      : [...this.made.keys()].find((made) => made.endsWith(`-${name}`));
    return this.made.get(key ?? "")?.id ?? assert.fail(`${name} was made`);
  }
}

/** Each with a lab of its own; most of the time goes into waiting for others that may ask the same. */
const AT_ONCE = 10;

class Interrupted extends Error {}

/** What MAAS has, without the ids of what comes and goes. */
async function everything(lab: ExplicitLab): Promise<unknown[]> {
  const paths = ["fabrics/", "spaces/", "subnets/", "ipranges/", "static-routes/"];
  return await Promise.all(paths.map(async (path) => (await ask(lab.lab, "GET", path)).json));
}

/** @returns whether the request was reached */
async function interrupted(t: TestContext, request: number, failing: "kill" | "error"): Promise<boolean> {
  const lab = await ExplicitLab.start(t);
  const theirs = { start_ip: "172.16.2.1", end_ip: "172.16.2.9", comment: "theirs" };
  await lab.admin.ipRanges.create({ type: "reserved", ...theirs, subnet: 1 });
  const before = await everything(lab);
  const stack = new Stack(rack(lab), failing);
  let requests = 0;
  let at = "";
  lab.interrupt = (what) => {
    requests += 1;
    if (requests !== request) return;
    at = what;
    throw new Interrupted(what);
  };
  const again = async (run: () => Promise<void>) => {
    try {
      await run();
    } catch (error) {
      if (at === "" || !String(error).includes(at)) throw error;
      await run();
    }
  };
  await again(() => stack.up());
  const now = (await lab.admin.vlans.read(1)) ?? assert.fail("VLAN 1 is there");
  assert.deepEqual([now.dhcp_on, now.mtu, now.space], [true, 9000, "apps"], `after ${at}`);
  assert.equal((await lab.admin.staticRoutes.list()).length, 1, `after ${at}`);
  await again(() => stack.destroy());
  assert.deepEqual(await everything(lab), before, `after ${at}`);
  return at !== "";
}

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
