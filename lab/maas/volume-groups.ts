/** Volume groups and their logical volumes (src/maasserver/api/volume_groups.py). */
import { machineFor } from "./access.ts";
import { renderBlockDevice, renderVolumeGroup } from "./block-device-render.ts";
import {
  addMember,
  checkGroup,
  createGroup,
  createLogicalVolume,
  deviceOf,
  dropDevice,
  dropGroup,
  freeDisks,
  freePartitions,
  freeSpace,
  membersOf,
  placeOf,
  volumesOf,
  type Device,
} from "./filesystem-groups.ts";
import { FormErrors, mandatory, readText } from "./form.ts";
import { groupFor, groupOperations, type FoundGroup } from "./group-operations.ts";
import type { BlockDevice, FilesystemGroup, Machine, Partition } from "./machine-state.ts";
import type { Call } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import type { LabState } from "./state.ts";
import { dropFilesystem } from "./storage.ts";
import { readBytes, readDisks, readPartitions, readUuid, requireReady } from "./storage-form.ts";

const pv = "lvm-pv";

interface Located {
  disk: BlockDevice;
  partition: Partition;
}

/** Disks of the path, the boot disk as a partition over the whole of it. */
const places = (state: LabState, machine: Machine, disks: BlockDevice[], partitions: Located[]): Device[] => [
  ...disks.map((disk) => placeOf(state, machine, disk)),
  ...partitions,
];

/** Errors of a group that is made of at least one device. */
export function readMembers(
  call: Call,
  machine: Machine,
  errors: FormErrors,
): { disks: BlockDevice[]; partitions: Located[] } {
  const { state, form } = call;
  const disks = readDisks(form, errors, "block_devices", freeDisks(state, machine));
  const partitions = readPartitions(state, form, errors, "partitions", freePartitions(state, machine));
  const wrong = errors.has("block_devices") || errors.has("partitions") || errors.has("name");
  if (!wrong && disks.length + partitions.length === 0)
    errors.add("__all__", "At least one valid block device or partition is required.");
  return { disks, partitions };
}

function create(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin", "Machine");
  requireReady(machine, "Cannot create volume group because the machine is not Ready.");
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { required: true });
  const uuid = readUuid(form, errors);
  const { disks, partitions } = readMembers(call, machine, errors);
  errors.throwIfAny();
  const members = places(state, machine, disks, partitions).map((device) => ({ device, fstype: pv }));
  const group = createGroup(state, machine, { type: "lvm-vg", name, uuid, members });
  return json(renderVolumeGroup(state, machine, group));
}

/** Devices that a group has now. */
export const devicesOf = (state: LabState, machine: Machine, group: FilesystemGroup): Device[] =>
  membersOf(state, machine, group).flatMap((row) => deviceOf(state, row) ?? []);

const isLocated = (device: Device): device is Located => device.partition !== undefined;
export const disksIn = (devices: Device[]): BlockDevice[] =>
  devices.filter((one) => !isLocated(one)).map(({ disk }) => disk);
export const partitionsIn = (devices: Device[]): Located[] => devices.filter(isLocated);

interface Changes {
  name: string | undefined;
  uuid: string | undefined;
  added: { disks: BlockDevice[]; partitions: Located[] };
  removed: Set<number>;
}

/** `add_` and `remove_` of disks and partitions; `removed` are ids of file systems. */
export function readChanges({ state, form }: Call, { machine, group }: FoundGroup): Changes {
  const errors = new FormErrors();
  const now = devicesOf(state, machine, group);
  const uuid = readUuid(form, errors);
  const added = {
    disks: readDisks(form, errors, "add_block_devices", freeDisks(state, machine)),
    partitions: readPartitions(state, form, errors, "add_partitions", freePartitions(state, machine)),
  };
  const gone = {
    disks: readDisks(form, errors, "remove_block_devices", disksIn(now)),
    partitions: readPartitions(state, form, errors, "remove_partitions", partitionsIn(now)),
  };
  errors.throwIfAny();
  const removed = membersOf(state, machine, group).filter(
    (row) =>
      gone.disks.some(({ id }) => id === row.blockDeviceId) ||
      gone.partitions.some(({ partition }) => partition.id === row.partitionId),
  );
  return { name: form.get("name")?.trim() || undefined, uuid, added, removed: new Set(removed.map(({ id }) => id)) };
}

