/** The storage layouts that MAAS can put on a machine, with their options (facts: maas.md 2.8; src/maasserver/storage_layouts.py). */
import { createGroup, createLogicalVolume, groupSize, type Device } from "./filesystem-groups.ts";
import { FormErrors, invalidChoiceText, readCheckbox } from "./form.ts";
import type { BlockDevice, Machine, Partition } from "./machine-state.ts";
import type { Fields } from "./operation.ts";
import { refusal } from "./reply.ts";
import { nextId, type LabState } from "./state.ts";
import { addFilesystem, addPartition, availableInTable, bootDisk, clearStorage, disksOf } from "./storage.ts";
import { parseBytes, readChoice } from "./storage-form.ts";
import { vmfsLayouts } from "./vmfs-layout.ts";

export const layoutNames = ["bcache", "blank", "custom", "flat", "lvm", "vmfs6", "vmfs7"] as const;
export type LayoutName = (typeof layoutNames)[number];

const mebibyte = 1024 * 1024;
/** Kept free also where no EFI partition is made. */
const efiSize = 512 * mebibyte;
const leastBoot = 512 * mebibyte;
const leastRoot = 3 * 1024 * mebibyte;
const leastDevice = 4 * mebibyte;

interface LayoutOptions {
  boot: BlockDevice;
  root: BlockDevice;
  bootSize: number;
  rootSize: number | null;
  vgName: string;
  lvName: string;
  lvSize: number | null;
  cacheMode: string;
  cacheSize: number | null;
  cacheWholeDisk: boolean;
  cacheDisk: BlockDevice | undefined;
}

/** `20G`, or `25%` of `whole`; null when not sent. */
function readSize(form: Fields, errors: FormErrors, name: string, whole: number): number | null {
  const text = form.get(name)?.trim() ?? "";
  if (text === "") return null;
  const percentage = /^(\d+(?:\.\d*)?)%$/.exec(text)?.[1];
  const size = percentage === undefined ? parseBytes(text) : Math.ceil((whole * Number(percentage)) / 100);
  if (size === undefined) errors.add(name, "Enter a valid value.");
  return size ?? null;
}

function checkSize(errors: FormErrors, name: string, size: number | null, least: number, most: number): void {
  if (size === null || errors.has(name)) return;
  if (size < least) errors.add(name, `Size is too small. Minimum size is ${String(least)}.`);
  else if (size > most) errors.add(name, `Size is too large. Maximum size is ${String(most)}.`);
}

const missingBootDisk = (): Error => refusal(400, "Machine is missing a boot disk; no storage layout can be applied.");

/** Every error of the options at once; a machine without disks is told before them. */
function readOptions(state: LabState, machine: Machine, layout: LayoutName, form: Fields): LayoutOptions {
  const disks = disksOf(state, machine);
  const boot = bootDisk(state, machine);
  if (!boot) throw missingBootDisk();
  const errors = new FormErrors();
  const most = boot.size - efiSize;
  const bootSize = readSize(form, errors, "boot_size", most);
  checkSize(errors, "boot_size", bootSize, leastBoot, most - leastRoot);
  const rootSize = readSize(form, errors, "root_size", most);
  checkSize(errors, "root_size", rootSize, leastRoot, most - leastBoot);
  const rootId = chooseDisk(form, errors, "root_device", disks);
  if (!errors.any && rootSize !== null && efiSize + (bootSize ?? 0) + rootSize > boot.size)
    errors.add(
      "__all__",
      "Size of the boot partition and root partition are larger than the available space on the boot disk.",
    );
  const options: LayoutOptions = {
    boot,
    root: disks.find(({ id }) => String(id) === rootId) ?? boot,
    bootSize: bootSize ?? 0,
    rootSize,
    vgName: form.get("vg_name")?.trim() || "vgroot",
    lvName: form.get("lv_name")?.trim() || "lvroot",
    lvSize: null,
    cacheMode: "writethrough",
    cacheSize: null,
    cacheWholeDisk: false,
    cacheDisk: undefined,
  };
  if (layout === "lvm") readVolume(form, errors, options);
  if (layout === "bcache") readCache(form, errors, options, disks);
  const smallest = layout === "vmfs6" || layout === "vmfs7" ? vmfsLayouts[layout].smallestDisk : undefined;
  if (smallest && boot.size < smallest.size) errors.add("boot_size", `Boot disk must be at least ${smallest.text}.`);
  errors.throwIfAny();
  return options;
}

