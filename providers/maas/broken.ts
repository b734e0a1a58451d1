/**
 * A machine that cannot be deployed, put aside: given back and marked broken in MAAS with the reason, so that nobody is given it
 * before somebody has looked at it, while the run goes on without it (facts: maas.md 2.8).
 */
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import type { Machine } from "./api/machines.ts";
import { ensureDeployed } from "./deploying.ts";
import type { Inputs } from "./deployment.ts";
import { NodeStatus } from "./node-status.ts";
import { isOurs } from "./releasing.ts";
import type { MaasServices } from "./services.ts";

/** What somebody who reads it in a list of machines has use for. */
const COMMENT_LENGTH = 200;

/** Broken, and nobody's. */
export const isBroken = (machine: Machine): boolean => machine.status === NodeStatus.broken && machine.owner === null;

/**
 * The machine deployed; or Broken, with why, where the inputs allow that.
 *
 * @throws ProviderError as `ensureDeployed` does, where they don't, and for what says nothing about the machine (a MAAS that does
 *   not answer, somebody else's machine)
 */
export async function deployedOrBroken(
  context: Context<MaasServices>,
  inputs: Inputs,
  mark: string,
  ours: (machine: Machine) => void,
): Promise<{ machine: Machine; failure: string }> {
  try {
    return { machine: await ensureDeployed(context, inputs, mark, ours), failure: "" };
  } catch (error) {
    if (inputs.onFailure !== "broken") throw error;
    const machine = await context.services.machineById(inputs.machine);
    if (!machine) throw error;
    // By a run before this one that was cut off, or by somebody: out of order either way.
    if (isBroken(machine)) return putAside(context, machine, inputs);
    if (!isError(error, "deploy-failed", "power-failed", "timeout")) throw error;
    if (!(await isOurs(context.services, machine, mark))) throw error;
    const [reason = ""] = messageOf(error).split("\n");
    return putAside(context, await markBroken(context, inputs, reason.slice(0, COMMENT_LENGTH), error), inputs);
  }
}

function putAside(context: Context<MaasServices>, machine: Machine, inputs: Inputs) {
  const failure = machine.error_description || "it is Broken in MAAS; its events tell more";
  context.warn(`machine ${inputs.hostname} is marked broken in MAAS, and the run goes on without it: ${failure}`);
  return { machine, failure };
}

async function markBroken(
  context: Context<MaasServices>,
  inputs: Inputs,
  comment: string,
  cause: unknown,
): Promise<Machine> {
  context.progress("Marking it as broken");
  try {
    await context.services.client.machines.markBroken(inputs.machine, { comment });
  } catch (error) {
    // Its answer may be lost, or its power may not go off: what counts is what MAAS has.
    const now = await context.services.machineById(inputs.machine);
    if (now && isBroken(now)) return now;
    throw new ProviderError(
      "deploy-failed",
      `${messageOf(cause)}\nIt could not be marked as broken either: ${messageOf(error)}`,
      { cause: error },
    );
  }
  const marked = await context.services.machineById(inputs.machine);
  if (marked && isBroken(marked)) return marked;
  throw new ProviderError(
    "wrong-state",
    `machine ${inputs.hostname} was marked broken and is ${marked?.status_name ?? "gone"} now: somebody else seems to be ` +
      "working on it. Run `pulumi up` again when it rests.",
  );
}

/** True for one that is put aside still: there is nothing to release, and it is not for us to call it fixed. */
export async function staysBroken(context: Context<MaasServices>, id: string, hostname: string): Promise<boolean> {
  const machine = await context.services.machineById(id);
  if (!machine || !isBroken(machine)) return false;
  context.warn(
    `machine ${hostname} stays Broken in MAAS (${machine.error_description}). When it is repaired, mark it as fixed there ` +
      "(Take action > Mark fixed).",
  );
  return true;
}
