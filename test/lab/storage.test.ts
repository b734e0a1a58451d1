/** Disks, partitions, groups of them and layouts (facts: maas.md 2.15, and the rules of MAAS 3.5's own source). */
import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, type Told } from "../support/lab-request.ts";

let lab: Lab;
let id = "";
before(async () => {
  lab = await startLab({ mode: "explicit" });
});
after(() => lab.close());

type Shown = Record<string, unknown>;

const post = (path: string, op: string | undefined, form: Record<string, string | string[]> = {}): Promise<Told> =>
  ask(lab, "POST", path, { form, ...(op === undefined ? {} : { query: { op } }) });

const shown = async (path: string): Promise<Shown> => (await ask(lab, "GET", path)).json as Shown;
const machine = (): Promise<Shown> => shown(`machines/${id}/`);
const layout = (form: Record<string, string>): Promise<Told> => post(`machines/${id}/`, "set_storage_layout", form);

async function addDisk(name: string, size: string): Promise<number> {
  const form = { name, size, block_size: "512", model: "LAB", serial: name };
  const told = await post(`nodes/${id}/blockdevices/`, undefined, form);
  assert.equal(told.status, 200, told.text);
  return (told.json as { id: number }).id;
}

/** A machine in Ready, with its NVMe disk of 240 GB and two more. */
beforeEach(async () => {
  await fetch(`${lab.controlUrl}/reset`, { method: "POST" });
  const form = { architecture: "amd64", mac_addresses: "52:54:00:00:00:01", power_type: "manual", commission: "false" };
  id = ((await post("machines/", undefined, form)).json as { system_id: string }).system_id;
  await post(`machines/${id}/`, "commission", { testing_scripts: "none" });
  await fetch(`${lab.controlUrl}/boot`, {
    method: "POST",
    body: JSON.stringify({ machine: id, outcome: "commission-ok", ip: "172.16.8.1" }),
  });
  await addDisk("sda", "100G");
  await addDisk("sdb", "100G");
});

describe("disks and partitions", () => {
  it("takes a partition of what is left, and no more", async () => {
    const path = `nodes/${id}/blockdevices/sda/partitions/`;
    const first = await post(path, undefined, { size: "10G" });
    assert.equal((first.json as Shown)["path"], "/dev/disk/by-dname/sda-part2");
    const second = await post(path, undefined, { bootable: "true" });
    assert.deepEqual(
      [(second.json as Shown)["size"], (second.json as Shown)["bootable"]],
      [Math.floor((100e9 - 9_999_220_736 - 6 * 1024 ** 2) / 4194304) * 4194304, true],
    );
    const full = await post(path, undefined, {});
    assert.deepEqual(full.json, { size: ["Ensure this value is greater than or equal to 4194304."] });
    const large = await post(path, undefined, { size: "200G" });
    assert.deepEqual(large.json, { size: ["Ensure this value is less than or equal to 100000000000."] });
  });

  it("formats and mounts a partition, never the boot disk itself", async () => {
    const boot = await post(`nodes/${id}/blockdevices/nvme0n1/`, "format", { fstype: "ext4" });
    assert.deepEqual(boot.json, { __all__: ["Cannot format block device with a partition table."] });
    await layout({ storage_layout: "blank" });
    const bare = await post(`nodes/${id}/blockdevices/nvme0n1/`, "format", { fstype: "ext4" });
    assert.match(bare.text, /Cannot place filesystem directly on the boot disk\./);
    const unformatted = await post(`nodes/${id}/blockdevices/sda/`, "mount", { mount_point: "/srv" });
    assert.deepEqual(unformatted.json, { __all__: ["Cannot mount an unformatted partition or block device."] });
    await post(`nodes/${id}/blockdevices/sda/`, "format", { fstype: "xfs", label: "data" });
    const mounted = await post(`nodes/${id}/blockdevices/sda/`, "mount", { mount_point: "/srv" });
    assert.equal((mounted.json as Shown)["used_for"], "xfs formatted filesystem mounted at /srv");
    const kept = await post(`nodes/${id}/blockdevices/sda/`, "unformat");
    assert.match(kept.text, /^Filesystem is mounted and cannot be unformatted\./);
    await post(`nodes/${id}/blockdevices/sdb/`, "format", { fstype: "ext4" });
    const taken = await post(`nodes/${id}/blockdevices/sdb/`, "mount", { mount_point: "/srv" });
    assert.deepEqual(taken.json, { __all__: ["Another filesystem is already mounted at /srv."] });
  });

  it("deletes the table with its last partition", async () => {
    const made = (await post(`nodes/${id}/blockdevices/sda/partitions/`, undefined)).json as { id: number };
    const path = `nodes/${id}/blockdevices/sda/partition/${String(made.id)}`;
    assert.equal((await ask(lab, "DELETE", path)).status, 204);
    assert.equal((await shown(`nodes/${id}/blockdevices/sda/`))["partition_table_type"], null);
    const none = await ask(lab, "GET", `nodes/${id}/blockdevices/sda/partitions/`);
    assert.deepEqual([none.status, none.text], [500, "PartitionTable matching query does not exist."]);
  });
});

