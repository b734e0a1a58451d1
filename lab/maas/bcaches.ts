/** Bcaches, and the cache sets that they need (src/maasserver/api/bcache.py, bcache_cacheset.py). */
import { machineFor, may, type Permission } from "./access.ts";
import { renderBcache, renderCacheSet } from "./block-device-render.ts";
import { caller } from "./caller.ts";
import {
  cacheSetName,
  cacheSetsOf,
  checkGroup,
  createGroup,
  deviceOf,
  dropGroup,
  groupsOf,
  membersOf,
  placeOf,
  updateVirtualDevice,
  addMember,
  type Device,
} from "./filesystem-groups.ts";
import { FormErrors, readText } from "./form.ts";
import { groupOperations, type FoundGroup } from "./group-operations.ts";
import type { CacheSet, Filesystem, Machine } from "./machine-state.ts";
import { ApiError, type Call, type Operation, type Reply } from "./operation.ts";
import { deleted, forbidden, json, notFound, refusal } from "./reply.ts";
import { nextId, type LabState } from "./state.ts";
import { addFilesystem, allFilesystems, dropFilesystem } from "./storage.ts";
import { readChoice, readDevices, readUuid, requireReady } from "./storage-form.ts";

const modes = ["writeback", "writethrough", "writearound"];
const backing = { disk: "backing_device", partition: "backing_partition" };
const caching = { disk: "cache_device", partition: "cache_partition" };

/** `cache0`, or its id. */
function readCacheSet(
  { state, form }: Call,
  machine: Machine,
  errors: FormErrors,
  isRequired: boolean,
): CacheSet | undefined {
  const sets = cacheSetsOf(state, machine);
  const words = (set: CacheSet): string[] => [String(set.id), cacheSetName(state, machine, set)];
  const text = readChoice(form, errors, "cache_set", sets.flatMap(words), isRequired);
  return text === undefined ? undefined : sets.find((set) => words(set).includes(text));
}

function createBcache(call: Call): Reply {
  const { state, form } = call;
  const machine = machineFor(call, "admin", "Machine");
  requireReady(machine, "Cannot create Bcache because the machine is not Ready.");
  const errors = new FormErrors();
  const name = readText(form, errors, "name");
  const uuid = readUuid(form, errors);
  const { disk, partition } = readDevices(call, machine, errors, backing);
  const set = readCacheSet(call, machine, errors, true);
  const cacheMode = readChoice(form, errors, "cache_mode", modes, true) ?? "";
  if (!set) errors.add("__all__", "Bcache requires a cache_set.");
  else if (disk && partition) errors.add("__all__", "A Bcache can have either a backing device or partition.");
  else if (!disk && !partition) errors.add("__all__", "Either backing_device or backing_partition must be specified.");
  errors.throwIfAny();
  const device: Device | undefined = disk ? placeOf(state, machine, disk) : partition;
  if (!device || !set) throw new Error("Checked above");
  const group = createGroup(state, machine, {
    type: "bcache",
    name,
    uuid,
    cacheMode,
    cacheSetId: set.id,
    members: [{ device, fstype: "bcache-backing" }],
  });
  // A new one is answered as the plain group that MAAS has made, without what a Bcache adds.
  const { id, uuid: its, name: called, cache_mode, cache_set, virtual_device } = renderBcache(state, machine, group);
  return json({ id, uuid: its, name: called, cache_mode, cache_set, virtual_device });
}

function updateBcache(call: Call, { machine, group }: FoundGroup): void {
  const { state, form } = call;
  const errors = new FormErrors();
  const now = membersOf(state, machine, group).flatMap((row) => deviceOf(state, row) ?? []);
  const uuid = readUuid(form, errors);
  const { disk, partition } = readDevices(call, machine, errors, backing, now);
  const set = readCacheSet(call, machine, errors, false);
  const cacheMode = readChoice(form, errors, "cache_mode", modes);
  errors.throwIfAny();
  if (disk || partition) {
    for (const row of membersOf(state, machine, group)) dropFilesystem(state, machine, row);
    const device: Device | undefined = disk ? placeOf(state, machine, disk) : partition;
    if (device) addMember(state, machine, group, device, "bcache-backing");
  }
  const name = form.get("name")?.trim();
  Object.assign(
    group,
    name ? { name } : {},
    uuid === undefined ? {} : { uuid },
    cacheMode === undefined ? {} : { cacheMode },
    set ? { cacheSetId: set.id } : {},
  );
  checkGroup(state, machine, group);
  updateVirtualDevice(state, machine, group);
}

