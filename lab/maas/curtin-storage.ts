/** The storage part of the curtin configuration: each thing after what it is made of (rules of src/maasserver/preseed_storage.py). */
import { deviceName, deviceOf, groupsOf, membersOf, partitionName, volumesOf } from "./filesystem-groups.ts";
import type { BlockDevice, Filesystem, FilesystemGroup, Machine, Partition } from "./machine-state.ts";
import type { Json, LabState } from "./state.ts";
import {
  blockDevicesOf,
  bootDisk,
  disksOf,
  filesystemOf,
  isVirtual,
  partitionIndex,
  partitionsOf,
  specialFilesystems,
} from "./storage.ts";

type Node = Record<string, Json>;

interface Item {
  node: Node;
  /** Ids that must stand before it. */
  needs: string[];
}

const grubSize = 1_048_576;
const firstOffset = 4_194_304;

const nameOfMember = (state: LabState, row: Filesystem): string => {
  const device = deviceOf(state, row);
  if (!device) return "";
  return device.partition ? partitionName(state, device.disk, device.partition) : deviceName(state, device.disk);
};

/** All disks of a RAID that the boot disk is in, else the boot disk alone. */
function grubDisks(state: LabState, machine: Machine): Set<number> {
  const boot = bootDisk(state, machine)?.id ?? -1;
  for (const group of groupsOf(state, machine).filter(({ type }) => type.startsWith("raid-"))) {
    const ids = membersOf(state, machine, group).flatMap((row) => deviceOf(state, row)?.disk.id ?? []);
    if (ids.includes(boot)) return new Set(ids);
  }
  return new Set([boot]);
}

function diskItems(disk: BlockDevice, hasGrub: boolean): Item[] {
  const table = disk.partitionTable === "MBR" ? "msdos" : disk.partitionTable === "GPT" || hasGrub ? "gpt" : undefined;
  const known = disk.model !== "" && disk.serial !== "";
  const node: Node = {
    id: disk.name,
    name: disk.name,
    type: "disk",
    wipe: "superblock",
    ...(known ? { model: disk.model, serial: disk.serial } : { path: disk.idPath }),
    ...(table === undefined ? {} : { ptable: table }),
    ...(hasGrub ? { grub_device: true } : {}),
  };
  const grub: Node = {
    id: `${disk.name}-part1`,
    type: "partition",
    number: 1,
    offset: `${String(firstOffset)}B`,
    size: `${String(grubSize)}B`,
    device: disk.name,
    wipe: "zero",
    flag: "bios_grub",
  };
  return [{ node, needs: [] }, ...(table === "gpt" ? [{ node: grub, needs: [disk.name] }] : [])];
}

function partitionItem(state: LabState, disk: BlockDevice, partition: Partition): Item {
  const name = partitionName(state, disk, partition);
  const index = partitionIndex(disk, partition);
  const device = deviceName(state, disk);
  const node: Node = {
    id: name,
    name,
    type: "partition",
    number: index,
    uuid: partition.uuid,
    size: `${String(partition.size)}B`,
    device,
    wipe: "superblock",
    ...(index === 1 ? { offset: `${String(firstOffset)}B` } : {}),
    ...(partition.bootable ? { flag: "boot" } : {}),
  };
  return { node, needs: [device] };
}

const raidLevel = (group: FilesystemGroup): number => Number(group.type.slice("raid-".length));

