/**
 * What MAAS does when a booted machine tells it something: the metadata calls of facts: maas.md 7.1, without HTTP.
 * Both the explicit mode's boot records and the auto mode speak through here.
 */
import { noteDeployment } from "./boot-resources.ts";
import { addEvent } from "./events.ts";
import { applyReport, reportOf, reportText, type HardwareReport } from "./hardware-report.ts";
import { fqdnOf } from "./machine-render.ts";
import type { Machine, ScriptResult } from "./machine-state.ts";
import { changeStatus, load, setOwner } from "./machine-status.ts";
import { failedStatusOf, isFailure, status } from "./node-status.ts";
import { release } from "./release.ts";
import {
  hardwareScript,
  installLog,
  moveResult,
  resultsOf,
  scriptSet,
  setUnfinished,
  storeResult,
  type ScriptOutput,
} from "./script-sets.ts";
import { isUnfinished, scriptStatus } from "./script-status.ts";
import type { LabState } from "./state.ts";

const setsInPlay = (machine: Machine): (number | null)[] => [
  machine.commissioningSetId,
  machine.testingSetId,
  machine.installationSetId,
];

/** MAAS gives up on what the machine does; the comment becomes its error_description. */
export function markFailed(
  state: LabState,
  machine: Machine,
  comment: string,
  resultStatus: number = scriptStatus.failed,
): void {
  addEvent(state, machine, "markingFailed", { description: comment, action: "mark_failed" });
  for (const id of setsInPlay(machine)) setUnfinished(state, id, resultStatus);
  const failed = failedStatusOf(machine.status);
  if (failed === undefined) return;
  changeStatus(load(machine), failed);
  machine.errorDescription = comment;
}

/** Results that wait, in the order in which the machine runs them. */
export function pendingResults(state: LabState, setId: number | null): ScriptResult[] {
  const set = scriptSet(state, setId);
  if (!set) return [];
  return resultsOf(state, set).filter((result) => isUnfinished(result.status));
}

const touch = (state: LabState, setId: number | null): void => {
  const set = scriptSet(state, setId);
  if (set) set.lastPing = Date.now();
};

/** A script says that it runs now (signal WORKING). */
export function startResult(state: LabState, machine: Machine, result: ScriptResult): void {
  touch(state, result.setId);
  if (result.status === scriptStatus.pending) moveResult(state, machine, result, scriptStatus.running);
}

/** Whether what this script leaves tells MAAS of the hardware. */
export const isHardwareReport = (machine: Machine, result: ScriptResult, exitStatus: number): boolean =>
  result.name === hardwareScript && exitStatus === 0 && machine.status === status.commissioning;

/**
 * A script's end; the hardware report is worked in at once: `report` where the machine sent one, else one made up, where `ip` is
 * the boot interface's address.
 */
export function endResult(
  state: LabState,
  machine: Machine,
  result: ScriptResult,
  left: ScriptOutput & { ip?: string | undefined; report?: HardwareReport | undefined },
): void {
  touch(state, result.setId);
  const { ip, report: sent, ...output } = left;
  if (!isHardwareReport(machine, result, left.exitStatus)) {
    storeResult(state, machine, result, output);
    return;
  }
  if (left.stdout === "") {
    noteUnreadable(state, machine);
    storeResult(state, machine, result, output, scriptStatus.failed);
    return;
  }
  const report = sent ?? reportOf(state, machine, ip);
  storeResult(state, machine, result, { stdout: reportText(report), ...output });
  applyReport(state, machine, report);
}

/** A hardware report that is none fails its script, although that exited with 0. */
function noteUnreadable(state: LabState, machine: Machine): void {
  const name = fqdnOf(state, machine);
  const trouble = `commissioning script '${hardwareScript}' failed during post-processing.`;
  addEvent(state, machine, "scriptResultError", {
    description: "Failed processing commissioning data: invalid JSON data",
  });
  addEvent(state, machine, "scriptResultError", { description: `${name}(${machine.systemId}): ${trouble}` });
}

/** Signal TESTING: from commissioning into its tests, unless a commissioning script failed. */
export function beginTesting(state: LabState, machine: Machine): void {
  if (machine.status === status.commissioning) reach(state, machine, status.testing);
}

/** Signal OK at the end of commissioning or testing. */
export function finishScripts(state: LabState, machine: Machine): void {
  if (machine.status === status.commissioning) reach(state, machine, machine.enlisting ? status.new : status.ready);
  else if (machine.status === status.testing) reach(state, machine, afterTesting(machine));
  machine.enlisting = false;
}

/** Signal FAILED at the end of commissioning or testing. */
export function failScripts(state: LabState, machine: Machine): void {
  if (machine.status === status.commissioning) reach(state, machine, status.failedCommissioning);
  else if (machine.status === status.testing) reach(state, machine, status.failedTesting);
  machine.enlisting = false;
}

/** Statuses that passed tests turn into Ready. */
const resetByTesting = new Set<number>([
  status.new,
  status.commissioning,
  status.failedDeployment,
  status.missing,
  status.retired,
  status.broken,
  status.failedReleasing,
  status.failedDiskErasing,
  status.failedEnteringRescueMode,
  status.failedExitingRescueMode,
  status.failedTesting,
]);

