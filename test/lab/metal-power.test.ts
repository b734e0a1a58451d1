/** What MAAS's tables want of a machine that really boots; nothing boots here. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { systemOf } from "../../lab/maas/booted.ts";
import type { Machine } from "../../lab/maas/machine-state.ts";
import { updatePowerState } from "../../lab/maas/power.ts";
import * as signals from "../../lab/maas/signals.ts";
import { Region } from "../support/region.ts";

const pace = 20;

function metalRegion(): Region {
  const region = new Region({ selfRunning: true });
  region.state.metalPace = pace;
  return region;
}

function rowOf(region: Region, id: string): Machine {
  const row = region.state.machines[id];
  assert.ok(row);
  return row;
}

/** The way of a machine that was booted: its scripts pass, it is Ready, it powers itself off. */
function report(region: Region, row: Machine): void {
  for (const result of signals.pendingResults(region.state, row.commissioningSetId))
    signals.endResult(region.state, row, result, { exitStatus: 0, ip: "172.16.8.1" });
  signals.beginTesting(region.state, row);
  for (const result of signals.pendingResults(region.state, row.testingSetId))
    signals.endResult(region.state, row, result, { exitStatus: 0 });
  signals.finishScripts(region.state, row);
  updatePowerState(region.state, row, "off");
}

it("boots what the status asks for, and nothing without power", async () => {
  const region = metalRegion();
  const id = await region.enlist("nuc1");
  const row = rowOf(region, id);
  assert.equal(systemOf(region.state, row), undefined);
  await region.does(id, "commission");
  assert.deepEqual([systemOf(region.state, row), row.boots], ["ephemeral", 1]);
  report(region, row);
  assert.equal(systemOf(region.state, row), undefined);
  await region.does(id, "deploy");
  assert.deepEqual([systemOf(region.state, row), row.boots], ["new", 2]);
  signals.fetchUserData(region.state, row);
  assert.deepEqual([systemOf(region.state, row), row.boots], ["installed", 2], "the same boot goes on");
  await region.does(id, "power_off");
  assert.equal(systemOf(region.state, row), undefined);
  updatePowerState(region.state, row, "off");
  await region.does(id, "power_on");
  assert.deepEqual([systemOf(region.state, row), row.boots], ["installed", 3]);
  await region.does(id, "release");
  assert.equal(systemOf(region.state, row), undefined);
});

it("waits for the machine itself, whatever the lab's clock says", async () => {
  const region = metalRegion();
  const id = await region.enlist("nuc1");
  await region.does(id, "commission");
  region.pass(0);
  region.pass(35 * 60);
  assert.equal((await region.machine(id)).status_name, "Commissioning", "less than two real minutes");
  region.pass(35 * 60 * pace);
  const failed = await region.machine(id);
  assert.equal(failed.status_name, "Failed commissioning");
  assert.match(failed.error_description, /Commissioning' timed out after 30 minutes/);
});

it("waits with a release until the machine is seen off", async () => {
  const region = metalRegion();
  const id = await region.enlist("nuc1");
  const row = rowOf(region, id);
  await region.does(id, "commission");
  report(region, row);
  await region.does(id, "deploy");
  signals.fetchUserData(region.state, row);
  await region.does(id, "release");
  region.pass(0);
  region.pass(10 * 60);
  assert.equal((await region.machine(id)).status_name, "Releasing");
  updatePowerState(region.state, row, "off");
  assert.equal((await region.machine(id)).status_name, "Ready");
});

it("leaves machines that fail by their name, and those without a power type that obeys, to the simulation", async () => {
  const region = metalRegion();
  const sentinel = await region.enlist("fail-commissioning");
  const manual = await region.enlist("nuc2", { power_type: "manual" });
  for (const id of [sentinel, manual]) {
    await region.does(id, "commission");
    assert.equal(systemOf(region.state, rowOf(region, id)), undefined);
  }
  region.pass(0);
  region.pass(30 * 60);
  assert.equal((await region.machine(sentinel)).status_name, "Failed commissioning");
  assert.equal((await region.machine(manual)).status_name, "Ready");
});

it("boots nothing on the API level", async () => {
  const region = new Region({ selfRunning: true });
  const id = await region.enlist("nuc1");
  await region.does(id, "commission");
  assert.equal(systemOf(region.state, rowOf(region, id)), undefined);
});
