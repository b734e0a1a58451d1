/** Volume groups, RAIDs, bcaches and VMFS datastores: what several devices make together (rules of src/maasserver/models/filesystemgroup.py). */
import { randomUUID } from "node:crypto";
import type {
  BlockDevice,
  CacheSet,
  Filesystem,
  FilesystemGroup,
  GroupType,
  Machine,
  Partition,
} from "./machine-state.ts";
import { fieldErrors, refusal } from "./reply.ts";
import { nextId, type LabState } from "./state.ts";
import {
  addFilesystem,
  addPartition,
  aligned,
  alignment,
  allFilesystems,
  availableInTable,
  blockDevicesOf,
  bootDisk,
  dropFilesystem,
  partitionIndex,
} from "./storage.ts";

/** The group that what lies on a disk or partition is a part of. */
export const groupOf = (state: LabState, row: Filesystem | undefined): FilesystemGroup | undefined =>
  row?.groupId === undefined ? undefined : state.filesystemGroups[row.groupId];

export type Device = { disk: BlockDevice; partition?: never } | { disk: BlockDevice; partition: Partition };

export const groupsOf = (state: LabState, machine: Machine): FilesystemGroup[] =>
  Object.values(state.filesystemGroups).filter(({ systemId }) => systemId === machine.systemId);

export const membersOf = (state: LabState, machine: Machine, group: FilesystemGroup): Filesystem[] =>
  allFilesystems(state, machine).filter(({ groupId }) => groupId === group.id);

export const volumesOf = (state: LabState, machine: Machine, group: FilesystemGroup): BlockDevice[] =>
  blockDevicesOf(state, machine).filter(({ groupId }) => groupId === group.id);

export const cacheSetsOf = (state: LabState, machine: Machine): CacheSet[] =>
  Object.values(state.cacheSets).filter(({ systemId }) => systemId === machine.systemId);

/** cache0, cache1, ...: by their order on the machine. */
export const cacheSetName = (state: LabState, machine: Machine, set: CacheSet): string =>
  `cache${String(cacheSetsOf(state, machine).findIndex(({ id }) => id === set.id))}`;

/** `vgroot-lvroot` for a logical volume. */
export function deviceName(state: LabState, disk: BlockDevice): string {
  const group = disk.groupId === undefined ? undefined : state.filesystemGroups[disk.groupId];
  return group?.type === "lvm-vg" ? `${group.name}-${disk.name}` : disk.name;
}

export const partitionName = (state: LabState, disk: BlockDevice, partition: Partition): string =>
  `${deviceName(state, disk)}-part${String(partitionIndex(disk, partition))}`;

/** The device that a member's file system is on. */
export function deviceOf(state: LabState, row: Filesystem): Device | undefined {
  const partition = row.partitionId === null ? undefined : state.partitions[row.partitionId];
  const disk = state.blockDevices[partition?.blockDeviceId ?? row.blockDeviceId ?? -1];
  if (!disk) return undefined;
  return partition ? { disk, partition } : { disk };
}

const sizeOfMember = (state: LabState, row: Filesystem): number => {
  const device = deviceOf(state, row);
  return device?.partition?.size ?? device?.disk.size ?? 0;
};

const superblock = 128 * 1024;

export function groupSize(state: LabState, machine: Machine, group: FilesystemGroup): number {
  const members = membersOf(state, machine, group);
  const sizes = members.map((row) => sizeOfMember(state, row));
  const total = sizes.reduce((sum, size) => sum + size, 0);
  const least = Math.min(...sizes);
  const active = members.filter(({ fstype }) => fstype === "raid").length;
  if (members.length === 0) return 0;
  switch (group.type) {
    case "lvm-vg":
      return (Math.floor(total / alignment) - members.length) * alignment;
    case "bcache":
    case "vmfs6":
      return total;
    case "raid-0":
      return total - superblock * members.length;
    case "raid-1":
      return least - superblock;
    case "raid-5":
      return least * (active - 1) - superblock;
    case "raid-6":
      return least * (active - 2) - superblock;
    case "raid-10":
      return (least * active) / 2 - superblock;
  }
}

export const allocatedSize = (state: LabState, machine: Machine, group: FilesystemGroup): number =>
  volumesOf(state, machine, group).reduce((sum, { size }) => sum + size, 0);

export const freeSpace = (state: LabState, machine: Machine, group: FilesystemGroup): number =>
  groupSize(state, machine, group) - allocatedSize(state, machine, group);