function groupItems(state: LabState, machine: Machine, group: FilesystemGroup): Item[] {
  const members = membersOf(state, machine, group);
  const names = (fstype: string): string[] =>
    members
      .filter((row) => row.fstype === fstype)
      .map((row) => nameOfMember(state, row))
      .sort();
  const { name, uuid } = group;
  const [virtual] = volumesOf(state, machine, group);
  const table = virtual?.partitionTable ? { ptable: virtual.partitionTable === "MBR" ? "msdos" : "gpt" } : {};
  switch (group.type) {
    case "lvm-vg": {
      const devices = names("lvm-pv");
      return [{ node: { id: name, name, type: "lvm_volgroup", uuid, devices }, needs: devices }];
    }
    case "bcache": {
      const [backing = ""] = names("bcache-backing");
      const row = Object.values(state.filesystems).find(({ cacheSetId }) => cacheSetId === group.cacheSetId);
      const cache = row ? nameOfMember(state, row) : "";
      const node: Node = {
        id: name,
        name,
        type: "bcache",
        backing_device: backing,
        cache_device: cache,
        cache_mode: group.cacheMode,
        ...table,
      };
      return [{ node, needs: [backing, cache] }];
    }
    case "vmfs6": {
      const devices = names("vmfs6");
      return [{ node: { id: name, name, type: "vmfs6", devices }, needs: devices }];
    }
    default: {
      const [devices, spares] = [names("raid"), names("raid-spare")];
      const node: Node = {
        id: name,
        name,
        type: "raid",
        raidlevel: raidLevel(group),
        devices,
        spare_devices: spares,
        ...table,
      };
      return [{ node, needs: [...devices, ...spares] }];
    }
  }
}

const volumeItem = (state: LabState, group: FilesystemGroup, disk: BlockDevice): Item => ({
  node: {
    id: deviceName(state, disk),
    name: disk.name,
    type: "lvm_partition",
    volgroup: group.name,
    size: `${String(disk.size)}B`,
  },
  needs: [group.name],
});

/** File systems that are formatted: those of groups and cache sets are not. */
function formatted(state: LabState, machine: Machine): Filesystem[] {
  const isPlain = (row: Filesystem | undefined): row is Filesystem =>
    row !== undefined && row.groupId === undefined && row.cacheSetId === undefined;
  return blockDevicesOf(state, machine).flatMap((disk) => {
    const whole = filesystemOf(state, machine, { blockDeviceId: disk.id });
    if (isPlain(whole)) return [whole];
    return partitionsOf(state, disk).flatMap((partition) => {
      const row = filesystemOf(state, machine, { partitionId: partition.id });
      return isPlain(row) ? [row] : [];
    });
  });
}

function formatItem(state: LabState, { fstype, uuid, label, ...row }: Filesystem): Item {
  const volume = nameOfMember(state, { fstype, uuid, label, ...row });
  return { node: { id: `${volume}_format`, type: "format", fstype, uuid, label, volume }, needs: [volume] };
}

/** What stands too early is put right behind what it needs, until nothing does. */
function ordered(items: Item[]): Item[] {
  const list = [...items];
  for (let moves = 0; moves < items.length * items.length; moves += 1) {
    const seen = new Set<Json>();
    const early = list.find(({ node, needs }) => {
      const isEarly = needs.some((id) => !seen.has(id));
      seen.add(node["id"] ?? null);
      return isEarly;
    });
    if (!early) return list;
    const before = new Set(list.slice(0, list.indexOf(early)).map(({ node }) => node["id"]));
    const missing = early.needs.find((id) => !before.has(id));
    list.splice(list.indexOf(early), 1);
    const at = list.findIndex(({ node }) => node["id"] === missing);
    list.splice(at < 0 ? list.length : at + 1, 0, early);
  }
  return list;
}

function mountNode(state: LabState, row: Filesystem): Node {
  const device = deviceOf(state, row);
  const name = device ? nameOfMember(state, row) : (row.mountPoint ?? "").replace(/^\/+/, "").replaceAll("/", "-");
  const where: Node = device
    ? { id: `${name}_mount`, device: `${name}_format` }
    : { id: `${name}_mount`, fstype: row.fstype, spec: row.fstype };
  return {
    type: "mount",
    ...where,
    ...(row.fstype === "swap" ? {} : { path: row.mountPoint }),
    ...(row.mountOptions === null ? {} : { options: row.mountOptions }),
  };
}

