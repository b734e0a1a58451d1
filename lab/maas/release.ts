/** Releasing: alone, in bulk, with erasing or release scripts (facts: maas.md 2.7, 3.5, 3.6; transcript s17). */
import { machineFor, may } from "./access.ts";
import { AfterCommit, committed } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { requireKnown } from "./commission.ts";
import { configValue } from "./config.ts";
import { addEvent, addRequest } from "./events.ts";
import { FormErrors, readCheckbox } from "./form.ts";
import type { Machine } from "./machine-state.ts";
import { changeStatus, forceStatus, load } from "./machine-status.ts";
import { releasable, status, statusName } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { controlPower, isControllable } from "./power.ts";
import { finalizeRelease } from "./release-steps.ts";
import { forbidden, json, refusal } from "./reply.ts";
import { readScriptInput, readScripts, scriptTypes } from "./script-form.ts";
import { startReleaseSet, type ScriptInput } from "./script-sets.ts";
import { startMachine } from "./start.ts";
import type { LabState, User } from "./state.ts";
import { releaseFilesystems } from "./storage.ts";

const wipeScript = "wipe-disks";

/**
 * Plain release. `user` is null when cloud-init's end of an erasing releases. Off or not controllable: free at once; else Releasing
 * until the power is seen off. When the BMC fails, the status is what it was, but the deployment's data are gone.
 */
export function release(
  state: LabState,
  machine: Machine,
  user: User | null,
  comment?: string,
  commit?: AfterCommit,
): void {
  const after = commit ?? new AfterCommit();
  if (user) addRequest(state, machine, "requestRelease", user, "release", comment);
  releaseQuietly(state, machine, after);
  if (!commit) after.run();
}

/** Without the note who asked for it: marking as broken goes this way too. */
export function releaseQuietly(state: LabState, machine: Machine, after: AfterCommit): void {
  const loaded = load(machine);
  const before = machine.status;
  const mustStop = machine.powerState !== "off" && isControllable(machine);
  if (mustStop)
    after.add(() => {
      try {
        controlPower(state, machine, "off");
      } catch (error) {
        forceStatus(load(machine), before);
        throw error;
      }
    });
  changeStatus(loaded, status.releasing);
  Object.assign(machine, {
    agentName: "",
    netboot: true,
    osystem: "",
    distroSeries: "",
    hweKernel: null,
    installationSetId: null,
    enableHwSync: false,
    userData: null,
  } satisfies Partial<Machine>);
  addEvent(state, machine, "releasing");
  releaseFilesystems(state, machine);
  if (!mustStop) finalizeRelease(state, loaded);
}

/** With scripts the machine boots once more; erasing alone has a status of its own. */
function releaseWithScripts(
  state: LabState,
  machine: Machine,
  user: User,
  request: { scripts: string[]; input: ScriptInput; comment: string | undefined },
  after: AfterCommit,
): void {
  const { scripts, input, comment } = request;
  const loaded = load(machine);
  const erasesOnly = scripts.length === 1 && scripts[0] === wipeScript;
  const failedStatus = erasesOnly ? status.failedDiskErasing : status.failedReleasing;
  startReleaseSet(state, machine, scripts, input);
  if (erasesOnly) addRequest(state, machine, "requestErase", user, "start disk erasing", comment);
  else addRequest(state, machine, "requestRelease", user, "start node releasing", comment);
  changeStatus(loaded, erasesOnly ? status.diskErasing : status.releasing);
  const starting = new AfterCommit();
  startMachine(state, loaded, starting, { user, oldStatus: loaded.statusAtLoad, mayCycle: true });
  after.add(() => {
    try {
      starting.run();
    } catch (error) {
      forceStatus(load(machine), failedStatus);
      throw error;
    }
  });
}

interface ReleaseRequest {
  scripts: string[];
  input: ScriptInput;
  comment: string | undefined;
}

/** The configuration can turn every release into an erasing. */
function startReleasing(
  state: LabState,
  machine: Machine,
  user: User,
  request: ReleaseRequest,
  after: AfterCommit,
): void {
  const erases = configValue(state, "enable_disk_erasing_on_release") === true;
  const setting = (name: string): boolean => configValue(state, name) === true;
  const bySettings = {
    secure_erase: setting("disk_erase_with_secure_erase"),
    quick_erase: setting("disk_erase_with_quick_erase"),
  };
  // MAAS does not look whether erasing was asked for too: then there are two scripts, and the status is Releasing.
  const scripts = erases ? [...request.scripts, wipeScript] : request.scripts;
  const input = erases ? { ...request.input, [wipeScript]: bySettings } : request.input;
  if (scripts.length === 0) release(state, machine, user, request.comment, after);
  else releaseWithScripts(state, machine, user, { ...request, scripts, input }, after);
}

function readReleaseForm({ state, form }: Call, machine: Machine): ReleaseRequest {
  const errors = new FormErrors();
  const scripts = readScripts(state, form, errors, "scripts", scriptTypes.release, true);
  const asked = (name: string): boolean => readCheckbox(form, name, false);
  const [erase, secure, quick] = [asked("erase"), asked("secure_erase"), asked("quick_erase")];
  if ((erase || secure || quick) && !scripts.includes(wipeScript)) scripts.push(wipeScript);
  const sent = readScriptInput(state, machine, form, errors, { types: [scriptTypes.release], chosen: scripts });
  // Erasing alone says no to the two quicker ways; asked for one of them, it says nothing of the other.
  const input = { ...(erase ? { [wipeScript]: { secure_erase: secure, quick_erase: quick } } : {}), ...sent };
  errors.throwIfAny();
  return { scripts, input, comment: form.get("comment") || undefined };
}

function releaseOne(call: Call) {
  const { state } = call;
  const machine = machineFor(call, "edit");
  const request = readReleaseForm(call, machine);
  return committed(state, machine, (after) => {
    if (machine.status === status.releasing || machine.status === status.ready) return;
    if (!releasable.has(machine.status))
      throw refusal(409, `Machine cannot be released in its current state ('${statusName(machine.status)}').`);
    startReleasing(state, machine, caller(call), request, after);
  });
}

/** All or none: a machine in a wrong state rolls the others back. Those that are Ready are left out of the answer. */
function releaseMany(call: Call) {
  const { state, form } = call;
  const user = caller(call);
  const ids = [...new Set(form.all("machines"))];
  requireKnown(state, ids);
  const machines = ids.flatMap((id) => state.machines[id] ?? []).toSorted((a, b) => a.id - b.id);
  const refused = machines.filter((machine) => !may(user, machine, "edit"));
  if (refused.length > 0)
    throw forbidden(
      `You don't have the required permission to release the following machine(s): ${refused.map(({ systemId }) => systemId).join(", ")}.`,
    );
  const busy = machines.filter((machine) => machine.status !== status.ready);
  const wrong = busy.filter((machine) => !releasable.has(machine.status));
  if (wrong.length > 0) {
    const list = wrong.map((machine) => `${machine.systemId} ('${statusName(machine.status)}')`).join(", ");
    throw refusal(409, `Machine(s) cannot be released in their current state: ${list}.`);
  }
  const after = new AfterCommit();
  for (const machine of busy)
    startReleasing(state, machine, user, { scripts: [], input: {}, comment: form.get("comment") }, after);
  after.run();
  return json(busy.map(({ systemId }) => systemId));
}

export const releaseOperations: Operation[] = [
  { method: "POST", path: "machines/:system_id/", op: "release", access: "user", handle: releaseOne },
  { method: "POST", path: "machines/", op: "release", access: "user", handle: releaseMany },
];
