/** nodes/{id}/blockdevices/: reading disks, formatting and mounting them (facts: maas.md 2.15). */
import { machineFor } from "./access.ts";
import { renderBlockDevice, renderBlockDevices } from "./block-device-render.ts";
import { FormErrors, mandatory } from "./form.ts";
import type { BlockDevice, Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { json, notFound, refusal } from "./reply.ts";
import type { LabState } from "./state.ts";
import { addFilesystem, dropFilesystem, filesystemOf } from "./storage.ts";

/** The collection leaves one key out that a machine's own lists show (transcript s03). */
const withoutFirmware = (shown: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(shown).filter(([key]) => key !== "firmware_version"));

function list(call: Call) {
  const machine = machineFor(call, "view", "Machine");
  return json(renderBlockDevices(call.state, machine).map(withoutFirmware));
}

function diskOf(state: LabState, machine: Machine, id: string): BlockDevice {
  const disk = machine.blockDeviceIds
    .flatMap((known) => state.blockDevices[known] ?? [])
    .find((row) => String(row.id) === id || row.name === id);
  if (!disk) throw notFound("BlockDevice");
  return disk;
}

function read(call: Call) {
  const machine = machineFor(call, "view", "Machine");
  return json(
    withoutFirmware(renderBlockDevice(call.state, machine, diskOf(call.state, machine, call.params["id"] ?? ""))),
  );
}

function diskToChange(call: Call, verb: string): { machine: Machine; disk: BlockDevice } {
  const machine = machineFor(call, "admin", "Machine");
  const disk = diskOf(call.state, machine, call.params["id"] ?? "");
  if (machine.status !== status.ready && machine.status !== status.allocated)
    throw refusal(409, `Cannot ${verb} block device because the machine is not Ready or Allocated.`);
  return { machine, disk };
}

const answer = (call: Call, machine: Machine, disk: BlockDevice) =>
  json(withoutFirmware(renderBlockDevice(call.state, machine, disk)));

function format(call: Call) {
  const { state, form } = call;
  const { machine, disk } = diskToChange(call, "format");
  const fstype = form.get("fstype") ?? "";
  const errors = new FormErrors();
  if (fstype === "") errors.add("fstype", "This field is required.");
  errors.throwIfAny();
  const former = filesystemOf(state, machine, { blockDeviceId: disk.id });
  if (former) dropFilesystem(state, machine, former);
  addFilesystem(state, machine, { blockDeviceId: disk.id, fstype, label: form.get("label") ?? "" });
  return answer(call, machine, disk);
}

function unformat(call: Call) {
  const { state } = call;
  const { machine, disk } = diskToChange(call, "unformat");
  const filesystem = filesystemOf(state, machine, { blockDeviceId: disk.id });
  if (!filesystem) throw refusal(400, "Block device is not formatted.");
  if (filesystem.mountPoint !== null)
    throw refusal(
      400,
      "Filesystem is mounted and cannot be unformatted. Unmount the filesystem before unformatting the block device.",
    );
  dropFilesystem(state, machine, filesystem);
  return answer(call, machine, disk);
}

function mount(call: Call) {
  const { state, form } = call;
  const { machine, disk } = diskToChange(call, "mount");
  const filesystem = filesystemOf(state, machine, { blockDeviceId: disk.id });
  const errors = new FormErrors();
  const mountPoint = form.get("mount_point") ?? "";
  if (mountPoint === "") errors.add("mount_point", "This field is required.");
  if (!filesystem) errors.add("__all__", "Cannot mount an unformatted block device.");
  errors.throwIfAny();
  if (filesystem) Object.assign(filesystem, { mountPoint, mountOptions: form.get("mount_options") ?? null });
  return answer(call, machine, disk);
}

function unmount(call: Call) {
  const { state } = call;
  const { machine, disk } = diskToChange(call, "unmount");
  const filesystem = filesystemOf(state, machine, { blockDeviceId: disk.id });
  if (!filesystem) throw refusal(400, "Block device is not formatted.");
  if (filesystem.mountPoint === null) throw refusal(400, "Filesystem is already unmounted.");
  Object.assign(filesystem, { mountPoint: null, mountOptions: null });
  return answer(call, machine, disk);
}

const tagging = (change: (tags: string[], tag: string) => string[]) => (call: Call) => {
  const machine = machineFor(call, "admin", "Machine");
  const disk = diskOf(call.state, machine, call.params["id"] ?? "");
  disk.tags = change(disk.tags, mandatory(call.form, "tag"));
  return answer(call, machine, disk);
};

const path = "nodes/:system_id/blockdevices/:id/";

export const blockDeviceOperations: Operation[] = [
  { method: "GET", path: "nodes/:system_id/blockdevices/", access: "user", handle: list },
  { method: "GET", path, access: "user", handle: read },
  { method: "POST", path, op: "format", access: "user", handle: format },
  { method: "POST", path, op: "unformat", access: "user", handle: unformat },
  { method: "POST", path, op: "mount", access: "user", handle: mount },
  { method: "POST", path, op: "unmount", access: "user", handle: unmount },
  {
    method: "POST",
    path,
    op: "add_tag",
    access: "user",
    handle: tagging((tags, tag) => [...new Set([...tags, tag])]),
  },
  {
    method: "POST",
    path,
    op: "remove_tag",
    access: "user",
    handle: tagging((tags, tag) => tags.filter((other) => other !== tag)),
  },
];
