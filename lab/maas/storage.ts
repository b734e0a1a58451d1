/** Disks, partitions, file systems and the storage layouts (facts: maas.md 2.15; transcripts s03, s15). */
import { randomUUID } from "node:crypto";
import type { BlockDevice, Filesystem, Machine, Partition } from "./machine-state.ts";
import { allocationStatuses } from "./node-status.ts";
import { nextId, type LabState } from "./state.ts";

const mebibyte = 1024 * 1024;
/** MAAS aligns partitions to 4 MiB and keeps two such blocks of a disk for itself. */
const alignment = 4 * mebibyte;

export const blockDevicesOf = (state: LabState, machine: Machine): BlockDevice[] =>
  machine.blockDeviceIds.flatMap((id) => state.blockDevices[id] ?? []);

export const partitionsOf = (state: LabState, disk: BlockDevice): Partition[] =>
  disk.partitionIds.flatMap((id) => state.partitions[id] ?? []);

/**
 * What counts on a disk or partition: from Allocated on the allocation's copy, else the original. Tests and rescue mode on a machine
 * that is not allocated therefore show none.
 */
export function filesystemOf(
  state: LabState,
  machine: Machine,
  at: { blockDeviceId: number } | { partitionId: number },
): Filesystem | undefined {
  return effectiveFilesystems(state, machine).find((row) =>
    "partitionId" in at ? row.partitionId === at.partitionId : row.blockDeviceId === at.blockDeviceId,
  );
}

const allFilesystems = (state: LabState, machine: Machine): Filesystem[] =>
  machine.filesystemIds.flatMap((id) => state.filesystems[id] ?? []);

export const effectiveFilesystems = (state: LabState, machine: Machine): Filesystem[] =>
  allFilesystems(state, machine).filter((row) => row.acquired === allocationStatuses.has(machine.status));

/** The disk MAAS boots from: the first one. */
export const bootDisk = (state: LabState, machine: Machine): BlockDevice | undefined =>
  blockDevicesOf(state, machine)[0];

/** What one partition over the whole disk has. */
export const wholeDiskSize = (disk: BlockDevice): number =>
  Math.floor(disk.size / alignment) * alignment - 2 * alignment;

export function availableSize(state: LabState, machine: Machine, disk: BlockDevice): number {
  if (disk.partitionTable === null)
    return filesystemOf(state, machine, { blockDeviceId: disk.id }) ? 0 : wholeDiskSize(disk);
  const used = partitionsOf(state, disk).reduce((sum, partition) => sum + partition.size, 0);
  return Math.max(wholeDiskSize(disk) - used, 0);
}

/** The table itself takes 5 MiB and the boot partition of GRUB 1 MiB. */
export function usedSize(state: LabState, machine: Machine, disk: BlockDevice): number {
  if (disk.partitionTable === null) return filesystemOf(state, machine, { blockDeviceId: disk.id }) ? disk.size : 0;
  return partitionsOf(state, disk).reduce((sum, partition) => sum + partition.size, 0) + 6 * mebibyte;
}

export const hasRoot = (state: LabState, machine: Machine): boolean =>
  effectiveFilesystems(state, machine).some((row) => row.mountPoint === "/");

/** No partition, no file system: what commissioning does first, unless it is told to skip storage. */
export function clearStorage(state: LabState, machine: Machine): void {
  for (const disk of blockDevicesOf(state, machine)) {
    for (const id of disk.partitionIds) Reflect.deleteProperty(state.partitions, id);
    disk.partitionIds = [];
    disk.partitionTable = null;
  }
  for (const row of allFilesystems(state, machine)) dropFilesystem(state, machine, row);
}

export const layouts = ["bcache", "blank", "custom", "flat", "lvm", "vmfs6", "vmfs7"] as const;

/** One ext4 partition over the boot disk, mounted at /. */
export function applyFlatLayout(state: LabState, machine: Machine, rootSize?: number): void {
  clearStorage(state, machine);
  const disk = bootDisk(state, machine);
  if (!disk) return;
  disk.partitionTable = "GPT";
  const partition = addPartition(state, disk, rootSize ?? wholeDiskSize(disk));
  addFilesystem(state, machine, { partitionId: partition.id, label: "root", mountPoint: "/" });
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

export function addFilesystem(state: LabState, machine: Machine, fields: Partial<Filesystem>): Filesystem {
  const row: Filesystem = {
    blockDeviceId: null,
    partitionId: null,
    fstype: "ext4",
    label: "",
    uuid: randomUUID(),
    mountPoint: null,
    mountOptions: null,
    acquired: allocationStatuses.has(machine.status),
    ...fields,
    id: nextId(state, "filesystem"),
    systemId: machine.systemId,
  };
  state.filesystems[row.id] = row;
  machine.filesystemIds.push(row.id);
  return row;
}

export function dropFilesystem(state: LabState, machine: Machine, row: Filesystem): void {
  machine.filesystemIds = machine.filesystemIds.filter((id) => id !== row.id);
  Reflect.deleteProperty(state.filesystems, row.id);
}

/** Changes while the machine is allocated are made to copies. */
export function acquireFilesystems(state: LabState, machine: Machine): void {
  releaseFilesystems(state, machine);
  for (const row of allFilesystems(state, machine)) addFilesystem(state, machine, { ...row, acquired: true });
}

export function releaseFilesystems(state: LabState, machine: Machine): void {
  for (const row of allFilesystems(state, machine)) if (row.acquired) dropFilesystem(state, machine, row);
}
