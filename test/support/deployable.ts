/** A machine that can be deployed, on a lab of its own. */
import type { TestContext } from "node:test";
import { deployment } from "../../providers/maas/deployment.ts";
import { machine } from "../../providers/maas/machine.ts";
import { checked, ExplicitLab } from "./explicit-lab.ts";

let last = 0;

/** A Ready machine and the provider of deployments for it. */
export async function deployable(t: TestContext, more: Record<string, unknown> = {}) {
  const lab = await ExplicitLab.start(t);
  const number = ++last;
  const hostname = `nuc${String(number)}`;
  const machines = lab.provider(machine);
  const { id } = await machines.create(
    await checked(machines, "maas:Machine", hostname, {
      hostname,
      macAddresses: [`1c:69:7a:00:02:${number.toString(16).padStart(2, "0")}`],
      power: { type: "amt", address: `172.16.14.${String(number)}` },
    }),
  );
  lab.writes();
  const provider = lab.provider(deployment);
  const make = (change: Record<string, unknown> = {}, name = hostname) =>
    checked(provider, "maas:Deployment", name, {
      machine: id,
      hostname,
      series: "jammy",
      stackId: "0123456789ab",
      ...more,
      ...change,
    });
  return { lab, provider, make, id };
}
