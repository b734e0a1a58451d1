/** What the forms of disks, partitions and groups have in common (rules of src/maasserver/forms/__init__.py). */
import { readInteger, requiredMessage, type FormErrors } from "./form.ts";
import { freeDisks, freePartitions, partitionName, type Device } from "./filesystem-groups.ts";
import type { BlockDevice, Filesystem, Machine, Partition } from "./machine-state.ts";
import { status } from "./node-status.ts";
import type { Call, Fields } from "./operation.ts";
import { fieldErrors, forbidden, refusal } from "./reply.ts";
import { caller } from "./caller.ts";
import { allocationStatuses } from "./node-status.ts";
import type { LabState } from "./state.ts";
import {
  addFilesystem,
  allFilesystems,
  bootDisk,
  dropFilesystem,
  formats,
  isAt,
  isMountable,
  type Place,
} from "./storage.ts";

const invalid = "Enter a valid value.";

const wrongLength = (least: boolean, limit: number, text: string): string =>
  `Ensure this value has at ${least ? "least" : "most"} ${String(limit)} characters (it has ${String(text.length)}).`;

/** A UUID of version 4; undefined when not sent. */
export function readUuid(form: Fields, errors: FormErrors): string | undefined {
  const text = form.get("uuid")?.trim() ?? "";
  if (text === "") return undefined;
  const pattern = /[\da-f]{8}-?[\da-f]{4}-?4[\da-f]{3}-?[89ab][\da-f]{3}-?[\da-f]{12}/i;
  if (!pattern.test(text)) errors.add("uuid", invalid);
  if (text.length < 32) errors.add("uuid", wrongLength(true, 32, text));
  if (text.length > 36) errors.add("uuid", wrongLength(false, 36, text));
  return text;
}

const units: Record<string, number> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15, E: 1e18 };

/** `20G` in bytes. */
export function parseBytes(text: string): number | undefined {
  const match = /^(-?\d+)([KMGTPE]?)$/i.exec(text);
  return match ? Number(match[1]) * (units[(match[2] ?? "").toUpperCase()] ?? 1) : undefined;
}

interface BytesRules {
  required?: boolean;
  current?: number | undefined;
  min?: number;
  max?: number;
}

/** null when not sent. */
export function readBytes(form: Fields, errors: FormErrors, name: string, rules: BytesRules = {}): number | null {
  const text = form.get(name)?.trim() ?? "";
  if (text === "") {
    if (rules.required) errors.add(name, requiredMessage);
    return rules.current ?? null;
  }
  const value = parseBytes(text);
  if (value === undefined) {
    errors.add(name, invalid);
    return null;
  }
  if (rules.min !== undefined && value < rules.min)
    errors.add(name, `Ensure this value is greater than or equal to ${String(rules.min)}.`);
  if (rules.max !== undefined && value > rules.max)
    errors.add(name, `Ensure this value is less than or equal to ${String(rules.max)}.`);
  return value;
}

/** An absolute path. */
export function readPath(form: Fields, errors: FormErrors, name: string, isRequired: boolean): string {
  const text = form.get(name)?.trim() ?? "";
  if (text === "" && isRequired) errors.add(name, requiredMessage);
  else if (!/^(?:\/[^/]*)*$/.test(text)) errors.add(name, invalid);
  return text;
}

export function readChoice(
  form: Fields,
  errors: FormErrors,
  name: string,
  choices: readonly string[],
  isRequired = false,
): string | undefined {
  const text = form.get(name) ?? "";
  if (text === "") {
    if (isRequired) errors.add(name, requiredMessage);
    return undefined;
  }
  if (choices.includes(text)) return text;
  errors.add(name, notAChoice(text));
  return undefined;
}

const notAChoice = (text: string): string => `Select a valid choice. ${text} is not one of the available choices.`;

/** Disks by id or name; what is not among `choices` is an error of the field. */
export function readDisks(
  form: Fields,
  errors: FormErrors,
  name: string,
  choices: readonly BlockDevice[],
): BlockDevice[] {
  return readMany(form, errors, name, choices, (disk) => [String(disk.id), disk.name]);
}

interface Located {
  disk: BlockDevice;
  partition: Partition;
}

export const readPartitions = (
  state: LabState,
  form: Fields,
  errors: FormErrors,
  name: string,
  choices: readonly Located[],
): Located[] =>
  readMany(form, errors, name, choices, ({ disk, partition }) => [
    String(partition.id),
    partitionName(state, disk, partition),
  ]);

function readMany<Row>(
  form: Fields,
  errors: FormErrors,
  name: string,
  choices: readonly Row[],
  words: (row: Row) => string[],
): Row[] {
  const chosen: Row[] = [];
  for (const text of form.all(name).filter((one) => one !== "")) {
    const found = choices.find((row) => words(row).includes(text));
    if (!found && !errors.has(name)) errors.add(name, notAChoice(text));
    if (found && !chosen.includes(found)) chosen.push(found);
  }
  return chosen;
}