export function curtinStorage(state: LabState, machine: Machine): Node {
  const grub = grubDisks(state, machine);
  const groups = groupsOf(state, machine).filter((group) => membersOf(state, machine, group).length > 0);
  const ofType = (wanted: (type: string) => boolean): FilesystemGroup[] => groups.filter(({ type }) => wanted(type));
  const formats = formatted(state, machine);
  const items: Item[] = [
    ...disksOf(state, machine).flatMap((disk) => diskItems(disk, grub.has(disk.id))),
    ...ofType((type) => type === "lvm-vg").flatMap((group) => groupItems(state, machine, group)),
    ...ofType((type) => type === "lvm-vg").flatMap((group) =>
      volumesOf(state, machine, group).map((disk) => volumeItem(state, group, disk)),
    ),
    ...ofType((type) => type.startsWith("raid-")).flatMap((group) => groupItems(state, machine, group)),
    ...ofType((type) => type === "bcache").flatMap((group) => groupItems(state, machine, group)),
    ...ofType((type) => type === "vmfs6").flatMap((group) => groupItems(state, machine, group)),
    ...blockDevicesOf(state, machine).flatMap((disk) =>
      partitionsOf(state, disk).map((partition) => partitionItem(state, disk, partition)),
    ),
    ...formats.map((row) => formatItem(state, row)),
  ];
  const mounted = [...formats, ...specialFilesystems(state, machine)]
    .filter(({ mountPoint }) => mountPoint !== null)
    .toSorted((a, b) => ((a.mountPoint ?? "") < (b.mountPoint ?? "") ? -1 : 1));
  return {
    version: 1,
    config: [...ordered(items).map(({ node }) => node), ...mounted.map((row) => mountNode(state, row))],
  };
}

/** Why a machine with this storage cannot be deployed with Ubuntu; empty when it can. */
export function storageIssues(state: LabState, machine: Machine, osystem: string): string[] {
  if (blockDevicesOf(state, machine).length === 0)
    return ["There are currently no storage devices.  Please add a storage device to be able to deploy this node."];
  const issues = bootDisk(state, machine) ? [] : ["Specify a storage device to be able to deploy this node."];
  if (!["ubuntu", "centos", "rhel"].includes(osystem)) return issues;
  const rows = blockDevicesOf(state, machine).flatMap((disk) => {
    const places = disk.partitionTable === null ? [undefined] : partitionsOf(state, disk);
    return places.flatMap((partition) => {
      const at = partition ? { partitionId: partition.id } : { blockDeviceId: disk.id };
      const row = filesystemOf(state, machine, at);
      return row ? [{ row, isCached: isOnBcache(state, machine, disk) }] : [];
    });
  });
  const root = rows.filter(({ row }) => row.mountPoint === "/");
  const hasBoot = rows.some(({ row, isCached }) => row.mountPoint === "/boot" && !isCached);
  if (root.length === 0) issues.push("Mount the root '/' filesystem to be able to deploy this node.");
  if (root.some(({ isCached }) => isCached) && !hasBoot)
    issues.push(
      "This node cannot be deployed because it cannot boot from a bcache volume. Mount /boot on a non-bcache device to be able to deploy this node.",
    );
  if (rows.some(({ row }) => row.fstype === "vmfs6"))
    issues.push(`This node cannot be deployed because the selected deployment OS, ${osystem}, does not support VMFS6.`);
  return issues;
}

/** Also through other groups. */
function isOnBcache(state: LabState, machine: Machine, disk: BlockDevice): boolean {
  const group = isVirtual(disk) ? state.filesystemGroups[disk.groupId ?? -1] : undefined;
  if (!group) return false;
  if (group.type === "bcache") return true;
  return membersOf(state, machine, group).some((row) => {
    const below = deviceOf(state, row)?.disk;
    return below !== undefined && isOnBcache(state, machine, below);
  });
}
