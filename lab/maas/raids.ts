/** Software RAIDs (src/maasserver/api/raid.py). */
import { machineFor } from "./access.ts";
import { renderRaid } from "./block-device-render.ts";
import {
  addMember,
  checkGroup,
  createGroup,
  dropGroup,
  freeDisks,
  freePartitions,
  membersOf,
  placeOf,
  updateVirtualDevice,
  type Device,
} from "./filesystem-groups.ts";
import { FormErrors, readText } from "./form.ts";
import { groupOperations, type FoundGroup } from "./group-operations.ts";
import type { BlockDevice, GroupType, Machine } from "./machine-state.ts";
import type { Call, Reply } from "./operation.ts";
import { json } from "./reply.ts";
import type { LabState } from "./state.ts";
import { bootDisk, dropFilesystem } from "./storage.ts";
import { readChoice, readDisks, readPartitions, readUuid, requireReady } from "./storage-form.ts";
import { devicesOf, disksIn, partitionsIn } from "./volume-groups.ts";

const levels: GroupType[] = ["raid-0", "raid-1", "raid-5", "raid-6", "raid-10"];

/** With the boot disk among them, all disks become partitions. */
function placed(state: LabState, machine: Machine, disks: BlockDevice[], always: boolean): Device[] {
  return disks.map((disk) => placeOf(state, machine, disk, always));
}

function create(call: Call): Reply {
  const { state, form } = call;
  const machine = machineFor(call, "admin", "Machine");
  requireReady(machine, "Cannot create RAID because the machine is not Ready.");
  const errors = new FormErrors();
  const name = readText(form, errors, "name");
  const uuid = readUuid(form, errors);
  const level = readChoice(form, errors, "level", levels, true) as GroupType | undefined;
  const [disks, free] = [freeDisks(state, machine), freePartitions(state, machine)];
  const active = readDisks(form, errors, "block_devices", disks);
  const partitions = readPartitions(state, form, errors, "partitions", free);
  const spares = readDisks(form, errors, "spare_devices", disks);
  const sparePartitions = readPartitions(state, form, errors, "spare_partitions", free);
  const wrong = errors.has("block_devices") || errors.has("partitions");
  if (!wrong && active.length + partitions.length === 0)
    errors.add("__all__", "At least one block device or partition must be added to the array.");
  errors.throwIfAny();
  const boot = bootDisk(state, machine)?.id;
  const always = [...active, ...spares].some(({ id }) => id === boot);
  const as = (fstype: string) => (device: Device) => ({ device, fstype });
  const before = structuredClone([...active, ...spares]);
  try {
    const group = createGroup(state, machine, {
      type: level ?? "raid-1",
      name,
      uuid,
      members: [
        ...[...placed(state, machine, active, always), ...partitions].map(as("raid")),
        ...[...placed(state, machine, spares, always), ...sparePartitions].map(as("raid-spare")),
      ],
    });
    return json(renderRaid(state, machine, group));
  } catch (error) {
    // The partitions that were made for it go too.
    for (const disk of before) Object.assign(state.blockDevices[disk.id] ?? {}, disk);
    throw error;
  }
}

function update(call: Call, { machine, group }: FoundGroup): void {
  const { state, form } = call;
  const errors = new FormErrors();
  const uuid = readUuid(form, errors);
  const now = devicesOf(state, machine, group);
  const [disks, partitions] = [freeDisks(state, machine), freePartitions(state, machine)];
  const added = {
    raid: {
      disks: readDisks(form, errors, "add_block_devices", disks),
      partitions: readPartitions(state, form, errors, "add_partitions", partitions),
    },
    "raid-spare": {
      disks: readDisks(form, errors, "add_spare_devices", disks),
      partitions: readPartitions(state, form, errors, "add_spare_partitions", partitions),
    },
  };
  const goneDisks = ["remove_block_devices", "remove_spare_devices"].flatMap((name) =>
    readDisks(form, errors, name, disksIn(now)),
  );
  const gonePartitions = ["remove_partitions", "remove_spare_partitions"].flatMap((name) =>
    readPartitions(state, form, errors, name, partitionsIn(now)),
  );
  errors.throwIfAny();
  for (const row of membersOf(state, machine, group)) {
    const goes =
      goneDisks.some(({ id }) => id === row.blockDeviceId) ||
      gonePartitions.some(({ partition }) => partition.id === row.partitionId);
    if (!goes) continue;
    // Each removal is checked by itself, before anything is added.
    const { groupId: _groupId, ...alone } = row;
    state.filesystems[row.id] = alone;
    try {
      checkGroup(state, machine, group);
    } catch (error) {
      state.filesystems[row.id] = row;
      throw error;
    }
    dropFilesystem(state, machine, alone);
  }
  for (const [fstype, { disks: more, partitions: parts }] of Object.entries(added))
    for (const device of [...placed(state, machine, more, false), ...parts])
      addMember(state, machine, group, device, fstype);
  const name = form.get("name")?.trim();
  Object.assign(group, name ? { name } : {}, uuid === undefined ? {} : { uuid });
  checkGroup(state, machine, group);
  updateVirtualDevice(state, machine, group);
}

export const raidOperations = groupOperations({
  model: "RAID",
  types: levels,
  noun: "RAID",
  collection: "nodes/:system_id/raids/",
  item: "nodes/:system_id/raid/:id/",
  render: renderRaid,
  create,
  update,
  remove: ({ state }, { machine, group }) => {
    dropGroup(state, machine, group);
  },
});
