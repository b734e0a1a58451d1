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
    // A power that does not come on may be the rack's fault, and then every machine's: that is for somebody to look at.
    if (!isError(error, "deploy-failed", "timeout")) throw error;
    if (!(await isOurs(context.services, machine, mark))) throw error;
    const [reason = ""] = messageOf(error).split("\n");
    await markBroken(context, machine, inputs, { comment: reason.slice(0, COMMENT_LENGTH), cause: error });
    return putAside(context, await ensureBroken(context, inputs), inputs);
  }
}

function putAside(context: Context<MaasServices>, machine: Machine, inputs: Inputs) {
  const failure = machine.error_description || "it is Broken in MAAS; its events tell more";
  context.warn(`machine ${inputs.hostname} is marked broken in MAAS, and the run goes on without it: ${failure}`);
  return { machine, failure };
}

/**
 * Switched off first: marking releases on the way, and a release whose power action fails then leaves a machine that is neither Broken
 * nor anybody's. One that can't be switched off stays ours, and the run fails.
 */
async function markBroken(
  context: Context<MaasServices>,
  machine: Machine,
  inputs: Inputs,
  { comment, cause }: { comment: string; cause: ProviderError },
): Promise<void> {
  const { machines } = context.services.client;
  context.progress("Switching it off, to mark it as broken");
  try {
    if (machine.power_state !== "off") await machines.powerOff(inputs.machine);
    await machines.markBroken(inputs.machine, { comment });
  } catch (error) {
    // Its answer may be lost: what counts is what MAAS has.
    const now = await context.services.machineById(inputs.machine);
    if (now && isBroken(now)) return;
    throw new ProviderError(
      cause.code,
      `${messageOf(cause)}\nIt could not be marked as broken either: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

async function ensureBroken(context: Context<MaasServices>, inputs: Inputs): Promise<Machine> {
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
