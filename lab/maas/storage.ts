/** Disks, partitions, file systems and the storage layouts (facts: maas.md 2.15; transcripts s03, s15). */
import { randomUUID } from "node:crypto";
import type { BlockDevice, Filesystem, Machine, Partition } from "./machine-state.ts";
import { nextId, type LabState } from "./state.ts";

const mebibyte = 1024 * 1024;
/** MAAS aligns partitions to 4 MiB and keeps two such blocks of a disk for itself. */
const alignment = 4 * mebibyte;

export const blockDevicesOf = (state: LabState, machine: Machine): BlockDevice[] =>
  machine.blockDeviceIds.flatMap((id) => state.blockDevices[id] ?? []);

export const partitionsOf = (state: LabState, disk: BlockDevice): Partition[] =>
  disk.partitionIds.flatMap((id) => state.partitions[id] ?? []);

export const filesystemOf = (state: LabState, at: { blockDeviceId: number } | { partitionId: number }): Filesystem | undefined =>
  Object.values(state.filesystems).find((row) =>
    "partitionId" in at ? row.partitionId === at.partitionId : row.blockDeviceId === at.blockDeviceId,
  );

/** The disk MAAS boots from: the first one. */
export const bootDisk = (state: LabState, machine: Machine): BlockDevice | undefined => blockDevicesOf(state, machine)[0];

/** What one partition over the whole disk has. */
export const wholeDiskSize = (disk: BlockDevice): number => Math.floor(disk.size / alignment) * alignment - 2 * alignment;

export function availableSize(state: LabState, disk: BlockDevice): number {
  if (disk.partitionTable === null) return filesystemOf(state, { blockDeviceId: disk.id }) ? 0 : wholeDiskSize(disk);
  const used = partitionsOf(state, disk).reduce((sum, partition) => sum + partition.size, 0);
  return Math.max(wholeDiskSize(disk) - used, 0);
}

/** The table itself takes 5 MiB and the boot partition of GRUB 1 MiB. */
export function usedSize(state: LabState, disk: BlockDevice): number {
  if (disk.partitionTable === null) return filesystemOf(state, { blockDeviceId: disk.id }) ? disk.size : 0;
  return partitionsOf(state, disk).reduce((sum, partition) => sum + partition.size, 0) + 6 * mebibyte;
}

export const hasRoot = (state: LabState, machine: Machine): boolean =>
  filesystemsOf(state, machine).some((row) => row.mountPoint === "/");

export const filesystemsOf = (state: LabState, machine: Machine): Filesystem[] =>
  Object.values(state.filesystems).filter((row) => row.systemId === machine.systemId);

/** No partition, no file system: what commissioning does first, unless it is told to skip storage. */
export function clearStorage(state: LabState, machine: Machine): void {
  for (const disk of blockDevicesOf(state, machine)) {
    for (const id of disk.partitionIds) Reflect.deleteProperty(state.partitions, id);
    disk.partitionIds = [];
    disk.partitionTable = null;
  }
  for (const row of filesystemsOf(state, machine)) Reflect.deleteProperty(state.filesystems, row.id);
}

export const layouts = ["bcache", "blank", "custom", "flat", "lvm", "vmfs6", "vmfs7"] as const;

/** One ext4 partition over the boot disk, mounted at /. */
export function applyFlatLayout(state: LabState, machine: Machine, rootSize?: number): void {
  clearStorage(state, machine);
  const disk = bootDisk(state, machine);
  if (!disk) return;
  disk.partitionTable = "GPT";
  const partition = addPartition(state, disk, rootSize ?? wholeDiskSize(disk));
  addFilesystem(state, { systemId: machine.systemId, partitionId: partition.id, label: "root", mountPoint: "/" });
}

export function addPartition(state: LabState, disk: BlockDevice, size: number, bootable = false): Partition {
  const partition: Partition = {
    id: nextId(state, "partition"),
    blockDeviceId: disk.id,
    size,
    bootable,
    uuid: randomUUID(),
    tags: [],
  };
  state.partitions[partition.id] = partition;
  disk.partitionIds.push(partition.id);
  return partition;
}

export function addFilesystem(state: LabState, fields: Partial<Filesystem> & { systemId: string }): Filesystem {
  const row: Filesystem = {
    id: nextId(state, "filesystem"),
    blockDeviceId: null,
    partitionId: null,
    fstype: "ext4",
    label: "",
    uuid: randomUUID(),
    mountPoint: null,
    mountOptions: null,
    ...fields,
  };
  state.filesystems[row.id] = row;
  return row;
}

/** While a machine is allocated its mounts are the deployment's own; release puts the former ones back. */
export function saveFilesystems(state: LabState, machine: Machine): void {
  machine.savedFilesystems = structuredClone(filesystemsOf(state, machine));
}

export function restoreFilesystems(state: LabState, machine: Machine): void {
  if (!machine.savedFilesystems) return;
  for (const row of filesystemsOf(state, machine)) Reflect.deleteProperty(state.filesystems, row.id);
  for (const row of machine.savedFilesystems) state.filesystems[row.id] = row;
  machine.savedFilesystems = null;
}
