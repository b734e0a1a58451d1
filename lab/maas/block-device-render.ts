/** Disks, partitions and groups of them as answers show them (transcript s03). */
import {
  allocatedSize,
  cacheSetName,
  deviceName,
  deviceOf,
  freeSpace,
  groupSize,
  groupsOf,
  humanSize,
  membersOf,
  partitionName,
  volumesOf,
} from "./filesystem-groups.ts";
import type { BlockDevice, CacheSet, Filesystem, FilesystemGroup, Machine, Partition } from "./machine-state.ts";
import type { LabState } from "./state.ts";
import {
  allFilesystems,
  availableSize,
  blockDevicesOf,
  filesystemOf,
  isVirtual,
  partitionsOf,
  usedSize,
} from "./storage.ts";

type Shown = Record<string, unknown>;

const uriOf = (systemId: string, below: string): string => `/MAAS/api/2.0/nodes/${systemId}/${below}`;

export const blockDeviceUri = (disk: BlockDevice): string => uriOf(disk.systemId, `blockdevices/${String(disk.id)}/`);

export const renderFilesystem = (row: Filesystem | undefined): Shown | null =>
  row
    ? {
        fstype: row.fstype,
        label: row.label,
        uuid: row.uuid,
        mount_point: row.mountPoint,
        mount_options: row.mountOptions,
      }
    : null;

function usedFor(state: LabState, machine: Machine, row: Filesystem | undefined): string {
  if (!row) return "Unused";
  const formatted = `${row.fstype} formatted filesystem`;
  if (row.mountPoint !== null) return `${formatted} mounted at ${row.mountPoint}`;
  const group = row.groupId === undefined ? undefined : state.filesystemGroups[row.groupId];
  const set = row.cacheSetId === undefined ? undefined : state.cacheSets[row.cacheSetId];
  if (set) return `Cache device for ${cacheSetName(state, machine, set)}`;
  switch (group && row.fstype) {
    case "lvm-pv":
      return `LVM volume for ${group?.name ?? ""}`;
    case "raid":
      return `Active ${group?.type ?? ""} device for ${group?.name ?? ""}`;
    case "raid-spare":
      return `Spare ${group?.type ?? ""} device for ${group?.name ?? ""}`;
    case "bcache-backing":
      return `Backing device for ${group?.name ?? ""}`;
    case "vmfs6":
      return `VMFS extent for ${group?.name ?? ""}`;
    default:
      return `Unmounted ${formatted}`;
  }
}

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
    path: `/dev/disk/by-dname/${partitionName(state, disk, partition)}`,
    filesystem: renderFilesystem(filesystem),
    used_for: usedFor(state, machine, filesystem),
    resource_uri: `${blockDeviceUri(disk)}partition/${String(partition.id)}`,
  };
}

export function renderBlockDevice(state: LabState, machine: Machine, disk: BlockDevice): Shown {
  const filesystem = filesystemOf(state, machine, { blockDeviceId: disk.id });
  const partitions = partitionsOf(state, disk).map((partition) => renderPartition(state, machine, disk, partition));
  const partitioned = `${disk.partitionTable ?? ""} partitioned with ${String(partitions.length)} partition${partitions.length > 1 ? "s" : ""}`;
  const virtual = isVirtual(disk);
  const name = deviceName(state, disk);
  return {
    id: disk.id,
    name,
    id_path: virtual ? null : disk.idPath,
    path: `/dev/disk/by-dname/${name}`,
    size: disk.size,
    block_size: disk.blockSize,
    available_size: availableSize(state, machine, disk),
    used_size: usedSize(state, machine, disk),
    model: virtual ? null : disk.model,
    serial: virtual ? null : disk.serial,
    tags: disk.tags,
    type: virtual ? "virtual" : "physical",
    uuid: virtual ? disk.uuid : null,
    ...(virtual ? {} : { firmware_version: null }),
    numa_node: virtual ? null : 0,
    storage_pool: null,
    partition_table_type: disk.partitionTable,
    partitions,
    filesystem: renderFilesystem(filesystem),
    used_for: disk.partitionTable === null || filesystem ? usedFor(state, machine, filesystem) : partitioned,
    system_id: disk.systemId,
    resource_uri: blockDeviceUri(disk),
  };
}

export const renderBlockDevices = (state: LabState, machine: Machine): Shown[] =>
  blockDevicesOf(state, machine).map((disk) => renderBlockDevice(state, machine, disk));

