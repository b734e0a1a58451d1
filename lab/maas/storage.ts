/** Disks, partitions and file systems (facts: maas.md 2.15; transcripts s03, s15; rules of src/maasserver/models/{partitiontable,filesystem}.py). */
import { randomUUID } from "node:crypto";
import type { BlockDevice, Filesystem, Machine, Partition } from "./machine-state.ts";
import { allocationStatuses } from "./node-status.ts";
import { nextId, type LabState } from "./state.ts";

const mebibyte = 1024 * 1024;
/** Partitions are aligned to it, and none is smaller. */
export const alignment = 4 * mebibyte;
/** What a table takes of a disk: 4 MiB before, 1 MiB behind, and 1 MiB for GRUB, which the lab's machines boot from. */
const tableOverhead = 6 * mebibyte;
/** A smaller disk is not booted from. */
const smallestBootDisk = 512 * mebibyte;

export const aligned = (size: number): number => Math.floor(size / alignment) * alignment;

/** In the order of their ids: disks, and what groups make of them. */
export const blockDevicesOf = (state: LabState, machine: Machine): BlockDevice[] =>
  machine.blockDeviceIds.flatMap((id) => state.blockDevices[id] ?? []);

export const isVirtual = (disk: BlockDevice): boolean => disk.groupId !== undefined;

export const disksOf = (state: LabState, machine: Machine): BlockDevice[] =>
  blockDevicesOf(state, machine).filter((disk) => !isVirtual(disk));

export const partitionsOf = (state: LabState, disk: BlockDevice): Partition[] =>
  disk.partitionIds.flatMap((id) => state.partitions[id] ?? []);

/** GRUB's own partition is the first of a GPT on a disk, and not shown. */
const firstIndex = (disk: BlockDevice): number => (disk.partitionTable === "GPT" && !isVirtual(disk) ? 2 : 1);

export const partitionIndex = (disk: BlockDevice, partition: Partition): number =>
  partition.index ?? disk.partitionIds.indexOf(partition.id) + firstIndex(disk);

export type Place = { blockDeviceId: number } | { partitionId: number };

export const isAt = (row: Filesystem, at: Place): boolean =>
  "partitionId" in at ? row.partitionId === at.partitionId : row.blockDeviceId === at.blockDeviceId;

/** File systems that a person may choose; the others belong to a group. */
export const formats = ["ext2", "ext4", "xfs", "fat32", "vfat", "swap", "ramfs", "tmpfs", "btrfs", "zfsroot"] as const;

export const isMountable = ({ fstype }: Filesystem): boolean => formats.some((known) => known === fstype);

/**
 * What counts on a disk or partition: from Allocated on the allocation's copy, else the original; what makes it part of a group counts in
 * both. Tests and rescue mode on a machine that is not allocated therefore show no file system that could be mounted.
 */
export function filesystemOf(state: LabState, machine: Machine, at: Place): Filesystem | undefined {
  const rows = allFilesystems(state, machine).filter((row) => isAt(row, at));
  if (!allocationStatuses.has(machine.status)) return rows.find(({ acquired }) => !acquired);
  return rows.find(({ acquired }) => acquired) ?? rows.find((row) => !isMountable(row));
}

export const allFilesystems = (state: LabState, machine: Machine): Filesystem[] =>
  machine.filesystemIds.flatMap((id) => state.filesystems[id] ?? []);

/** Those that count now, in the order in which they were made. */
export const effectiveFilesystems = (state: LabState, machine: Machine): Filesystem[] =>
  allFilesystems(state, machine).filter(
    (row) => row.acquired === allocationStatuses.has(machine.status) || (!row.acquired && !isMountable(row)),
  );

/** The chosen disk, else the first that is large enough. */
export const bootDisk = (state: LabState, machine: Machine): BlockDevice | undefined =>
  disksOf(state, machine).find(({ id }) => id === machine.bootDiskId) ??
  disksOf(state, machine).find(({ size }) => size >= smallestBootDisk);