function afterTesting(machine: Machine): number {
  if (machine.enlisting) return status.new;
  if (resetByTesting.has(machine.previousStatus)) return status.ready;
  return machine.previousStatus === status.failedCommissioning ? status.new : machine.previousStatus;
}

function reach(state: LabState, machine: Machine, wanted: number): void {
  const target =
    commissioningEnds(machine, wanted) && hasFailedScript(state, machine) ? status.failedCommissioning : wanted;
  if (target === status.failedCommissioning)
    for (const result of pendingResults(state, machine.testingSetId)) result.status = scriptStatus.aborted;
  if (target === status.ready) addEvent(state, machine, "ready");
  if (target === status.new) addEvent(state, machine, "new");
  if (target === status.failedCommissioning) addEvent(state, machine, "failedCommissioning");
  if (target === status.failedTesting) addEvent(state, machine, "failedTesting");
  if (isFailure(target)) for (const id of setsInPlay(machine)) setUnfinished(state, id, scriptStatus.aborted);
  changeStatus(load(machine), target);
}

const commissioningEnds = (machine: Machine, wanted: number): boolean =>
  machine.status === status.commissioning && wanted !== status.failedCommissioning;

function hasFailedScript(state: LabState, machine: Machine): boolean {
  const set = scriptSet(state, machine.commissioningSetId);
  return set !== undefined && resultsOf(state, set).some((result) => result.status === scriptStatus.failed);
}

/** cloud-init's last word: it ends erasing and releasing, and frees a machine that failed to commission. */
export function finishCloudInit(state: LabState, machine: Machine): void {
  if (machine.status === status.diskErasing || machine.status === status.releasing) release(state, machine, null);
  if (machine.status === status.ready || machine.status === status.failedCommissioning) setOwner(machine, null);
}

const installResult = (state: LabState, machine: Machine): ScriptResult | undefined => {
  const set = scriptSet(state, machine.installationSetId);
  return set && resultsOf(state, set).find((result) => result.name === installLog);
};

/** curtin begins (its event `cmd-install` start). */
export function startInstall(state: LabState, machine: Machine): void {
  const result = installResult(state, machine);
  if (machine.status !== status.deploying || !result) return;
  addEvent(state, machine, "nodeInstallation", {
    description: "'curtin' curtin command install",
    action: "cmd-install",
  });
  moveResult(state, machine, result, scriptStatus.running);
}

/** curtin ends well, with its log. */
export function finishInstall(state: LabState, machine: Machine, log: string): void {
  const result = installResult(state, machine);
  if (machine.status === status.deploying && result)
    storeResult(state, machine, result, { exitStatus: 0, output: log });
}

/** curtin ends badly: Failed deployment. */
export function failInstall(state: LabState, machine: Machine, log: string): void {
  if (machine.status !== status.deploying) return;
  addEvent(state, machine, "nodeInstallationFailure", {
    description: "'curtin' curtin command install",
    action: "cmd-install",
  });
  const result = installResult(state, machine);
  if (result) storeResult(state, machine, result, { exitStatus: 1, output: log });
  failDeployment(state, machine);
}

/** Without a word of curtin: signal FAILED, or a failed step of cloud-init. */
export function failDeployment(state: LabState, machine: Machine): void {
  markFailed(state, machine, "Installation failed (refer to the installation log for more information).");
}

export function setNetboot(machine: Machine, on: boolean): void {
  machine.netboot = on;
}

/** The first boot of the new system asks for its user-data: Deployed (facts: maas.md 3.4). */
export function fetchUserData(state: LabState, machine: Machine): void {
  if (machine.status !== status.deploying) return;
  const { osystem, distroSeries, architecture } = machine;
  changeStatus(load(machine), status.deployed);
  addEvent(state, machine, "imageDeployed", { description: `deployed ${osystem}/${distroSeries}/${architecture}` });
  addEvent(state, machine, "deployed");
  noteDeployment(state, { osystem, series: distroSeries, arch: architecture.split("/")[0] ?? "" });
}

/** Signal OK while erasing or running release scripts: only a note; cloud-init's end releases. */
export function finishReleaseScripts(state: LabState, machine: Machine): void {
  if (machine.status === status.diskErasing) addEvent(state, machine, "disksErased");
  if (machine.status === status.releasing) addEvent(state, machine, "releaseScriptsOk");
}

export function failReleaseScripts(state: LabState, machine: Machine): void {
  if (machine.status === status.diskErasing) markFailed(state, machine, "Failed to erase disks.");
  if (machine.status === status.releasing) markFailed(state, machine, "Failed to release machine.");
}

export function enterRescue(state: LabState, machine: Machine): void {
  if (machine.status !== status.enteringRescueMode) return;
  addEvent(state, machine, "rescueMode");
  changeStatus(load(machine), status.rescueMode);
}

export function failRescue(state: LabState, machine: Machine): void {
  if (machine.status === status.enteringRescueMode) markFailed(state, machine, "Failed to enter rescue mode.");
}
