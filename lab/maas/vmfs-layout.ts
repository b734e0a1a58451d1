/** The partitions that VMware ESXi wants: sizes in bytes, 0 for what is left (src/maasserver/storage_layouts.py). */
import type { BlockDevice, Machine, Partition } from "./machine-state.ts";
import type { LabState } from "./state.ts";
import { disksOf, partitionIndex, partitionsOf } from "./storage.ts";

const mebibyte = 1024 * 1024;

interface BasePartition {
  index: number;
  size: number;
  bootable?: boolean;
}

interface VmfsLayout {
  /** The first is what a layout makes; others are older forms that count too. */
  forms: readonly BasePartition[][];
  /** The last partition that ESXi itself needs. */
  lastBase: number;
  /** In bytes, and as the error names it. */
  smallestDisk: { size: number; text: string };
}

export const vmfsLayouts: Readonly<Record<"vmfs6" | "vmfs7", VmfsLayout>> = {
  vmfs6: {
    forms: [
      [
        { index: 1, size: 3 * mebibyte, bootable: true },
        { index: 2, size: 4096 * mebibyte },
        { index: 3, size: 0 },
        { index: 5, size: 249 * mebibyte },
        { index: 6, size: 249 * mebibyte },
        { index: 7, size: 109 * mebibyte },
        { index: 8, size: 285 * mebibyte },
        { index: 9, size: 2560 * mebibyte },
      ],
    ],
    lastBase: 9,
    smallestDisk: { size: 10 * 1024 * mebibyte, text: "10Gb" },
  },
  vmfs7: {
    forms: [
      [
        { index: 1, size: 100 * mebibyte, bootable: true },
        { index: 5, size: 4095 * mebibyte },
        { index: 6, size: 4095 * mebibyte },
        { index: 7, size: 25_662_832_128 },
        { index: 8, size: 0 },
      ],
      [
        { index: 1, size: 105 * mebibyte, bootable: true },
        { index: 5, size: 1074 * mebibyte },
        { index: 6, size: 1074 * mebibyte },
        { index: 7, size: 8704 * mebibyte },
        { index: 8, size: 0 },
      ],
    ],
    lastBase: 7,
    smallestDisk: { size: 32 * 1024 * mebibyte, text: "32Gb" },
  },
};

function hasForm(partitions: Partition[], form: readonly BasePartition[]): boolean {
  if (partitions.length < form.length) return false;
  // The last one is not looked at.
  return form.slice(0, -1).every(({ size, bootable = false }, index) => {
    const partition = partitions[index];
    return partition?.bootable === bootable && (size === 0 || partition.size === size);
  });
}

/** The disk with the layout on it. */
export const vmfsDisk = (state: LabState, machine: Machine, name: keyof typeof vmfsLayouts): BlockDevice | undefined =>
  disksOf(state, machine).find(
    (disk) =>
      disk.partitionTable === "GPT" && vmfsLayouts[name].forms.some((form) => hasForm(partitionsOf(state, disk), form)),
  );

/** Whether ESXi itself needs it. */
export const isVmfsPartition = (state: LabState, machine: Machine, disk: BlockDevice, partition: Partition): boolean =>
  (["vmfs7", "vmfs6"] as const).some(
    (name) =>
      vmfsDisk(state, machine, name)?.id === disk.id && partitionIndex(disk, partition) <= vmfsLayouts[name].lastBase,
  );
