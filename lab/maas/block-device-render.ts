/** Disks and partitions as answers show them (transcript s03). */
import type { BlockDevice, Filesystem, Machine, Partition } from "./machine-state.ts";
import type { LabState } from "./state.ts";
import { availableSize, filesystemOf, partitionsOf, usedSize } from "./storage.ts";

type Shown = Record<string, unknown>;

export const blockDeviceUri = (disk: BlockDevice): string =>
  `/MAAS/api/2.0/nodes/${disk.systemId}/blockdevices/${String(disk.id)}/`;

const renderFilesystem = (row: Filesystem | undefined): Shown | null =>
  row
    ? {
        fstype: row.fstype,
        label: row.label,
        uuid: row.uuid,
        mount_point: row.mountPoint,
        mount_options: row.mountOptions,
      }
    : null;

function usedFor(row: Filesystem | undefined): string {
  if (!row) return "Unused";
  const formatted = `${row.fstype} formatted filesystem`;
  return row.mountPoint === null ? `Unmounted ${formatted}` : `${formatted} mounted at ${row.mountPoint}`;
}

/** In a GPT of a disk that GRUB boots from, the first partition is GRUB's own and not shown. */
export const partitionName = (disk: BlockDevice, index: number): string =>
  `${disk.name}-part${String(index + (disk.partitionTable === "GPT" ? 2 : 1))}`;

export function renderPartition(state: LabState, machine: Machine, disk: BlockDevice, partition: Partition): Shown {
  const filesystem = filesystemOf(state, machine, { partitionId: partition.id });
  return {
    uuid: partition.uuid,
    size: partition.size,
    bootable: partition.bootable,
    tags: partition.tags,
    type: "partition",
    id: partition.id,
    device_id: disk.id,
    system_id: disk.systemId,
    path: `/dev/disk/by-dname/${partitionName(disk, disk.partitionIds.indexOf(partition.id))}`,
    filesystem: renderFilesystem(filesystem),
    used_for: usedFor(filesystem),
    resource_uri: `${blockDeviceUri(disk)}partition/${String(partition.id)}`,
  };
}

export function renderBlockDevice(state: LabState, machine: Machine, disk: BlockDevice): Shown {
  const filesystem = filesystemOf(state, machine, { blockDeviceId: disk.id });
  const partitions = partitionsOf(state, disk).map((partition) => renderPartition(state, machine, disk, partition));
  const partitioned = `${disk.partitionTable ?? ""} partitioned with ${String(partitions.length)} partition${partitions.length === 1 ? "" : "s"}`;
  return {
    id: disk.id,
    name: disk.name,
    id_path: disk.idPath,
    path: `/dev/disk/by-dname/${disk.name}`,
    size: disk.size,
    block_size: disk.blockSize,
    available_size: availableSize(state, machine, disk),
    used_size: usedSize(state, machine, disk),
    model: disk.model,
    serial: disk.serial,
    tags: disk.tags,
    type: "physical",
    uuid: null,
    firmware_version: null,
    numa_node: 0,
    storage_pool: null,
    partition_table_type: disk.partitionTable,
    partitions,
    filesystem: renderFilesystem(filesystem),
    used_for: disk.partitionTable === null ? usedFor(filesystem) : partitioned,
    system_id: disk.systemId,
    resource_uri: blockDeviceUri(disk),
  };
}

export const renderBlockDevices = (state: LabState, machine: Machine): Shown[] =>
  machine.blockDeviceIds.flatMap((id) => {
    const disk = state.blockDevices[id];
    return disk ? [renderBlockDevice(state, machine, disk)] : [];
  });
