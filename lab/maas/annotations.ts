/** Workload annotations, also known as owner data (facts: maas.md 2.8). */
import { machineFor } from "./access.ts";
import { committed } from "./after-commit.ts";
import { caller } from "./caller.ts";
import type { Machine } from "./machine-state.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { refusal } from "./reply.ts";

/** Letters of any alphabet. */
const keyPattern = /^[\p{L}\p{N}_.-]+$/u;

/** Keys that are not sent stay; an empty value removes one. Only the owner may. */
function annotate(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "edit");
  if (machine.ownerId !== caller(call).id)
    throw refusal(409, "Cannot set workload annotation: it hasn't been acquired.");
  const annotations = annotationsAfter(machine, form);
  return committed(state, machine, () => {
    machine.annotations = annotations;
  });
}

/** What it is annotated with after this form; 500 for a key that is no word. */
export function annotationsAfter(node: Machine, form: Fields): Machine["annotations"] {
  const keys = form.names().filter((name) => name !== "op");
  const values = new Map(Object.entries(node.annotations));
  for (const key of keys) {
    const value = form.get(key) ?? "";
    if (value === "") values.delete(key);
    else if (!keyPattern.test(key)) throw refusal(500, "Invalid character in key name");
    else values.set(key, value);
  }
  return Object.fromEntries(values);
}

export const annotationOperations: Operation[] = ["set_workload_annotations", "set_owner_data"].map((op) => ({
  method: "POST",
  path: "machines/:system_id/",
  op,
  access: "user",
  handle: annotate,
}));
