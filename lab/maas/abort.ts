/** Aborting what a machine does: the answer still shows the old status (facts: maas.md 2.6; transcript s17). */
import { machineFor } from "./access.ts";
import { committed, type AfterCommit } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { addEvent, addRequest, type EventName } from "./events.ts";
import type { Machine } from "./machine-state.ts";
import { forceStatus, load, setOwner } from "./machine-status.ts";
import { status, statusName } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { controlPower, isControllable } from "./power.ts";
import { refusal } from "./reply.ts";
import { setUnfinished } from "./script-sets.ts";
import { scriptStatus } from "./script-status.ts";
import type { LabState, User } from "./state.ts";

interface Abortion {
  request: EventName;
  action: string;
  event: EventName;
  /** Runs whose unfinished scripts are aborted. */
  sets: (machine: Machine) => (number | null)[];
  to: (machine: Machine) => number;
}

/** By the status that is aborted. */
const abortions: Readonly<Record<number, Abortion>> = {
  [status.commissioning]: {
    request: "requestAbortCommissioning",
    action: "abort commissioning",
    event: "abortedCommissioning",
    sets: ({ commissioningSetId, testingSetId }) => [commissioningSetId, testingSetId],
    to: () => status.new,
  },
  [status.testing]: {
    request: "requestAbortTesting",
    action: "abort testing",
    event: "abortedTesting",
    sets: ({ testingSetId }) => [testingSetId],
    to: ({ previousStatus }) => (previousStatus === status.commissioning ? status.ready : previousStatus),
  },
  [status.deploying]: {
    request: "requestAbortDeployment",
    action: "abort deploying",
    event: "abortedDeployment",
    sets: ({ installationSetId }) => [installationSetId],
    to: () => status.allocated,
  },
  [status.diskErasing]: {
    request: "requestAbortErase",
    action: "abort disk erasing",
    event: "abortedDiskErasing",
    sets: () => [],
    to: () => status.failedDiskErasing,
  },
};

function abort(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "edit");
  const abortion = abortions[machine.status];
  if (!abortion)
    throw refusal(
      409,
      `Cannot abort in current state: node ${machine.systemId} is in state ${statusName(machine.status)}.`,
    );
  return committed(state, machine, (after) => {
    startAbort(state, machine, abortion, caller(call), form.get("comment"), after);
  });
}

function startAbort(
  state: LabState,
  machine: Machine,
  abortion: Abortion,
  user: User,
  comment: string | undefined,
  after: AfterCommit,
): void {
  const to = abortion.to(machine);
  if (machine.status === status.commissioning) setOwner(machine, null);
  addRequest(state, machine, abortion.request, user, abortion.action, comment);
  addEvent(state, machine, abortion.event);
  after.add(() => {
    if (isControllable(machine)) controlPower(state, machine, "off");
  });
  after.add(() => {
    for (const id of abortion.sets(machine)) setUnfinished(state, id, scriptStatus.aborted);
    forceStatus(load(machine), to);
  });
}

export const abortOperations: Operation[] = [
  { method: "POST", path: "machines/:system_id/", op: "abort", access: "user", handle: abort },
];