/** Checks before it changes: what is refused leaves no trace. */
function update(call: Call, found: FoundGroup) {
  const { state } = call;
  const { machine, group } = found;
  const { name, uuid, added, removed } = readChanges(call, found);
  const left = membersOf(state, machine, group).filter(({ id }) => !removed.has(id));
  if (left.length + added.disks.length + added.partitions.length === 0) {
    if (volumesOf(state, machine, group).length > 0)
      throw refusal(400, "Volume group cannot be smaller than its logical volumes.");
    throw emptied();
  }
  for (const row of membersOf(state, machine, group)) if (removed.has(row.id)) dropFilesystem(state, machine, row);
  for (const device of places(state, machine, added.disks, added.partitions))
    addMember(state, machine, group, device, pv);
  Object.assign(group, name === undefined ? {} : { name }, uuid === undefined ? {} : { uuid });
  checkGroup(state, machine, group);
}

function emptied(): Error {
  const errors = new FormErrors();
  errors.add("__all__", "At least one filesystem must have been added.");
  return errors.error();
}

function remove({ state }: Call, { machine, group }: FoundGroup): void {
  if (volumesOf(state, machine, group).length > 0)
    throw refusal(400, "This volume group has logical volumes; it cannot be deleted.");
  dropGroup(state, machine, group);
}

const smallestVolume = 4 * 1024 * 1024;

function createVolume(call: Call) {
  const { state, form } = call;
  const { machine, group } = groupFor(call, "VolumeGroup", ["lvm-vg"], "admin");
  requireReady(machine, "Cannot create logical volume because the machine is not Ready.");
  const errors = new FormErrors();
  const free = freeSpace(state, machine, group);
  const name = readText(form, errors, "name", { required: true });
  const uuid = readUuid(form, errors);
  const isFull = free < smallestVolume;
  const size = isFull ? null : readBytes(form, errors, "size", { min: smallestVolume, max: free });
  if (isFull)
    errors.add(
      "__all__",
      `Volume group (${group.name}) cannot hold any more logical volumes, because it doesn't have enough free space.`,
    );
  errors.throwIfAny();
  const volume = createLogicalVolume(state, machine, group, { name, size, uuid });
  return json(renderBlockDevice(state, machine, volume));
}

/** One that is not there is a success. */
function deleteVolume(call: Call) {
  const { state, form } = call;
  const { machine, group } = groupFor(call, "VolumeGroup", ["lvm-vg"], "admin");
  requireReady(machine, "Cannot delete logical volume because the machine is not Ready.");
  const id = mandatory(form, "id");
  if (!/^\d+$/.test(id)) throw refusal(500, `Field 'id' expected a number but got '${id}'.`);
  const volume = volumesOf(state, machine, group).find((disk) => String(disk.id) === id);
  if (volume) dropDevice(state, machine, volume);
  return deleted();
}

const item = "nodes/:system_id/volume-group/:id/";

export const volumeGroupOperations = [
  ...groupOperations({
    model: "VolumeGroup",
    types: ["lvm-vg"],
    noun: "volume group",
    collection: "nodes/:system_id/volume-groups/",
    item,
    render: renderVolumeGroup,
    create,
    update,
    remove,
  }),
  { method: "POST" as const, path: item, op: "create_logical_volume", access: "user" as const, handle: createVolume },
  { method: "POST" as const, path: item, op: "delete_logical_volume", access: "user" as const, handle: deleteVolume },
];