/** What is left for one more partition. */
export function availableInTable(state: LabState, disk: BlockDevice): number {
  const used = partitionsOf(state, disk).reduce((sum, partition) => sum + partition.size, 0);
  return aligned(disk.size - used - tableOverhead);
}

export const availableSize = (state: LabState, machine: Machine, disk: BlockDevice): number =>
  filesystemOf(state, machine, { blockDeviceId: disk.id }) ? 0 : availableInTable(state, disk);

export function usedSize(state: LabState, machine: Machine, disk: BlockDevice): number {
  if (filesystemOf(state, machine, { blockDeviceId: disk.id })) return disk.size;
  if (disk.partitionTable === null) return 0;
  return partitionsOf(state, disk).reduce((sum, partition) => sum + partition.size, 0) + tableOverhead;
}

/** No partition, no file system, no group: what commissioning and every layout do first. */
export function clearStorage(state: LabState, machine: Machine): void {
  for (const disk of blockDevicesOf(state, machine)) {
    for (const id of disk.partitionIds) Reflect.deleteProperty(state.partitions, id);
    disk.partitionIds = [];
    disk.partitionTable = null;
    if (isVirtual(disk)) Reflect.deleteProperty(state.blockDevices, disk.id);
  }
  machine.blockDeviceIds = machine.blockDeviceIds.filter((id) => state.blockDevices[id] !== undefined);
  for (const row of allFilesystems(state, machine)) dropFilesystem(state, machine, row);
  for (const table of [state.filesystemGroups, state.cacheSets])
    for (const row of Object.values(table))
      if (row.systemId === machine.systemId) Reflect.deleteProperty(table, row.id);
}

export function addPartition(
  state: LabState,
  disk: BlockDevice,
  fields: { size: number; bootable?: boolean; uuid?: string; index?: number },
): Partition {
  disk.partitionTable ??= "GPT";
  const last = Math.max(firstIndex(disk) - 1, ...partitionsOf(state, disk).map((row) => partitionIndex(disk, row)));
  const index = disk.partitionTable === "MBR" && last === 3 ? 5 : last + 1;
  const partition: Partition = {
    id: nextId(state, "partition"),
    blockDeviceId: disk.id,
    index: fields.index ?? index,
    size: aligned(fields.size),
    bootable: fields.bootable ?? false,
    uuid: fields.uuid || randomUUID(),
    tags: [],
  };
  state.partitions[partition.id] = partition;
  disk.partitionIds.push(partition.id);
  return partition;
}

/** Later ones move up; the table goes with its last partition. */
export function dropPartition(state: LabState, machine: Machine, disk: BlockDevice, partition: Partition): void {
  const index = partitionIndex(disk, partition);
  for (const other of partitionsOf(state, disk)) {
    const its = partitionIndex(disk, other);
    if (its > index) other.index = its - 1;
  }
  for (const row of allFilesystems(state, machine))
    if (row.partitionId === partition.id) dropFilesystem(state, machine, row);
  disk.partitionIds = disk.partitionIds.filter((id) => id !== partition.id);
  Reflect.deleteProperty(state.partitions, partition.id);
  if (disk.partitionIds.length === 0) disk.partitionTable = null;
}

export function addFilesystem(state: LabState, machine: Machine, fields: Partial<Filesystem>): Filesystem {
  const row: Filesystem = {
    blockDeviceId: null,
    partitionId: null,
    fstype: "ext4",
    label: null,
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
  for (const row of allFilesystems(state, machine))
    if (isMountable(row)) addFilesystem(state, machine, { ...row, acquired: true });
}

export function releaseFilesystems(state: LabState, machine: Machine): void {
  for (const row of allFilesystems(state, machine)) if (row.acquired) dropFilesystem(state, machine, row);
}

const hasDevice = (row: Filesystem): boolean => row.blockDeviceId !== null || row.partitionId !== null;

/** tmpfs and ramfs: those of the allocation from Allocated on. */
export const specialFilesystems = (state: LabState, machine: Machine): Filesystem[] =>
  allFilesystems(state, machine).filter(
    (row) => !hasDevice(row) && row.acquired === allocationStatuses.has(machine.status),
  );