/** One disk or one partition that is free (or `also`), each under its own name; undefined for neither. */
export function readDevices(
  { state, form }: Call,
  machine: Machine,
  errors: FormErrors,
  names: { disk: string; partition: string },
  also: Device[] = [],
): { disk: BlockDevice | undefined; partition: Located | undefined } {
  const isPartition = (device: Device): device is Located => device.partition !== undefined;
  const disks = [...freeDisks(state, machine), ...also.filter((one) => !isPartition(one)).map(({ disk }) => disk)];
  const partitions = [...freePartitions(state, machine), ...also.filter(isPartition)];
  return {
    disk: readDisks(form, errors, names.disk, disks)[0],
    partition: readPartitions(state, form, errors, names.partition, partitions)[0],
  };
}

/** 409 outside of Ready and Allocated; in Ready only for administrators. `what`: "block device" on a "machine", "partition" on a "node". */
export function requireStorageChangeable(call: Call, machine: Machine, verb: string, what: string): void {
  const whose = what === "partition" ? "node" : "machine";
  if (machine.status !== status.ready && machine.status !== status.allocated)
    throw refusal(409, `Cannot ${verb} ${what} because the ${whose} is not Ready or Allocated.`);
  if (machine.status === status.ready && !caller(call).isSuperuser)
    throw forbidden(`Cannot ${verb} ${what} because you don't have the permissions on a Ready ${whose}.`);
}

export function requireReady(machine: Machine, sentence: string): void {
  if (machine.status !== status.ready) throw refusal(409, sentence);
}

interface Format {
  fstype: string;
  label: string;
  uuid: string | undefined;
}

export function readFormat(form: Fields, errors: FormErrors): Format {
  const uuid = readUuid(form, errors);
  const fstype = readChoice(form, errors, "fstype", formats, true) ?? "";
  return { fstype, label: (form.get("label") ?? "").trim(), uuid };
}

/** Replaces the file system of a device; one that belongs to a group stays. `noun`: "block device" or "partition". */
export function formatDevice(state: LabState, machine: Machine, at: Place, format: Format, noun: string): void {
  const isAcquired = allocationStatuses.has(machine.status);
  const former = allFilesystems(state, machine).find((row) => isAt(row, at) && row.acquired === isAcquired);
  if (former && !isMountable(former))
    throw refusal(400, `Cannot format a ${noun} that has a filesystem type of ${former.fstype}.`);
  if ("blockDeviceId" in at && at.blockDeviceId === bootDisk(state, machine)?.id)
    throw fieldErrors({
      __all__: [
        "Cannot place filesystem directly on the boot disk. Create a partition on the boot disk first and then format the partition.",
      ],
    });
  if (format.fstype === "tmpfs" || format.fstype === "ramfs")
    throw fieldErrors({ __all__: ["Virtual filesystems must be mounted."] });
  if (former) dropFilesystem(state, machine, former);
  const { uuid, ...rest } = format;
  addFilesystem(state, machine, { ...at, ...rest, ...(uuid === undefined ? {} : { uuid }) });
}

export function unformat(
  state: LabState,
  machine: Machine,
  row: Filesystem | undefined,
  noun: "block device" | "partition",
  groupName: (row: Filesystem) => string | undefined,
): void {
  if (!row) throw refusal(400, `${noun === "partition" ? "Partition" : "Block device"} is not formatted.`);
  if (row.mountPoint !== null)
    throw refusal(
      400,
      `Filesystem is mounted and cannot be unformatted. Unmount the filesystem before unformatting the ${noun}.`,
    );
  const group = groupName(row);
  if (group !== undefined)
    throw refusal(
      400,
      `Filesystem is part of a ${group}, and cannot be unformatted. Remove ${noun} from ${group} before unformatting the ${noun}.`,
    );
  dropFilesystem(state, machine, row);
}

export function mount(
  state: LabState,
  machine: Machine,
  row: Filesystem | undefined,
  form: Fields,
  errors: FormErrors,
): void {
  if (!row) {
    errors.add("__all__", "Cannot mount an unformatted partition or block device.");
    throw errors.error();
  }
  const isSwap = row.fstype === "swap";
  const mountPoint = isSwap ? "none" : readPath(form, errors, "mount_point", true);
  if (row.groupId !== undefined)
    errors.add("__all__", "Filesystem is part of a filesystem group, and cannot be mounted.");
  errors.throwIfAny();
  if (!isSwap) checkMountPoint(state, machine, mountPoint, row);
  Object.assign(row, { mountPoint, mountOptions: (form.get("mount_options") ?? "").trim() });
}

export function checkMountPoint(state: LabState, machine: Machine, mountPoint: string, self?: Filesystem): void {
  const isAcquired = self?.acquired ?? machine.ownerId !== null;
  const taken = allFilesystems(state, machine).some(
    (row) => row.id !== self?.id && row.mountPoint === mountPoint && row.acquired === isAcquired,
  );
  if (taken) throw fieldErrors({ __all__: [`Another filesystem is already mounted at ${mountPoint}.`] });
}

export function unmount(row: Filesystem | undefined, noun: "Block device" | "Partition"): void {
  if (!row) throw refusal(400, `${noun} is not formatted.`);
  if (row.mountPoint === null) throw refusal(400, "Filesystem is already unmounted.");
  Object.assign(row, { mountPoint: null, mountOptions: null });
}

/** The lab's machines have one NUMA node, 0. */
export function readNumaNode(form: Fields, errors: FormErrors): void {
  const value = readInteger(form, errors, "numa_node", { min: 0 });
  if (value !== null && value !== 0 && !errors.has("numa_node")) errors.add("numa_node", "Invalid NUMA node");
}
