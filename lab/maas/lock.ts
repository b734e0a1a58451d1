/** Locking a deployed machine against changes (facts: maas.md 2.8, 1.3). */
import { machineFor } from "./access.ts";
import { committed } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { addRequest } from "./events.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { refusal } from "./reply.ts";

function lock(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "lock");
  if (machine.locked) throw refusal(409, "Machine is already locked");
  if (machine.status !== status.deployed && machine.status !== status.deploying)
    throw refusal(409, "Can't lock, node is not deployed or deploying");
  return committed(state, machine, () => {
    addRequest(state, machine, "requestLock", caller(call), "lock", form.get("comment"));
    machine.locked = true;
  });
}

function unlock(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "lock");
  if (!machine.locked) throw refusal(409, "Machine is not locked");
  return committed(state, machine, () => {
    addRequest(state, machine, "requestUnlock", caller(call), "unlock", form.get("comment"));
    machine.locked = false;
  });
}

export const lockOperations: Operation[] = [
  { method: "POST", path: "machines/:system_id/", op: "lock", access: "user", handle: lock },
  { method: "POST", path: "machines/:system_id/", op: "unlock", access: "user", handle: unlock },
];