describe("groups of devices", () => {
  it("makes logical volumes in a volume group, which then cannot be deleted", async () => {
    const made = await post(`nodes/${id}/volume-groups/`, undefined, { name: "vg0", block_devices: ["sda", "sdb"] });
    const group = made.json as { id: number; size: number };
    assert.equal(group.size, (Math.floor(200e9 / 4194304) - 2) * 4194304);
    const path = `nodes/${id}/volume-group/${String(group.id)}/`;
    const volume = await post(path, "create_logical_volume", { name: "lv0", size: "50G" });
    assert.deepEqual([(volume.json as Shown)["name"], (volume.json as Shown)["type"]], ["vg0-lv0", "virtual"]);
    assert.deepEqual((await machine())["volume_groups"], [{ system_id: id, id: group.id, __incomplete__: true }]);
    const refused = await ask(lab, "DELETE", path);
    assert.deepEqual(
      [refused.status, refused.text],
      [400, "This volume group has logical volumes; it cannot be deleted."],
    );
    await post(path, "delete_logical_volume", { id: String((volume.json as { id: number }).id) });
    assert.equal((await ask(lab, "DELETE", path)).status, 204);
    assert.equal((await shown(`nodes/${id}/blockdevices/sda/`))["used_for"], "Unused");
  });

  it("wants enough devices for a RAID, and none that is used", async () => {
    const raid = (form: Record<string, string | string[]>): Promise<Told> =>
      post(`nodes/${id}/raids/`, undefined, { name: "md0", ...form });
    assert.deepEqual((await raid({ level: "raid-1", block_devices: "sda" })).json, {
      __all__: ["RAID level 1 must have at least 2 raid devices and any number of spares."],
    });
    assert.deepEqual((await raid({ level: "raid-1", block_devices: ["sda", "nvme0n1"] })).json, {
      block_devices: ["Select a valid choice. nvme0n1 is not one of the available choices."],
    });
    const made = await raid({ level: "raid-1", block_devices: ["sda", "sdb"] });
    const { size, virtual_device: device } = made.json as { size: number; virtual_device: Shown };
    assert.deepEqual([size, device["name"]], [100e9 - 128 * 1024, "md0"]);
    assert.equal((await shown(`nodes/${id}/blockdevices/sda/`))["used_for"], "Active raid-1 device for md0");
    const kept = await ask(lab, "DELETE", `nodes/${id}/blockdevices/sda/`);
    assert.equal(kept.text, "Cannot delete block device because its part of a RAID.");
  });

  it("caches a disk with a part of another", async () => {
    const set = await post(`nodes/${id}/bcache-cache-sets/`, undefined, { cache_device: "sda" });
    assert.equal((set.json as Shown)["name"], "cache0");
    const form = { name: "bcache0", cache_set: "cache0", cache_mode: "writeback", backing_device: "sdb" };
    const made = await post(`nodes/${id}/bcaches/`, undefined, form);
    assert.equal(made.status, 200, made.text);
    const used = await ask(lab, "DELETE", `nodes/${id}/bcache-cache-set/cache0/`);
    assert.equal(used.text, "Cannot delete cache set; it's currently in use.");
    assert.equal((await shown(`nodes/${id}/bcache/bcache0/`))["size"], 100e9);
  });
});

describe("storage layouts", () => {
  it("puts / on a logical volume", async () => {
    assert.equal((await layout({ storage_layout: "lvm", boot_size: "1G", lv_size: "50%" })).status, 200);
    const disks = (await machine())["virtualblockdevice_set"] as Shown[];
    assert.deepEqual(
      disks.map(({ name, used_for }) => [name, used_for]),
      [["vgroot-lvroot", "ext4 formatted filesystem mounted at /"]],
    );
  });

  it("refuses sizes that are none, or too small or too large", async () => {
    assert.deepEqual((await layout({ storage_layout: "flat", root_size: "1G", boot_size: "x" })).json, {
      boot_size: ["Enter a valid value."],
      root_size: ["Size is too small. Minimum size is 3221225472."],
    });
    const bcache = await layout({ storage_layout: "bcache" });
    assert.equal(
      bcache.text,
      "Failed to configure storage layout 'bcache': Node doesn't have an available cache device to setup bcache.",
    );
  });

  it("lets nobody deploy what has no root, and mounts tmpfs without a disk", async () => {
    await layout({ storage_layout: "blank" });
    await post(`machines/${id}/`, "mount_special", { fstype: "tmpfs", mount_point: "/scratch" });
    assert.equal(((await machine())["special_filesystems"] as Shown[]).length, 1);
    assert.deepEqual((await post(`machines/${id}/`, "deploy")).json, {
      storage: ["Mount the root '/' filesystem to be able to deploy this node."],
    });
  });

  it("tells curtin of groups after what they are made of", async () => {
    await layout({ storage_layout: "lvm" });
    await post(`machines/${id}/`, "deploy", { distro_series: "jammy" });
    const { text } = await ask(lab, "GET", `machines/${id}/`, { query: { op: "get_curtin_config" } });
    const storage = text.slice(text.indexOf("\nstorage:"));
    const kinds = [...storage.matchAll(/^ {4}type: (\S+)$/gm)].map(([, kind]) => kind);
    assert.deepEqual(
      kinds.filter((kind) => kind !== "disk"),
      ["partition", "partition", "lvm_volgroup", "lvm_partition", "format", "mount"],
    );
  });
});
