/** Allocating a machine by constraints (facts: maas.md 2.7; transcript s14). */
import { visibleMachines } from "./access.ts";
import { acquire, readAcquireOptions } from "./acquire.ts";
import { caller } from "./caller.ts";
import {
  parseInterfaces,
  parseStorage,
  pythonText,
  type InterfaceConstraint,
  type StorageConstraint,
} from "./constraint-maps.ts";
import { FormErrors, readStringBool } from "./form.ts";
import { interfaceMatches } from "./interface-constraint.ts";
import { interfacesOf } from "./links.ts";
import { addCommonFilters, commonFields, matchAny, newFilters, refuseUnknown, type Filters } from "./machine-filter.ts";
import { fqdnOf, renderMachine } from "./machine-render.ts";
import type { BlockDevice, Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { json, refusal } from "./reply.ts";
import type { LabState } from "./state.ts";
import { blockDevicesOf, effectiveFilesystems, filesystemOf } from "./storage.ts";

interface Request {
  filters: Filters;
  storage: StorageConstraint[];
  interfaces: InterfaceConstraint[];
}

const allocateFields = new Set([...commonFields, "name"]);

function readConstraints(call: Call): Request {
  const { state, form } = call;
  const errors = new FormErrors();
  const filters = newFilters();
  const context = { state, fields: form, errors, filters };
  refuseUnknown(context, allocateFields);
  addCommonFilters(context);
  matchAny(context, "name", (machine) => [machine.hostname, fqdnOf(state, machine)]);
  const storageText = form.get("storage") ?? "";
  const interfacesText = form.get("interfaces") ?? "";
  const storage = storageText === "" ? [] : parseStorage(storageText, errors);
  const interfaces = interfacesText.trim() === "" ? [] : parseInterfaces(interfacesText, errors);
  if (storageText !== "") filters.described.set("storage", storageText);
  if (interfacesText !== "") filters.described.set("interfaces", interfacesText);
  errors.throwIfAny();
  return { filters, storage, interfaces };
}

type Matches = Record<string, (number | string)[]>;

const gigabyte = 1000 ** 3;

/** Disks by label; undefined when the machine has not what is asked. The first constraint is the disk with / on it. */
function matchStorage(state: LabState, machine: Machine, constraints: StorageConstraint[]): Matches | undefined {
  const matches: Matches = {};
  const taken = new Set<number>();
  const [root, ...rest] = constraints;
  const others = rest.toSorted((a, b) => b.tags.length - a.tags.length);
  for (const constraint of root ? [root, ...others] : []) {
    const candidates = constraint === root ? rootDisks(state, machine) : freeDisks(state, machine);
    const size = Math.trunc(Number(constraint.size) * gigabyte);
    const disk = candidates
      .toSorted((a, b) => a.size - b.size)
      .find(
        ({ id, size: has, tags }) =>
          !taken.has(id) && has >= size && constraint.tags.every((tag) => tags.includes(tag)),
      );
    if (!disk) return undefined;
    taken.add(disk.id);
    if (constraint.label !== "") (matches[constraint.label] ??= []).push(disk.id);
  }
  return matches;
}

function rootDisks(state: LabState, machine: Machine): BlockDevice[] {
  const root = effectiveFilesystems(state, machine).find(({ mountPoint }) => mountPoint === "/");
  return blockDevicesOf(state, machine).filter(
    (disk) => disk.id === root?.blockDeviceId || disk.partitionIds.includes(root?.partitionId ?? -1),
  );
}

const freeDisks = (state: LabState, machine: Machine): BlockDevice[] =>
  blockDevicesOf(state, machine).filter(
    (disk) => disk.partitionTable === null && !filesystemOf(state, machine, { blockDeviceId: disk.id }),
  );

function matchInterfaces(state: LabState, machine: Machine, constraints: InterfaceConstraint[]): Matches | undefined {
  const matches: Matches = {};
  for (const { label, wanted } of constraints) {
    const found = interfacesOf(state, machine).filter((nic) => interfaceMatches(state, machine, nic, wanted));
    if (found.length === 0) return undefined;
    matches[label] = found.map(({ id }) => id);
  }
  return matches;
}

interface Candidate {
  machine: Machine;
  storage: Matches;
  interfaces: Matches;
}

/** Cheapest first: a core counts as much as a GiB. */
const cost = ({ cpuCount, memory }: Machine): number => cpuCount + memory / 1024;

function candidates(call: Call, request: Request): Candidate[] {
  const { state } = call;
  return visibleMachines(state, caller(call), "edit")
    .filter(
      (machine) => machine.status === status.ready && request.filters.predicates.every((accepts) => accepts(machine)),
    )
    .toSorted((a, b) => cost(a) - cost(b) || a.id - b.id)
    .flatMap((machine) => {
      const storage = matchStorage(state, machine, request.storage);
      const interfaces = matchInterfaces(state, machine, request.interfaces);
      return storage && interfaces ? [{ machine, storage, interfaces }] : [];
    });
}

/** Why nothing was found, in the words that clients parse. */
function noneAvailable({ form }: Call, { described }: Filters) {
  const systemId = form.get("system_id");
  if (described.size === 0) return refusal(409, "No machine available.");
  if (systemId !== undefined) return refusal(409, `No machine with system ID ${systemId} available.`);
  const sent = form
    .names()
    .filter((name) => name !== "op")
    .map((name) => `(${pythonText(name)}, [${form.all(name).map(pythonText).join(", ")}])`);
  const resolved = [...described].sort(([a], [b]) => (a < b ? -1 : 1)).filter(([, value]) => value !== "");
  return refusal(
    409,
    `No available machine matches constraints: [${sent.join(", ")}] (resolved to "${resolved.map(([name, value]) => `${name}=${value}`).join(" ")}")`,
  );
}

function allocate(call: Call) {
  const { state, form } = call;
  if (call.isJson) throw refusal(500, "'dict' object has no attribute 'lists'");
  const options = readAcquireOptions(form);
  const verbose = readStringBool(form, "verbose", false);
  const dryRun = readStringBool(form, "dry_run", false);
  const request = readConstraints(call);
  const found = candidates(call, request);
  const [best] = found;
  if (!best) throw noneAvailable(call, request.filters);
  const { machine } = best;
  const byType = {
    ...(Object.keys(best.storage).length > 0 ? { storage: best.storage } : {}),
    ...(request.interfaces.length > 0 ? { interfaces: best.interfaces } : {}),
    ...(verbose ? verboseMatches(found) : {}),
  };
  if (!dryRun) acquire(state, machine, caller(call), options);
  return json({ ...renderMachine(state, machine), constraints_by_type: byType });
}

/** The whole of what matched, by machine. */
function verboseMatches(found: Candidate[]) {
  const storage = Object.fromEntries(
    found.map(({ machine, storage: labels }) => [
      String(machine.id),
      Object.fromEntries(Object.entries(labels).flatMap(([label, ids]) => ids.map((id) => [String(id), label]))),
    ]),
  );
  const interfaces: Record<string, Record<string, (number | string)[]>> = {};
  for (const { machine, interfaces: labels } of found)
    for (const [label, ids] of Object.entries(labels)) (interfaces[label] ??= {})[String(machine.id)] = ids;
  return { verbose_storage: storage, verbose_interfaces: interfaces };
}

export const allocateOperations: Operation[] = [
  { method: "POST", path: "machines/", op: "allocate", access: "user", handle: allocate },
];
