/** nodes/{id}/blockdevices/: disks, and what groups make of them (facts: maas.md 2.15; src/maasserver/api/blockdevices.py). */
import { machineFor, may, type Permission } from "./access.ts";
import { renderBlockDevice, renderBlockDevices } from "./block-device-render.ts";
import { caller } from "./caller.ts";
import { filesystemOperations } from "./filesystem-operations.ts";
import {
  checkDeviceName,
  dropDevice,
  dropGroup,
  freeSpace,
  groupOf,
  membersOf,
  niceName,
  updateVirtualDevice,
} from "./filesystem-groups.ts";
import { FormErrors, readText } from "./form.ts";
import type { BlockDevice, Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, fieldErrors, forbidden, json, notFound, refusal } from "./reply.ts";
import { nextId, type LabState } from "./state.ts";
import { aligned, filesystemOf, isVirtual } from "./storage.ts";
import { readBytes, readChoice, readNumaNode, readPath, readUuid, requireReady } from "./storage-form.ts";

/** The collection leaves one key out that everything else shows (transcript s03). */
const withoutFirmware = (shown: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(shown).filter(([key]) => key !== "firmware_version"));

function list(call: Call) {
  const machine = machineFor(call, "view", "Machine");
  return json(renderBlockDevices(call.state, machine).map(withoutFirmware));
}

export interface Found {
  machine: Machine;
  disk: BlockDevice;
}

/** By id, or by name. An unknown machine is an unknown disk. */
export function diskFor(call: Call, permission: Permission, parameter = "id"): Found {
  const { state, params } = call;
  const machine = state.machines[params["system_id"] ?? ""];
  const id = params[parameter] ?? "";
  const disk = machine?.blockDeviceIds
    .flatMap((known) => state.blockDevices[known] ?? [])
    .find((row) => String(row.id) === id || row.name === id);
  if (!machine || !disk) throw notFound("BlockDevice");
  if (!may(caller(call), machine, permission)) throw forbidden();
  return { machine, disk };
}

const answer = (call: Call, { machine, disk }: Found) => json(renderBlockDevice(call.state, machine, disk));

const smallestDevice = 4 * 1024 * 1024;
const smallestBlock = 512;

interface DiskFields {
  name: string;
  model: string;
  serial: string;
  idPath: string;
  size: number;
  blockSize: number;
}

function readDisk({ form }: Call, errors: FormErrors, current?: BlockDevice): DiskFields {
  const required = current === undefined;
  const fields = {
    name: readText(form, errors, "name", { current: current?.name, required, max: 255 }),
    model: readText(form, errors, "model", { current: current?.model, max: 255 }),
    serial: readText(form, errors, "serial", { current: current?.serial, max: 255 }),
    idPath: form.has("id_path") ? readPath(form, errors, "id_path", false) : (current?.idPath ?? ""),
    size: readBytes(form, errors, "size", { required, current: current?.size, min: smallestDevice }) ?? 0,
    blockSize:
      readBytes(form, errors, "block_size", { required, current: current?.blockSize, min: smallestBlock }) ?? 0,
  };
  readNumaNode(form, errors);
  if (fields.idPath === "" && (fields.model === "" || fields.serial === ""))
    errors.add("__all__", "serial/model are required if id_path is not provided.");
  return fields;
}

/** In any status. */
function create(call: Call) {
  const { state } = call;
  const machine = machineFor(call, "admin", "Machine");
  const errors = new FormErrors();
  const fields = readDisk(call, errors);
  errors.throwIfAny();
  checkDeviceName(state, machine, fields.name);
  const disk: BlockDevice = {
    id: nextId(state, "blockDevice"),
    systemId: machine.systemId,
    ...fields,
    tags: [],
    partitionTable: null,
    partitionIds: [],
  };
  state.blockDevices[disk.id] = disk;
  machine.blockDeviceIds.push(disk.id);
  return answer(call, { machine, disk });
}

function update(call: Call) {
  const found = diskFor(call, "admin");
  const { machine, disk } = found;
  if (machine.status !== status.ready && machine.status !== status.deployed)
    throw refusal(409, "Cannot update block device because the machine is not Ready.");
  if (isVirtual(disk)) updateVirtual(call, found);
  else updatePhysical(call, found);
  return answer(call, found);
}

