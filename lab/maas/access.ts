/** Finding the machine of a path and whether the caller may do this to it (facts: maas.md 1.3). */
import { caller } from "./caller.ts";
import type { Machine } from "./machine-state.ts";
import type { Call } from "./operation.ts";
import { forbidden, notFound } from "./reply.ts";
import type { LabState, User } from "./state.ts";

/**
 * view: unowned, or one's own, or a superuser. edit: the same, and not locked. admin: a superuser, and not locked.
 * adminRead and lock: the same without looking at the lock.
 */
export type Permission = "view" | "edit" | "lock" | "admin" | "adminRead";

export function may(user: User, machine: Machine, permission: Permission): boolean {
  const theirs = user.isSuperuser || machine.ownerId === null || machine.ownerId === user.id;
  switch (permission) {
    case "view":
    case "lock":
      return theirs;
    case "edit":
      return theirs && !machine.locked;
    case "admin":
      return user.isSuperuser && !machine.locked;
    case "adminRead":
      return user.isSuperuser;
  }
}

/** Throws 404 for an unknown one and 403 without a word for the rest. `model` is what the 404 calls it. */
export function machineFor(call: Call, permission: Permission, model = "Machine"): Machine {
  const systemId = call.params["system_id"] ?? "";
  const machine = call.state.machines[systemId] ?? (model === "Node" ? call.state.devices[systemId] : undefined);
  if (!machine) throw notFound(model);
  if (!may(caller(call), machine, permission)) throw forbidden();
  return machine;
}

export const visibleMachines = (state: LabState, user: User, permission: Permission = "view"): Machine[] =>
  Object.values(state.machines).filter((machine) => may(user, machine, permission));