const niceNames: Record<string, string> = { "lvm-vg": "volume group", bcache: "Bcache", vmfs6: "VMFS" };
export const niceName = ({ type }: FilesystemGroup): string => niceNames[type] ?? "RAID";

const prefixes: Record<string, string> = { "lvm-vg": "vg", bcache: "bcache", vmfs6: "vmfs" };

function freeName(state: LabState, machine: Machine, type: GroupType): string {
  const prefix = prefixes[type] ?? "md";
  const taken = groupsOf(state, machine).flatMap(({ name }) =>
    name.startsWith(prefix) && /^\d+$/.test(name.slice(prefix.length)) ? [Number(name.slice(prefix.length))] : [],
  );
  return `${prefix}${String(Math.max(-1, ...taken) + 1)}`;
}

const raidRules: Record<string, { least: number; spares: string }> = {
  "raid-0": { least: 2, spares: "no spares" },
  "raid-1": { least: 2, spares: "any number of spares" },
  "raid-5": { least: 3, spares: "any number of spares" },
  "raid-6": { least: 4, spares: "any number of spares" },
  "raid-10": { least: 3, spares: "any number of spares" },
};

const refused = (message: string): Error => fieldErrors({ __all__: [message] });

/** What MAAS finds when it saves a group. */
export function checkGroup(state: LabState, machine: Machine, group: FilesystemGroup): void {
  const members = membersOf(state, machine, group);
  if (group.type === "lvm-vg" && freeSpace(state, machine, group) < 0)
    throw refusal(400, "Volume group cannot be smaller than its logical volumes.");
  if (group.name === "") throw fieldErrors({ name: ["This field cannot be blank."] });
  if (members.length === 0) throw refused("At least one filesystem must have been added.");
  const rule = raidRules[group.type];
  const active = members.filter(({ fstype }) => fstype === "raid").length;
  const hasSpares = active < members.length;
  if (rule && (active < rule.least || (group.type === "raid-0" && hasSpares)))
    throw refused(
      `RAID level ${group.type.slice("raid-".length)} must have at least ${String(rule.least)} raid devices and ${rule.spares}.`,
    );
  const backing = members[0] && deviceOf(state, members[0]);
  const its = backing?.disk.groupId === undefined ? undefined : state.filesystemGroups[backing.disk.groupId];
  if (group.type === "bcache" && its?.type === "lvm-vg")
    throw refused("Bcache cannot use a logical volume as a backing device.");
}

export interface NewGroup {
  type: GroupType;
  /** undefined: MAAS makes one up. */
  name: string | undefined;
  uuid?: string | undefined;
  cacheMode?: string;
  cacheSetId?: number;
  members: { device: Device; fstype: string }[];
}

export function createGroup(state: LabState, machine: Machine, fields: NewGroup): FilesystemGroup {
  const { type, name, uuid, cacheMode = null, cacheSetId = null, members } = fields;
  if (name === "") throw fieldErrors({ name: ["This field cannot be blank."] });
  const group: FilesystemGroup = {
    id: nextId(state, "filesystemGroup"),
    systemId: machine.systemId,
    type,
    name: name ?? freeName(state, machine, type),
    uuid: uuid || randomUUID(),
    cacheMode,
    cacheSetId,
  };
  state.filesystemGroups[group.id] = group;
  for (const { device, fstype } of members) addMember(state, machine, group, device, fstype);
  try {
    checkGroup(state, machine, group);
  } catch (error) {
    dropGroup(state, machine, group);
    throw error;
  }
  updateVirtualDevice(state, machine, group);
  return group;
}

export function addMember(
  state: LabState,
  machine: Machine,
  group: FilesystemGroup,
  { disk, partition }: Device,
  fstype: string,
): Filesystem {
  const at = partition ? { partitionId: partition.id } : { blockDeviceId: disk.id };
  return addFilesystem(state, machine, { ...at, fstype, groupId: group.id, acquired: false });
}

const blockSizes: Record<string, number> = { vmfs6: 1024, bcache: 512 };

/** All groups but volume groups are one device, which follows the group's name and size. */
export function updateVirtualDevice(state: LabState, machine: Machine, group: FilesystemGroup): void {
  if (group.type === "lvm-vg") return;
  const [known] = volumesOf(state, machine, group);
  const size = groupSize(state, machine, group);
  if (known) Object.assign(known, { name: group.name, size });
  else addVirtualDevice(state, machine, group, { name: group.name, size, blockSize: blockSizes[group.type] ?? 512 });
}