/** The device of a member: a disk or a partition, as its own handler shows it. */
export function renderDeviceOf(state: LabState, machine: Machine, row: Filesystem): Shown | null {
  const device = deviceOf(state, row);
  if (!device) return null;
  return device.partition
    ? renderPartition(state, machine, device.disk, device.partition)
    : renderBlockDevice(state, machine, device.disk);
}

const devices = (state: LabState, machine: Machine, group: FilesystemGroup, fstype?: string): (Shown | null)[] =>
  membersOf(state, machine, group)
    .filter((row) => fstype === undefined || row.fstype === fstype)
    .map((row) => renderDeviceOf(state, machine, row));

const sizeOf = (size: number): Shown => ({ size, human_size: humanSize(size) });

const common = (group: FilesystemGroup, path: string): Shown => ({
  system_id: group.systemId,
  id: group.id,
  uuid: group.uuid,
  name: group.name,
  resource_uri: uriOf(group.systemId, `${path}/${String(group.id)}/`),
});

function virtualDevice(state: LabState, machine: Machine, group: FilesystemGroup): Shown | null {
  const [disk] = volumesOf(state, machine, group);
  return disk ? renderBlockDevice(state, machine, disk) : null;
}

export function renderVolumeGroup(state: LabState, machine: Machine, group: FilesystemGroup): Shown {
  const available = freeSpace(state, machine, group);
  const used = allocatedSize(state, machine, group);
  return {
    ...common(group, "volume-group"),
    devices: devices(state, machine, group),
    ...sizeOf(groupSize(state, machine, group)),
    available_size: available,
    human_available_size: humanSize(available),
    used_size: used,
    human_used_size: humanSize(used),
    logical_volumes: volumesOf(state, machine, group).map((disk) => renderBlockDevice(state, machine, disk)),
  };
}

export const renderRaid = (state: LabState, machine: Machine, group: FilesystemGroup): Shown => ({
  ...common(group, "raid"),
  level: group.type,
  devices: devices(state, machine, group, "raid"),
  spare_devices: devices(state, machine, group, "raid-spare"),
  ...sizeOf(groupSize(state, machine, group)),
  virtual_device: virtualDevice(state, machine, group),
});

export function renderCacheSet(state: LabState, machine: Machine, set: CacheSet): Shown {
  const row = allFilesystems(state, machine).find(({ cacheSetId }) => cacheSetId === set.id);
  return {
    system_id: set.systemId,
    id: set.id,
    name: cacheSetName(state, machine, set),
    cache_device: row ? renderDeviceOf(state, machine, row) : null,
    resource_uri: uriOf(set.systemId, `bcache-cache-set/${String(set.id)}/`),
  };
}

export function renderBcache(state: LabState, machine: Machine, group: FilesystemGroup): Shown {
  const set = group.cacheSetId === null ? undefined : state.cacheSets[group.cacheSetId];
  const [backing = null] = devices(state, machine, group, "bcache-backing");
  return {
    ...common(group, "bcache"),
    cache_set: set ? renderCacheSet(state, machine, set) : null,
    backing_device: backing,
    ...sizeOf(groupSize(state, machine, group)),
    virtual_device: virtualDevice(state, machine, group),
    cache_mode: group.cacheMode,
  };
}

export function renderVmfs(state: LabState, machine: Machine, group: FilesystemGroup): Shown {
  const [disk] = volumesOf(state, machine, group);
  const filesystem = disk && filesystemOf(state, machine, { blockDeviceId: disk.id });
  return {
    ...common(group, "vmfs-datastore"),
    devices: devices(state, machine, group),
    ...sizeOf(groupSize(state, machine, group)),
    filesystem: filesystem ? { fstype: filesystem.fstype, mount_point: filesystem.mountPoint } : null,
  };
}

/** In a machine's own answer groups are only named (src/maasserver/api/machines.py, and its recorded examples). */
export function renderGroupNames(state: LabState, machine: Machine): Shown {
  const groups = groupsOf(state, machine);
  const named = (rows: { id: number }[]): Shown[] =>
    rows.map(({ id }) => ({ system_id: machine.systemId, id, __incomplete__: true }));
  return {
    volume_groups: named(groups.filter(({ type }) => type === "lvm-vg")),
    raids: named(groups.filter(({ type }) => type.startsWith("raid-"))),
    bcaches: named(groups.filter(({ type }) => type === "bcache")),
    cache_sets: named(Object.values(state.cacheSets).filter(({ systemId }) => systemId === machine.systemId)),
  };
}
