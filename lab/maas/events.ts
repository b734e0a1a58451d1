/** What MAAS writes into a machine's event log (facts: maas.md 2.17, 3.8; names and levels as MAAS 3.5 has them). */
import type { Machine, MachineEvent } from "./machine-state.ts";
import { nextId, type LabState, type User } from "./state.ts";

export const level = { audit: 0, debug: 10, info: 20, warning: 30, error: 40 } as const;

interface EventKind {
  /** `type` of the answer. */
  text: string;
  level: number;
}

export const eventKinds = {
  poweringOn: { text: "Powering on", level: level.info },
  poweringOff: { text: "Powering off", level: level.info },
  powerCycling: { text: "Power cycling", level: level.info },
  powerOnFailed: { text: "Failed to power on node", level: level.error },
  powerOffFailed: { text: "Failed to power off node", level: level.error },
  powerCycleFailed: { text: "Failed to power cycle node", level: level.error },
  powerQueryFailed: { text: "Failed to query node's BMC", level: level.warning },
  pxeBoot: { text: "Performing PXE boot", level: level.info },
  loadingEphemeral: { text: "Loading ephemeral", level: level.info },
  gatheringInformation: { text: "Gathering information", level: level.info },
  runningTest: { text: "Running test", level: level.info },
  scriptDidNotComplete: { text: "Script", level: level.info },
  scriptResultError: { text: "Script result lookup or storage error", level: level.error },
  new: { text: "New", level: level.info },
  commissioning: { text: "Commissioning", level: level.info },
  abortedCommissioning: { text: "Aborted commissioning", level: level.info },
  failedCommissioning: { text: "Failed commissioning", level: level.info },
  testing: { text: "Testing", level: level.info },
  abortedTesting: { text: "Aborted testing", level: level.info },
  failedTesting: { text: "Failed testing", level: level.info },
  ready: { text: "Ready", level: level.info },
  deploying: { text: "Deploying", level: level.info },
  abortedDeployment: { text: "Aborted deployment", level: level.info },
  configuringStorage: { text: "Configuring storage", level: level.info },
  installingOs: { text: "Installing OS", level: level.info },
  configuringOs: { text: "Configuring OS", level: level.info },
  rebooting: { text: "Rebooting", level: level.info },
  imageDeployed: { text: "Image Deployed", level: level.info },
  deployed: { text: "Deployed", level: level.info },
  releasing: { text: "Releasing", level: level.info },
  released: { text: "Released", level: level.info },
  disksErased: { text: "Disks erased", level: level.info },
  releaseScriptsOk: { text: "Release scripts executed successfully.", level: level.info },
  abortedDiskErasing: { text: "Aborted disk erasing", level: level.info },
  enteringRescueMode: { text: "Entering rescue mode", level: level.info },
  rescueMode: { text: "Rescue mode", level: level.info },
  exitedRescueMode: { text: "Exited rescue mode", level: level.info },
  failedExitingRescueMode: { text: "Failed exiting rescue mode", level: level.info },
  nodeInstallation: { text: "Node installation", level: level.debug },
  nodeInstallationFailure: { text: "Node installation failure", level: level.error },
  markingFailed: { text: "Marking node failed", level: level.error },
  requestCommissioning: { text: "User starting node commissioning", level: level.debug },
  requestAbortCommissioning: { text: "User aborting node commissioning", level: level.debug },
  requestTesting: { text: "User starting node testing", level: level.debug },
  requestAbortTesting: { text: "User aborting node testing", level: level.debug },
  requestOverride: { text: "User overrode 'Failed testing' status", level: level.debug },
  requestAcquire: { text: "User acquiring node", level: level.debug },
  requestDeployment: { text: "User starting deployment", level: level.debug },
  requestAbortDeployment: { text: "User aborting deployment", level: level.debug },
  requestStart: { text: "User powering up node", level: level.debug },
  requestStop: { text: "User powering down node", level: level.debug },
  requestRelease: { text: "User releasing node", level: level.debug },
  requestErase: { text: "User erasing disk", level: level.debug },
  requestAbortErase: { text: "User aborting disk erase", level: level.debug },
  requestBroken: { text: "User marking node broken", level: level.debug },
  requestFixed: { text: "User marking node fixed", level: level.debug },
  requestLock: { text: "User locking node", level: level.debug },
  requestUnlock: { text: "User unlocking node", level: level.debug },
  requestRescue: { text: "User starting rescue mode", level: level.debug },
  requestExitRescue: { text: "User stopping rescue mode", level: level.debug },
} as const satisfies Record<string, EventKind>;

export type EventName = keyof typeof eventKinds;

interface EventDetails {
  description?: string;
  /** Shown as `status_action`. */
  action?: string;
  user?: User | null;
}

export function addEvent(state: LabState, machine: Machine, name: EventName, details: EventDetails = {}): void {
  const kind = eventKinds[name];
  const row: MachineEvent = {
    id: nextId(state, "event"),
    systemId: machine.systemId,
    level: kind.level,
    type: kind.text,
    description: details.description ?? "",
    action: details.action ?? "",
    username: details.user?.username ?? "unknown",
    created: Date.now(),
  };
  state.events[row.id] = row;
  machine.eventIds.push(row.id);
}

/** A person's request: its description is `(admin)` or `(admin) - comment`. */
export function addRequest(
  state: LabState,
  machine: Machine,
  name: EventName,
  user: User,
  action: string,
  comment?: string,
): void {
  const description = comment ? `(${user.username}) - ${comment}` : `(${user.username})`;
  addEvent(state, machine, name, { description, action, user });
}

/** The event that status_message and status_action tell: the newest from INFO up. */
export function statusEvent(state: LabState, machine: Machine): MachineEvent | undefined {
  for (let index = machine.eventIds.length - 1; index >= 0; index -= 1) {
    const event = state.events[machine.eventIds[index] ?? 0];
    if (event && event.level >= level.info) return event;
  }
  return undefined;
}
