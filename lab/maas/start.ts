/** Turning a machine on for commissioning, testing, deploying or erasing, and what is left when its BMC does not answer. */
import type { AfterCommit } from "./after-commit.ts";
import { addEvent } from "./events.ts";
import { claimAutoAddresses, releaseInterfaces } from "./links.ts";
import { changeStatus, checkTransition, type Loaded } from "./machine-status.ts";
import { status, statusLabel } from "./node-status.ts";
import { controlPower, isControllable } from "./power.ts";
import { needsAddresses, setUnfinished } from "./script-sets.ts";
import { scriptStatus } from "./script-status.ts";
import type { LabState, User } from "./state.ts";

interface StartOptions {
  user: User;
  /** The status to go back to when the power action fails; undefined: nothing goes back. */
  oldStatus?: number | undefined;
  /** Deploying takes the AUTO addresses first; else it depends on the scripts that are to run. */
  claimAddresses?: boolean;
  /** A machine that is on is cycled. */
  mayCycle: boolean;
}

/** Statuses in which a machine boots MAAS's own system, to run scripts. */
const ephemeral = new Set<number>([status.commissioning, status.testing, status.diskErasing, status.releasing]);

/** After the commit: addresses, then power. On failure the status goes back, not the owner and not the configuration. */
export function startMachine(state: LabState, loaded: Loaded, after: AfterCommit, options: StartOptions): void {
  const { machine } = loaded;
  const claims = options.claimAddresses ?? (ephemeral.has(machine.status) && needsAddresses(state, machine));
  after.add(() => {
    try {
      if (claims) claimAutoAddresses(state, machine);
      if (isControllable(machine))
        controlPower(state, machine, machine.powerState === "on" && options.mayCycle ? "cycle" : "on");
    } catch (error) {
      if (claims) releaseInterfaces(state, machine);
      if (options.oldStatus !== undefined) goBack(state, loaded, options.oldStatus, options.user);
      throw error;
    }
  });
}

/** Throws 409 where the table has no way back (erasing: the caller then marks the machine as failed). */
function goBack(state: LabState, loaded: Loaded, oldStatus: number, user: User): void {
  const { machine } = loaded;
  checkTransition(machine.status, oldStatus);
  const [from, to] = [machine.status, oldStatus].map((number) => statusLabel(number).toUpperCase());
  const description =
    `(${user.username}) - Aborting ${from ?? ""} and reverting to ${to ?? ""}. ` +
    "Unable to power control the node. Please check power credentials.";
  addEvent(state, machine, "powerQueryFailed", { description });
  changeStatus(loaded, oldStatus);
  for (const id of machine.scriptSetIds) setUnfinished(state, id, scriptStatus.aborted);
}
