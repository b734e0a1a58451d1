/**
 * Interfaces and disks are changed while nothing runs on a machine (facts: maas.md 2.14, 2.15). What is changed in place
 * then is made anew while an operating system runs, so that the deployment is released first.
 */
import { ProviderError } from "../core/errors.ts";
import type { Machine } from "./api/machines.ts";
import { canDo, NodeStatus, statusHelp } from "./node-status.ts";
import type { MaasServices } from "./services.ts";

export const REDEPLOYS =
  "MAAS changes it only while nothing runs on the machine: it is released, changed and deployed anew";

/** Whether an operating system runs on the machine, or is on its way. */
export async function isAtWork(services: MaasServices, systemId: string): Promise<boolean> {
  const machine = await services.machineById(systemId);
  return machine !== undefined && !canDo("link", machine.status);
}

/** Somebody has it: what is theirs is not taken apart. */
export const isTaken = (machine: Machine): boolean =>
  machine.status === NodeStatus.allocated || !canDo("link", machine.status);

/** @param what "to make the bridge br-ex" */
export function requireRest(machine: Machine, what: string): void {
  if (canDo("link", machine.status) && machine.status !== NodeStatus.new) return;
  const help =
    machine.status === NodeStatus.new
      ? "It is not commissioned yet, and commissioning would undo it: let a Machine resource commission it first."
      : `${statusHelp(machine.status)} If it is a Deployment of this stack, destroy that first (\`pulumi destroy --target\`).`;
  throw new ProviderError(
    "wrong-state",
    `machine ${machine.hostname} is ${machine.status_name}: MAAS lets nobody ${what} now. ${help}`,
  );
}