const filesystemOfSet = (state: LabState, machine: Machine, set: CacheSet): Filesystem | undefined =>
  allFilesystems(state, machine).find(({ cacheSetId }) => cacheSetId === set.id);

interface FoundSet {
  machine: Machine;
  set: CacheSet;
}

/** A 404 without a word for an unknown one. */
function setFor(call: Call, permission: Permission): FoundSet {
  const { state, params } = call;
  const machine = state.machines[params["system_id"] ?? ""];
  if (!machine) throw notFound("Machine");
  if (!may(caller(call), machine, permission)) throw forbidden();
  const id = params["id"] ?? "";
  const set = cacheSetsOf(state, machine).find(
    (row) => String(row.id) === id || cacheSetName(state, machine, row) === id,
  );
  if (!set) throw new ApiError({ status: 404, contentType: "text/plain", body: "" });
  return { machine, set };
}

function createSet(call: Call): Reply {
  const { state } = call;
  const machine = machineFor(call, "admin", "Machine");
  requireReady(machine, "Cannot create cache set because the node is not Ready.");
  const errors = new FormErrors();
  const { disk, partition } = readDevices(call, machine, errors, caching);
  if (disk && partition) errors.add("__all__", "Cannot set both cache_device and cache_partition.");
  else if (!disk && !partition) errors.add("__all__", "Either cache_device or cache_partition must be specified.");
  errors.throwIfAny();
  const set: CacheSet = { id: nextId(state, "cacheSet"), systemId: machine.systemId };
  state.cacheSets[set.id] = set;
  const device: Device | undefined = disk ? placeOf(state, machine, disk) : partition;
  if (device)
    addFilesystem(state, machine, { ...at(device), fstype: "bcache-cache", cacheSetId: set.id, acquired: false });
  return json(renderCacheSet(state, machine, set));
}

const at = ({ disk, partition }: Device) =>
  partition ? { partitionId: partition.id, blockDeviceId: null } : { blockDeviceId: disk.id, partitionId: null };

function updateSet(call: Call): Reply {
  const { state } = call;
  const { machine, set } = setFor(call, "admin");
  requireReady(machine, "Cannot update cache set because the machine is not Ready.");
  const errors = new FormErrors();
  const row = filesystemOfSet(state, machine, set);
  const now = row && deviceOf(state, row);
  const { disk, partition } = readDevices(call, machine, errors, caching, now ? [now] : []);
  const both = "Cannot set both cache_device and cache_partition.";
  if (disk && partition) {
    errors.add("cache_device", both);
    errors.add("cache_partition", both);
  }
  errors.throwIfAny();
  const device: Device | undefined = disk ? placeOf(state, machine, disk) : partition;
  if (row && device) Object.assign(row, at(device));
  return json(renderCacheSet(state, machine, set));
}

function removeSet(call: Call): Reply {
  const { state } = call;
  const { machine, set } = setFor(call, "admin");
  requireReady(machine, "Cannot delete cache set because the machine is not Ready.");
  if (groupsOf(state, machine).some(({ cacheSetId }) => cacheSetId === set.id))
    throw refusal(400, "Cannot delete cache set; it's currently in use.");
  const row = filesystemOfSet(state, machine, set);
  if (row) dropFilesystem(state, machine, row);
  Reflect.deleteProperty(state.cacheSets, set.id);
  return deleted();
}

const sets = "nodes/:system_id/bcache-cache-sets/";
const setItem = "nodes/:system_id/bcache-cache-set/:id/";

export const bcacheOperations: Operation[] = [
  ...groupOperations({
    model: "Bcache",
    types: ["bcache"],
    noun: "Bcache",
    collection: "nodes/:system_id/bcaches/",
    item: "nodes/:system_id/bcache/:id/",
    render: renderBcache,
    create: createBcache,
    update: updateBcache,
    remove: ({ state }, { machine, group }) => {
      dropGroup(state, machine, group);
    },
  }),
  {
    method: "GET",
    path: sets,
    access: "user",
    handle: (call) => {
      const machine = machineFor(call, "view", "Machine");
      return json(cacheSetsOf(call.state, machine).map((set) => renderCacheSet(call.state, machine, set)));
    },
  },
  { method: "POST", path: sets, access: "user", handle: createSet },
  {
    method: "GET",
    path: setItem,
    access: "user",
    handle: (call) => {
      const { machine, set } = setFor(call, "view");
      return json(renderCacheSet(call.state, machine, set));
    },
  },
  { method: "PUT", path: setItem, access: "user", handle: updateSet },
  { method: "DELETE", path: setItem, access: "user", handle: removeSet },
];
