/** nodes/{id}/blockdevices/{id}/partitions/, and without a slash at its end partition/{id} (src/maasserver/api/partitions.py). */
import type { Permission } from "./access.ts";
import { renderPartition } from "./block-device-render.ts";
import { diskFor, type Found } from "./block-devices.ts";
import { groupOf, niceName, partitionName, partitionsWithDisks } from "./filesystem-groups.ts";
import { filesystemOperations } from "./filesystem-operations.ts";
import { FormErrors, readCheckbox } from "./form.ts";
import type { BlockDevice, Filesystem, Partition } from "./machine-state.ts";
import type { Call, Operation } from "./operation.ts";
import { ApiError } from "./operation.ts";
import { deleted, fieldErrors, json, refusal } from "./reply.ts";
import {
  addPartition,
  aligned,
  alignment,
  availableInTable,
  dropPartition,
  filesystemOf,
  partitionsOf,
} from "./storage.ts";
import { readBytes, readUuid, requireReady } from "./storage-form.ts";
import { isVmfsPartition } from "./vmfs-layout.ts";

interface FoundPartition extends Found {
  partition: Partition;
  /** Which may be another disk than that of the path: only the machine is looked at. */
  its: BlockDevice;
}

/** By id, or by name such as `sda-part2`. A 404 without a word for an unknown one. */
function partitionFor(call: Call, permission: Permission): FoundPartition {
  const found = diskFor(call, permission, "device_id");
  const id = call.params["id"] ?? "";
  const row = partitionsWithDisks(call.state, found.machine).find(
    ({ disk, partition }) => String(partition.id) === id || partitionName(call.state, disk, partition) === id,
  );
  if (!row) throw new ApiError({ status: 404, contentType: "text/plain", body: "" });
  return { ...found, partition: row.partition, its: row.disk };
}

const answer = (call: Call, { machine, its, partition }: FoundPartition) =>
  json(renderPartition(call.state, machine, its, partition));

/** A disk without a table is a 500 in Python's words. */
function list(call: Call) {
  const { machine, disk } = diskFor(call, "view", "device_id");
  if (disk.partitionTable === null) throw refusal(500, "PartitionTable matching query does not exist.");
  return json(partitionsOf(call.state, disk).map((partition) => renderPartition(call.state, machine, disk, partition)));
}

/** 2 TiB, less a MiB. */
const largestInMbr = aligned((2 ** 32 - 1) * 512 - 1024 ** 2);

function create(call: Call) {
  const { state, form } = call;
  const { machine, disk } = diskFor(call, "admin", "device_id");
  requireReady(machine, "Cannot create partition because the node is not Ready.");
  const errors = new FormErrors();
  const uuid = readUuid(form, errors);
  const wanted = readBytes(form, errors, "size", { min: alignment, max: disk.size });
  const bootable = readCheckbox(form, "bootable", false);
  errors.throwIfAny();
  const source = state.filesystemGroups[disk.groupId ?? -1];
  if (source?.type === "lvm-vg" || source?.type === "bcache")
    throw fieldErrors({
      block_device: [
        `Cannot create a partition table on a ${source.type === "bcache" ? "Bcache volume" : "logical volume"}.`,
      ],
    });
  const free = availableInTable(state, disk);
  const isMbr = disk.partitionTable === "MBR";
  const size = aligned(wanted ?? (isMbr ? Math.min(free, largestInMbr) : free));
  if (size < alignment)
    throw fieldErrors({ size: [`Ensure this value is greater than or equal to ${String(alignment)}.`] });
  if (size > free + disk.blockSize)
    throw fieldErrors({ size: ["Partition cannot be saved; not enough free space on the block device."] });
  if (isMbr && size > largestInMbr)
    throw fieldErrors({ size: ["Partition cannot be saved; size is larger than the MBR 2TiB maximum."] });
  const partition = addPartition(state, disk, { size, bootable, ...(uuid === undefined ? {} : { uuid }) });
  return answer(call, { machine, disk, its: disk, partition });
}

const filesystem = (call: Call, { machine, partition }: FoundPartition): Filesystem | undefined =>
  filesystemOf(call.state, machine, { partitionId: partition.id });

function remove(call: Call) {
  const { state } = call;
  const { machine, disk } = diskFor(call, "admin", "device_id");
  if (disk.partitionTable === null)
    throw new ApiError({ status: 404, contentType: "text/plain", body: "No PartitionTable matches the given query." });
  requireReady(machine, "Cannot delete block device because the node is not Ready.");
  const found = partitionFor(call, "admin");
  if (found.its.id !== disk.id) throw refusal(400, "Partition doesn't belong to the partition table");
  const group = groupOf(state, filesystem(call, found));
  if (group) throw refusal(400, `Cannot delete partition because its part of a ${niceName(group)}.`);
  if (isVmfsPartition(state, machine, disk, found.partition))
    throw refusal(400, "VMware ESXi partitions may not be removed. To remove select a different storage layout.");
  dropPartition(state, machine, disk, found.partition);
  return deleted();
}

const disks = "nodes/:system_id/blockdevices/:device_id/";
const path = `${disks}partition/:id`;

export const partitionOperations: Operation[] = [
  { method: "GET", path: `${disks}partitions/`, access: "user", handle: list },
  { method: "POST", path: `${disks}partitions/`, access: "user", handle: create },
  { method: "GET", path, access: "user", handle: (call) => answer(call, partitionFor(call, "view")) },
  { method: "DELETE", path, access: "user", handle: remove },
  ...filesystemOperations<FoundPartition>({
    path,
    noun: "partition",
    find: partitionFor,
    answer,
    at: ({ partition }) => ({ partitionId: partition.id }),
    forbid: (call, { machine, partition, its }, errors) => {
      if (isVmfsPartition(call.state, machine, its, partition))
        errors.add("VMFS", "Base VMFS partitions may not be formatted.");
    },
    tagged: ({ partition }) => partition,
  }),
];