/** Deployed machines take names alone. */
function updatePhysical(call: Call, { machine, disk }: Found): void {
  const { state, form } = call;
  const errors = new FormErrors();
  const { size, blockSize, ...names } = readDisk(call, errors, disk);
  const isReady = machine.status === status.ready;
  const table = isReady ? readTable(call, errors, disk) : undefined;
  errors.throwIfAny();
  checkDeviceName(state, machine, names.name, disk);
  Object.assign(disk, names, isReady ? { size, blockSize } : {}, table === undefined ? {} : { partitionTable: table });
  if (form.has("size")) followSize(state, machine, disk);
}

function readTable({ form }: Call, errors: FormErrors, disk: BlockDevice): string | undefined {
  const table = readChoice(form, errors, "partition_table_type", ["MBR", "GPT"]);
  if (table !== undefined && disk.partitionTable === null)
    errors.add("partition_table_type", "Block device has no partition table");
  return table;
}

/** Groups that the disk is in are as large as their members. */
function followSize(state: LabState, machine: Machine, disk: BlockDevice): void {
  for (const group of Object.values(state.filesystemGroups))
    if (membersOf(state, machine, group).some(({ blockDeviceId }) => blockDeviceId === disk.id))
      updateVirtualDevice(state, machine, group);
}

function updateVirtual(call: Call, { machine, disk }: Found): void {
  const { state, form } = call;
  if (machine.status === status.deployed)
    throw refusal(409, "Cannot update virtual block device because the machine is Deployed.");
  const group = state.filesystemGroups[disk.groupId ?? -1];
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { current: disk.name, max: 255 });
  const uuid = readUuid(form, errors) ?? disk.uuid;
  const size = readBytes(form, errors, "size", { current: disk.size }) ?? disk.size;
  const table = readTable(call, errors, disk);
  const isVolume = group?.type === "lvm-vg";
  if (!isVolume && size !== disk.size) errors.add("size", "Size cannot be changed on this device.");
  errors.throwIfAny();
  checkDeviceName(state, machine, name, disk);
  const rounded = isVolume ? aligned(size) : size;
  if (isVolume && rounded > freeSpace(state, machine, group) + disk.size)
    throw fieldErrors({ __all__: [`There is not enough free space on volume group ${group.name}.`] });
  Object.assign(disk, { name, size: rounded, ...(uuid === undefined ? {} : { uuid }) });
  if (table !== undefined) Object.assign(disk, { partitionTable: table });
  if (group && !isVolume) group.name = name;
}

/** What comes of a group takes its group along, a logical volume excepted. */
function remove(call: Call) {
  const { state } = call;
  const { machine, disk } = diskFor(call, "admin");
  requireReady(machine, "Cannot delete block device because the machine is not Ready.");
  const own = groupOf(state, filesystemOf(state, machine, { blockDeviceId: disk.id }));
  if (own) throw refusal(400, `Cannot delete block device because its part of a ${niceName(own)}.`);
  const source = state.filesystemGroups[disk.groupId ?? -1];
  dropDevice(state, machine, disk);
  if (source && source.type !== "lvm-vg") dropGroup(state, machine, source);
  return deleted();
}

function setBootDisk(call: Call) {
  const { machine, disk } = diskFor(call, "admin");
  requireReady(machine, "Cannot set as boot disk because the machine is not Ready.");
  if (isVirtual(disk)) throw refusal(400, "Cannot set a virtual block device as the boot disk.");
  machine.bootDiskId = disk.id;
  return { status: 200, contentType: "text/plain", body: "OK" };
}

const path = "nodes/:system_id/blockdevices/:id/";

export const blockDeviceOperations: Operation[] = [
  { method: "GET", path: "nodes/:system_id/blockdevices/", access: "user", handle: list },
  { method: "POST", path: "nodes/:system_id/blockdevices/", access: "admin", handle: create },
  { method: "GET", path, access: "user", handle: (call) => answer(call, diskFor(call, "view")) },
  { method: "PUT", path, access: "user", handle: update },
  { method: "DELETE", path, access: "user", handle: remove },
  { method: "POST", path, op: "set_boot_disk", access: "user", handle: setBootDisk },
  ...filesystemOperations<Found>({
    path,
    noun: "block device",
    find: diskFor,
    answer,
    at: ({ disk }) => ({ blockDeviceId: disk.id }),
    forbid: (_call, { disk }, errors) => {
      if (!errors.has("fstype") && disk.partitionTable !== null)
        errors.add("__all__", "Cannot format block device with a partition table.");
    },
    tagged: ({ machine, disk }) => {
      requireReady(machine, "Cannot update block device because the machine is not Ready.");
      return disk;
    },
  }),
];
