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
import { DeclaredStack, interruptAt } from "../support/declared-stack.ts";
import type { Declared, Provider } from "../support/declared-stack.ts";
import { ExplicitLab } from "../support/explicit-lab.ts";
import { ask } from "../support/lab-request.ts";

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

/** Each with a lab of its own; most of the time goes into waiting for others that may ask the same. */
const AT_ONCE = 10;

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
  const stack = new DeclaredStack(rack(lab), failing);
  const { again, at } = interruptAt(lab, request);
  await again(() => stack.up());
  const now = (await lab.admin.vlans.read(1)) ?? assert.fail("VLAN 1 is there");
  assert.deepEqual([now.dhcp_on, now.mtu, now.space], [true, 9000, "apps"], `after ${at()}`);
  assert.equal((await lab.admin.staticRoutes.list()).length, 1, `after ${at()}`);
  await again(() => stack.destroy());
  assert.deepEqual(await everything(lab), before, `after ${at()}`);
  return at() !== "";
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
