import assert from "node:assert/strict";
import { test } from "node:test";
import type { Context } from "../../../providers/core/lifecycle.ts";
import type { Machine } from "../../../providers/maas/api/machines.ts";
import { requireOvs } from "../../../providers/maas/ovs-bridge.ts";
import type { MaasServices } from "../../../providers/maas/services.ts";
import { versionGate } from "../../../providers/maas/version-gate.ts";

function contextWith(version: string) {
  const warnings: string[] = [];
  const gate = versionGate(
    () => Promise.resolve({ version, subversion: "", capabilities: [] }),
    "http://maas:5240/MAAS",
  );
  const services = { client: { requires: gate.requires } } as unknown as MaasServices;
  const context = { services, warn: (text: string) => warnings.push(text) } as unknown as Context<MaasServices>;
  return { context, warnings };
}

const machine = (power_type: string) => ({ power_type }) as Machine;

test("OVS bridges need MAAS 3.5.5", async () => {
  const { context } = contextWith("3.5.4");
  await assert.rejects(
    requireOvs(context, machine("manual")),
    /OVS bridges: MAAS 3\.5\.5 or newer is needed, and this one is 3\.5\.4/,
  );
});

test("with AMT an older one than 3.5.6 is a warning, once", async () => {
  const { context, warnings } = contextWith("3.5.5");
  await requireOvs(context, machine("manual"));
  assert.deepEqual(warnings, []);
  await requireOvs(context, machine("amt"));
  await requireOvs(context, machine("amt"));
  assert.equal(warnings.length, 1);
  assert.match(warnings.join(), /machines with AMT: MAAS 3\.5\.6 or newer .* no rack controller can reach a BMC/);
});

test("3.5.6 and 3.6 are fine", async () => {
  for (const version of ["3.5.6", "3.6.0", "3.5.13"]) {
    const { context, warnings } = contextWith(version);
    await requireOvs(context, machine("amt"));
    assert.deepEqual(warnings, []);
  }
});
