import assert from "node:assert/strict";
import { test } from "node:test";
import type { TestContext } from "node:test";
import { storageLayout } from "../../providers/maas/storage-layout.ts";
import { checked, ExplicitLab, urnOf } from "../support/explicit-lab.ts";

const KIND = "maas:StorageLayout";

async function setUp(t: TestContext) {
  const lab = await ExplicitLab.start(t);
  const machine = await lab.readyMachine("1c:69:7a:00:0c:01");
  const provider = lab.provider(storageLayout);
  const make = (change: Record<string, unknown> = {}) =>
    checked(provider, KIND, "disks", { machine, layout: "lvm", ...change });
  /** Names of volumes, and what is mounted where. */
  const shown = async () => {
    const { volume_groups: groups, physicalblockdevice_set: disks } = await lab.machine(machine);
    const read = await Promise.all(groups.map(({ id }) => lab.admin.volumeGroups.read(machine, id)));
    const partitions = disks.flatMap((disk) => disk.partitions);
    return {
      volumes: read.flatMap((group) => group?.logical_volumes.map(({ name }) => name) ?? []),
      partitions: partitions.map(({ size, filesystem }) => `${String(size)} ${filesystem?.mount_point ?? ""}`),
    };
  };
  return { lab, provider, make, shown, machine };
}

test("disks are laid out in one request, and again as they were found", async (t) => {
  const { lab, provider, make, shown, machine } = await setUp(t);
  const before = await shown();
  const { id, outs } = await provider.create(await make({ vgName: "vg0", lvName: "root", lvSize: "50%" }));
  assert.equal(id, machine);
  assert.deepEqual((await shown()).volumes, ["vg0-root"]);
  assert.equal(lab.writes().length, 1);
  await provider.delete(id, outs);
  assert.deepEqual(await shown(), before);
  lab.writes();
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("a partition of half the disk is given back at its size", async (t) => {
  const { lab, provider, make, shown, machine } = await setUp(t);
  await lab.admin.machines.setStorageLayout(machine, { storage_layout: "flat", root_size: "50%" });
  const before = await shown();
  const { id, outs } = await provider.create(await make({ layout: "blank" }));
  assert.deepEqual((await shown()).partitions, []);
  await provider.delete(id, outs);
  assert.deepEqual(await shown(), before);
});

test("a layout that is there already is not made anew", async (t) => {
  const { lab, provider, make, shown } = await setUp(t);
  const before = await shown();
  const { id, outs } = await provider.create(await make({ layout: "flat" }));
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
  assert.deepEqual(await shown(), before);
});

test("after a crash what was there before is not forgotten", async (t) => {
  const { lab, provider, make, shown } = await setUp(t);
  const before = await shown();
  const inputs = await make();
  assert.equal(await provider.leftBehind(inputs), undefined);
  const first = await provider.create(inputs);
  lab.writes();
  assert.deepEqual(await provider.create(inputs), first);
  assert.deepEqual(await provider.leftBehind(inputs), first);
  assert.deepEqual(lab.writes(), []);
  await provider.delete(first.id, first.outs);
  assert.deepEqual(await shown(), before);
});

test("a change is made in place while the machine is Ready, and redeploys it at work", async (t) => {
  const { lab, provider, make, shown, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make());
  const news = await make({ vgName: "vg1" });
  assert.deepEqual((await provider.diff(id, outs, news)).replaces, []);
  const changed = await provider.update(id, outs, news);
  assert.deepEqual((await shown()).volumes, ["vg1-lvroot"]);
  await lab.admin.machines.deploy(machine, { distro_series: "jammy" });
  await lab.boot(machine, "deploy-ok");
  assert.deepEqual((await provider.diff(id, changed.outs, await make({ layout: "flat" }))).replaces, [
    "layout",
    "vgName",
  ]);
  assert.match(lab.notes.join(), /\[redeploy\] layout, vgName: .*what is on its disks is lost/);
  await assert.rejects(
    provider.update(id, changed.outs, await make({ layout: "flat" })),
    /is Deployed: MAAS lays disks out only in Ready/,
  );
});

test("drift is seen, and a layout that somebody has made since is left to them", async (t) => {
  const { lab, provider, make, shown, machine } = await setUp(t);
  const { id, outs } = await provider.create(await make({ vgName: "vg0" }));
  await lab.admin.machines.setStorageLayout(machine, { storage_layout: "blank" });
  const { props } = await provider.read(id, outs);
  assert.deepEqual([props?.["layout"], props?.["vgName"]], ["blank", ""]);
  await provider.delete(id, outs);
  assert.deepEqual((await shown()).partitions, []);
  await lab.admin.machines.delete(machine);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("a disk that the machine lacks is named beside those it has", async (t) => {
  const { provider, make } = await setUp(t);
  await assert.rejects(provider.create(await make({ rootDevice: "sdz" })), /has no disk sdz; it has nvme0n1 LABDISK/);
});

test("what cannot be is told at preview, all at once", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(storageLayout);
  const failures = async (name: string, inputs: Record<string, unknown>) =>
    (await provider.check({}, { ...inputs, __urn: urnOf(KIND, name) })).failures
      .map(({ property, reason }) => `${property} ${reason}`)
      .join("\n");
  const told = await failures("a", {
    machine: "abc123",
    layout: "flat",
    vgName: "vg 0",
    rootSize: "20 GB",
    bootSize: -1,
  });
  assert.match(told, /vgName has no meaning with layout "flat", only with "lvm"/);
  assert.match(told, /rootSize "20 GB" is no size; write bytes, "20G"/);
  assert.match(told, /bootSize is -1/);
  assert.match(
    await failures("b", { machine: "def456", layout: "lvn" }),
    /layout "lvn" is unknown; did you mean "lvm"/,
  );
  assert.match(await failures("c", { machine: "abc123", layout: "blank" }), /machine has a as its layout already/);
});
