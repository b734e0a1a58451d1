/** Which storage layout a machine has: MAAS does not say, it shows what came of it (facts: maas.md 2.8, 2.15). */
import type { StorageLayoutOptions } from "./api/machine-options.ts";
import type { Machine } from "./api/machines.ts";
import type { MaasServices } from "./services.ts";

export const layouts = ["flat", "lvm", "bcache", "blank", "custom", "vmfs6", "vmfs7"] as const;
export type Layout = (typeof layouts)[number];

/** What MAAS is to be told to lay it out like that again; undefined for what no layout makes. */
export async function layoutOf(services: MaasServices, machine: Machine): Promise<StorageLayoutOptions | undefined> {
  const disks = machine.physicalblockdevice_set;
  const [group] = machine.volume_groups;
  if (machine.raids.length > 0 || machine.volume_groups.length > 1) return undefined;
  if (machine.bcaches.length > 0) return { storage_layout: "bcache" };
  if (group) return await lvm(services, machine, group.id);
  if (disks.every(({ filesystem, partitions }) => filesystem === null && partitions.length === 0)) {
    return { storage_layout: "blank" };
  }
  return flat(machine);
}

async function lvm(services: MaasServices, machine: Machine, id: number): Promise<StorageLayoutOptions | undefined> {
  const group = await services.client.volumeGroups.read(machine.system_id, id);
  const [volume, ...others] = group?.logical_volumes ?? [];
  if (!group || !volume || others.length > 0) return undefined;
  return { storage_layout: "lvm", vg_name: group.name, lv_name: volume.name.replace(`${group.name}-`, "") };
}

/** One root partition on one disk; with what is left of the disk left free. */
function flat(machine: Machine): StorageLayoutOptions | undefined {
  const [disk, ...others] = machine.physicalblockdevice_set.filter(({ partitions }) => partitions.length > 0);
  const root = disk?.partitions.find(({ filesystem }) => filesystem?.mount_point === "/");
  if (!disk || !root || others.length > 0 || disk.partitions.length > 1) return undefined;
  return {
    storage_layout: "flat",
    ...(disk.available_size > 0 ? { root_size: root.size } : {}),
    ...(disk.id === machine.boot_disk?.id ? {} : { root_device: disk.id }),
  };
}