function chooseDisk(form: Fields, errors: FormErrors, name: string, disks: BlockDevice[]): string | undefined {
  const text = form.get(name) ?? "";
  if (text === "") return undefined;
  const choices = disks.map(({ id }) => String(id));
  if (!choices.includes(text)) errors.add(name, invalidChoiceText(name, text, choices));
  return text;
}

function readVolume(form: Fields, errors: FormErrors, options: LayoutOptions): void {
  const { boot, bootSize, rootSize } = options;
  const whole = rootSize ?? boot.size - efiSize - bootSize;
  options.lvSize = readSize(form, errors, "lv_size", whole);
  checkSize(errors, "lv_size", options.lvSize, leastRoot, whole);
}

/** The smallest other SSD; MAAS compares a chosen `cache_device` in a way that never finds it. */
function readCache(form: Fields, errors: FormErrors, options: LayoutOptions, disks: BlockDevice[]): void {
  const others = disks.filter(({ id }) => id !== options.boot.id);
  options.cacheMode =
    readChoice(form, errors, "cache_mode", ["writeback", "writethrough", "writearound"]) ?? "writethrough";
  options.cacheWholeDisk = readCheckbox(form, "cache_no_part", false);
  chooseDisk(form, errors, "cache_device", others);
  options.cacheDisk = others.toSorted((a, b) => a.size - b.size).find(({ tags }) => tags.includes("ssd"));
  options.cacheSize = readSize(form, errors, "cache_size", options.cacheDisk?.size ?? 0);
  const both = "Cannot use cache_size and cache_no_part at the same time.";
  if (options.cacheSize !== null && options.cacheWholeDisk) {
    errors.add("cache_size", both);
    errors.add("cache_no_part", both);
  } else if (options.cacheDisk) checkSize(errors, "cache_size", options.cacheSize, leastDevice, options.cacheDisk.size);
}

const noOptions: Fields = {
  get: () => undefined,
  all: () => [],
  has: () => false,
  names: () => [],
  isFile: () => false,
};

/** Throws 400. `mayFallBack`: commissioning's own layout does without a cache. */
export function applyLayout(
  state: LabState,
  machine: Machine,
  layout: LayoutName,
  form: Fields = noOptions,
  mayFallBack = false,
): void {
  const options = readOptions(state, machine, layout, form);
  if (layout === "custom")
    throw refusal(400, "Failed to configure storage layout 'custom': No custom storage layout configuration found");
  const falls = layout === "bcache" && options.cacheDisk === undefined;
  if (falls && !mayFallBack)
    throw refusal(
      400,
      "Failed to configure storage layout 'bcache': Node doesn't have an available cache device to setup bcache.",
    );
  clearStorage(state, machine);
  switch (falls ? "flat" : layout) {
    case "flat":
      addRoot(state, machine, { partitionId: basicPartitions(state, machine, options, options.bootSize).id });
      return;
    case "lvm":
      applyVolume(state, machine, options);
      return;
    case "bcache":
      applyCache(state, machine, options);
      return;
    case "vmfs6":
    case "vmfs7":
      applyVmfs(state, machine, layout as keyof typeof vmfsLayouts, options);
      return;
    default:
  }
}

/** What a machine gets after commissioning; one that cannot have it is left without. */
export function applyDefaultLayout(state: LabState, machine: Machine, configured: unknown): void {
  const layout = layoutNames.find((name) => name === configured) ?? "flat";
  if (!bootDisk(state, machine) || layout === "custom") clearStorage(state, machine);
  else applyLayout(state, machine, layout, noOptions, true);
}

const addRoot = (state: LabState, machine: Machine, at: { partitionId: number } | { blockDeviceId: number }): void => {
  addFilesystem(state, machine, { ...at, fstype: "ext4", label: "root", mountPoint: "/", acquired: false });
};

