/** VMFS datastores: only on a machine with the vmfs6 or vmfs7 layout (src/maasserver/api/vmfs_datastores.py). */
import { machineFor } from "./access.ts";
import { renderVmfs } from "./block-device-render.ts";
import { addMember, checkGroup, dropGroup, membersOf, placeOf, updateVirtualDevice } from "./filesystem-groups.ts";
import { FormErrors, readText } from "./form.ts";
import { groupOperations, type FoundGroup } from "./group-operations.ts";
import type { Call, Reply } from "./operation.ts";
import { json } from "./reply.ts";
import { dropFilesystem } from "./storage.ts";
import { readUuid, requireReady } from "./storage-form.ts";
import { createDatastore } from "./storage-layouts.ts";
import { vmfsDisk } from "./vmfs-layout.ts";
import { readChanges, readMembers } from "./volume-groups.ts";

const fstype = "vmfs6";

function create(call: Call): Reply {
  const { state, form } = call;
  const machine = machineFor(call, "admin", "Machine");
  requireReady(machine, "Cannot create VMFS group because the machine is not Ready.");
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { required: true });
  const uuid = readUuid(form, errors);
  const { disks, partitions } = readMembers(call, machine, errors);
  if (!vmfsDisk(state, machine, "vmfs6") && !vmfsDisk(state, machine, "vmfs7"))
    errors.add("VMFS", "VMFS Datastores may only be created after the VMFS6 or VMFS7 storage layout has been applied.");
  errors.throwIfAny();
  const devices = [...partitions, ...disks.map((disk) => placeOf(state, machine, disk, true))];
  const members = devices.map((device) => ({ device, fstype }));
  return json(renderVmfs(state, machine, createDatastore(state, machine, name, uuid, members)));
}

function update(call: Call, found: FoundGroup): void {
  const { state } = call;
  const { machine, group } = found;
  const { name, uuid, added, removed } = readChanges(call, found);
  for (const device of [...added.disks.map((disk) => placeOf(state, machine, disk, true)), ...added.partitions])
    addMember(state, machine, group, device, fstype);
  for (const row of membersOf(state, machine, group)) if (removed.has(row.id)) dropFilesystem(state, machine, row);
  Object.assign(group, name === undefined ? {} : { name }, uuid === undefined ? {} : { uuid });
  checkGroup(state, machine, group);
  updateVirtualDevice(state, machine, group);
}

export const vmfsOperations = groupOperations({
  model: "VMFS",
  types: ["vmfs6"],
  noun: "VMFS datastore",
  updateNoun: "the VMFS datastore",
  collection: "nodes/:system_id/vmfs-datastores/",
  item: "nodes/:system_id/vmfs-datastore/:id/",
  render: renderVmfs,
  create,
  update,
  remove: ({ state }, { machine, group }) => {
    dropGroup(state, machine, group);
  },
});
