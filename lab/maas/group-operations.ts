/** What the collections of volume groups, RAIDs, bcaches and datastores have in common. */
import { machineFor, may, type Permission } from "./access.ts";
import { caller } from "./caller.ts";
import { groupsOf, membersOf } from "./filesystem-groups.ts";
import type { FilesystemGroup, GroupType, Machine } from "./machine-state.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { deleted, forbidden, json, notFound } from "./reply.ts";
import type { LabState } from "./state.ts";
import { requireReady } from "./storage-form.ts";

export interface FoundGroup {
  machine: Machine;
  group: FilesystemGroup;
}

/** By id or name. */
export function groupFor(call: Call, model: string, types: readonly GroupType[], permission: Permission): FoundGroup {
  const { state, params } = call;
  const machine = state.machines[params["system_id"] ?? ""];
  const id = params["id"] ?? "";
  const group =
    machine &&
    groupsOf(state, machine).find(
      (row) => types.includes(row.type) && (/^\d+$/.test(id) ? String(row.id) === id : row.name === id),
    );
  if (!machine || !group) throw notFound(model);
  if (!may(caller(call), machine, permission)) throw forbidden();
  return { machine, group };
}

interface GroupKind {
  /** What a 404 calls it. */
  model: string;
  types: readonly GroupType[];
  /** In "Cannot update NOUN because the machine is not Ready." */
  noun: string;
  /** The same with an article, where MAAS has one for updates. */
  updateNoun?: string;
  collection: string;
  item: string;
  render: (state: LabState, machine: Machine, group: FilesystemGroup) => Record<string, unknown>;
  create: (call: Call) => Reply;
  update: (call: Call, found: FoundGroup) => void;
  remove: (call: Call, found: FoundGroup) => void;
}

export function groupOperations(kind: GroupKind): Operation[] {
  const { model, types, noun, updateNoun = noun, collection, item, render } = kind;
  const list = (call: Call): Reply => {
    const machine = machineFor(call, "view", "Machine");
    const groups = groupsOf(call.state, machine).filter(
      (group) => types.includes(group.type) && membersOf(call.state, machine, group).length > 0,
    );
    return json(groups.map((group) => render(call.state, machine, group)));
  };
  const change = (call: Call, verb: string, its: string): FoundGroup => {
    const found = groupFor(call, model, types, "admin");
    requireReady(found.machine, `Cannot ${verb} ${its} because the machine is not Ready.`);
    return found;
  };
  return [
    { method: "GET", path: collection, access: "user", handle: list },
    { method: "POST", path: collection, access: "user", handle: kind.create },
    {
      method: "GET",
      path: item,
      access: "user",
      handle: (call) => {
        const { machine, group } = groupFor(call, model, types, "view");
        return json(render(call.state, machine, group));
      },
    },
    {
      method: "PUT",
      path: item,
      access: "user",
      handle: (call) => {
        const found = change(call, "update", updateNoun);
        kind.update(call, found);
        return json(render(call.state, found.machine, found.group));
      },
    },
    {
      method: "DELETE",
      path: item,
      access: "user",
      handle: (call) => {
        kind.remove(call, change(call, "delete", noun));
        return deleted();
      },
    },
  ];
}