export function addVirtualDevice(
  state: LabState,
  machine: Machine,
  group: FilesystemGroup,
  fields: { name: string; size: number; blockSize: number; uuid?: string | undefined },
): BlockDevice {
  checkDeviceName(state, machine, fields.name);
  const disk: BlockDevice = {
    id: nextId(state, "blockDevice"),
    systemId: machine.systemId,
    name: fields.name,
    idPath: "",
    size: fields.size,
    blockSize: fields.blockSize,
    model: "",
    serial: "",
    tags: [],
    partitionTable: null,
    partitionIds: [],
    groupId: group.id,
    uuid: fields.uuid || randomUUID(),
  };
  state.blockDevices[disk.id] = disk;
  machine.blockDeviceIds.push(disk.id);
  return disk;
}

export function checkDeviceName(state: LabState, machine: Machine, name: string, self?: BlockDevice): void {
  if (blockDevicesOf(state, machine).some((disk) => disk.id !== self?.id && disk.name === name))
    throw refused("Block device with this Node config and Name already exists.");
}

/** With what is on it: its partitions, its file systems. */
export function dropDevice(state: LabState, machine: Machine, disk: BlockDevice): void {
  for (const row of allFilesystems(state, machine))
    if (row.blockDeviceId === disk.id || disk.partitionIds.includes(row.partitionId ?? -1))
      dropFilesystem(state, machine, row);
  for (const id of disk.partitionIds) Reflect.deleteProperty(state.partitions, id);
  machine.blockDeviceIds = machine.blockDeviceIds.filter((id) => id !== disk.id);
  if (machine.bootDiskId === disk.id) machine.bootDiskId = null;
  Reflect.deleteProperty(state.blockDevices, disk.id);
}

export function dropGroup(state: LabState, machine: Machine, group: FilesystemGroup): void {
  for (const disk of volumesOf(state, machine, group)) dropDevice(state, machine, disk);
  for (const row of membersOf(state, machine, group)) dropFilesystem(state, machine, row);
  Reflect.deleteProperty(state.filesystemGroups, group.id);
}

/** A logical volume is rounded down to whole extents. */
export function createLogicalVolume(
  state: LabState,
  machine: Machine,
  group: FilesystemGroup,
  fields: { name: string; size: number | null; uuid?: string | undefined },
): BlockDevice {
  const free = freeSpace(state, machine, group);
  const size = aligned(fields.size ?? free);
  if (size > free) throw refused(`There is not enough free space (${humanSize(size)}) on volume group ${group.name}.`);
  return addVirtualDevice(state, machine, group, { ...fields, size, blockSize: 4096 });
}

/** `240.0 GB`, in thousands. */
export function humanSize(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
  let value = bytes;
  let index = 0;
  while (Math.abs(value) >= 1000 && index < units.length - 1) {
    value /= 1000;
    index += 1;
  }
  return `${value.toFixed(index === 0 ? 0 : 1)} ${units[index] ?? ""}`;
}

/** Without partition table and without any file system. */
export const freeDisks = (state: LabState, machine: Machine): BlockDevice[] =>
  blockDevicesOf(state, machine).filter(
    (disk) =>
      disk.partitionTable === null &&
      !allFilesystems(state, machine).some(({ blockDeviceId }) => blockDeviceId === disk.id),
  );

export const partitionsWithDisks = (state: LabState, machine: Machine): { disk: BlockDevice; partition: Partition }[] =>
  blockDevicesOf(state, machine).flatMap((disk) =>
    disk.partitionIds.flatMap((id) => {
      const partition = state.partitions[id];
      return partition ? [{ disk, partition }] : [];
    }),
  );

export const freePartitions = (state: LabState, machine: Machine): { disk: BlockDevice; partition: Partition }[] =>
  partitionsWithDisks(state, machine).filter(
    ({ partition }) => !allFilesystems(state, machine).some(({ partitionId }) => partitionId === partition.id),
  );

/** A file system cannot be on the boot disk itself: there a partition over the whole disk takes its place. */
export function placeOf(state: LabState, machine: Machine, disk: BlockDevice, always = false): Device {
  if (!always && bootDisk(state, machine)?.id !== disk.id) return { disk };
  return { disk, partition: addPartition(state, disk, { size: availableInTable(state, disk) }) };
}
