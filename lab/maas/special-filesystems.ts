/** tmpfs and ramfs, which need no disk (src/maasserver/api/machines.py, mount_special). */
import { machineFor } from "./access.ts";
import { FormErrors } from "./form.ts";
import { renderMachine } from "./machine-render.ts";
import type { Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { json, refusal } from "./reply.ts";
import { addFilesystem, allFilesystems, dropFilesystem } from "./storage.ts";
import { checkMountPoint, readChoice, readPath } from "./storage-form.ts";

function changeable(call: Call, verb: string): Machine {
  const machine = machineFor(call, "edit");
  if (machine.status !== status.ready && machine.status !== status.allocated)
    throw refusal(409, `Cannot ${verb} the filesystem because the machine is not Ready or Allocated.`);
  return machine;
}

function mount(call: Call) {
  const { state, form } = call;
  const machine = changeable(call, "mount");
  const errors = new FormErrors();
  const mountPoint = readPath(form, errors, "mount_point", true);
  const fstype = readChoice(form, errors, "fstype", ["ramfs", "tmpfs"], true) ?? "";
  errors.throwIfAny();
  checkMountPoint(state, machine, mountPoint);
  const mountOptions = (form.get("mount_options") ?? "").trim();
  addFilesystem(state, machine, { fstype, mountPoint, mountOptions, acquired: machine.ownerId !== null });
  return json(renderMachine(state, machine));
}

function unmount(call: Call) {
  const { state, form } = call;
  const machine = changeable(call, "unmount");
  const errors = new FormErrors();
  const mountPoint = readPath(form, errors, "mount_point", true);
  const row = allFilesystems(state, machine).find(
    (one) => one.blockDeviceId === null && one.partitionId === null && one.mountPoint === mountPoint,
  );
  if (mountPoint !== "" && !row) errors.add("mount_point", "No special filesystem is mounted at this path.");
  errors.throwIfAny();
  if (row) dropFilesystem(state, machine, row);
  return json(renderMachine(state, machine));
}

const path = "machines/:system_id/";

export const specialFilesystemOperations: Operation[] = [
  { method: "POST", path, op: "mount_special", access: "user", handle: mount },
  { method: "POST", path, op: "unmount_special", access: "user", handle: unmount },
];