/** /boot where it is asked for, and the partition that / goes to, perhaps on another disk. */
function basicPartitions(
  state: LabState,
  machine: Machine,
  { boot, root, rootSize }: LayoutOptions,
  bootSize: number,
): Partition {
  boot.partitionTable = "GPT";
  if (bootSize > 0) {
    const { id } = addPartition(state, boot, { size: bootSize, bootable: true });
    addFilesystem(state, machine, {
      partitionId: id,
      fstype: "ext4",
      label: "boot",
      mountPoint: "/boot",
      acquired: false,
    });
  }
  return addPartition(state, root, { size: rootSize ?? availableInTable(state, root) });
}

const memberOn = (state: LabState, partition: Partition): Device => {
  const disk = state.blockDevices[partition.blockDeviceId];
  if (!disk) throw new Error(`Partition ${String(partition.id)} is on no disk`);
  return { disk, partition };
};

function applyVolume(state: LabState, machine: Machine, options: LayoutOptions): void {
  const partition = basicPartitions(state, machine, options, options.bootSize);
  const members = [{ device: memberOn(state, partition), fstype: "lvm-pv" }];
  const group = createGroup(state, machine, { type: "lvm-vg", name: options.vgName, members });
  const size = options.lvSize ?? groupSize(state, machine, group);
  const volume = createLogicalVolume(state, machine, group, { name: options.lvName, size });
  addRoot(state, machine, { blockDeviceId: volume.id });
}

/** /boot is not on a bcache: it has a GiB of its own where nothing else was said. */
function applyCache(state: LabState, machine: Machine, options: LayoutOptions): void {
  const { cacheDisk, cacheMode, cacheSize, cacheWholeDisk } = options;
  if (!cacheDisk) return;
  const backing = basicPartitions(state, machine, options, options.bootSize || 1024 * mebibyte);
  const set = { id: nextId(state, "cacheSet"), systemId: machine.systemId };
  state.cacheSets[set.id] = set;
  const at = cacheWholeDisk
    ? { blockDeviceId: cacheDisk.id }
    : { partitionId: addPartition(state, cacheDisk, { size: cacheSize ?? availableInTable(state, cacheDisk) }).id };
  addFilesystem(state, machine, { ...at, fstype: "bcache-cache", cacheSetId: set.id, acquired: false });
  const group = createGroup(state, machine, {
    type: "bcache",
    name: undefined,
    cacheMode,
    cacheSetId: set.id,
    members: [{ device: memberOn(state, backing), fstype: "bcache-backing" }],
  });
  const disk = Object.values(state.blockDevices).find(({ groupId }) => groupId === group.id);
  if (disk) addRoot(state, machine, { blockDeviceId: disk.id });
}

function applyVmfs(state: LabState, machine: Machine, layout: keyof typeof vmfsLayouts, options: LayoutOptions): void {
  const { root, rootSize } = options;
  root.partitionTable = "GPT";
  const [form = []] = vmfsLayouts[layout].forms;
  const made = form.map((base) => ({ base, partition: addPartition(state, root, { ...base, size: base.size }) }));
  for (const { base, partition } of made) partition.size = base.size;
  const rest = made.find(({ base }) => base.size === 0)?.partition;
  if (!rest) return;
  rest.size = rootSize ?? availableInTable(state, root);
  const members = [{ device: { disk: root, partition: rest }, fstype: "vmfs6" }];
  createDatastore(state, machine, "datastore1", undefined, members);
}

/** A datastore is formatted and mounted as soon as it is there. */
export function createDatastore(
  state: LabState,
  machine: Machine,
  name: string,
  uuid: string | undefined,
  members: { device: Device; fstype: string }[],
) {
  const group = createGroup(state, machine, { type: "vmfs6", name, uuid, members });
  const disk = Object.values(state.blockDevices).find(({ groupId }) => groupId === group.id);
  if (disk)
    addFilesystem(state, machine, {
      blockDeviceId: disk.id,
      fstype: "vmfs6",
      mountPoint: `/vmfs/volumes/${name}`,
      acquired: false,
    });
  return group;
}
