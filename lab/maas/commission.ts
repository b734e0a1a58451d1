/** Commissioning: starting it, by itself or on enlistment, and accepting enlisted machines (facts: maas.md 2.6, 3.3). */
import { machineFor, may } from "./access.ts";
import { AfterCommit, committed } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { addEvent, addRequest } from "./events.ts";
import { FormErrors, readCheckbox } from "./form.ts";
import { clearConfiguration } from "./hardware-report.ts";
import { renderMachine } from "./machine-render.ts";
import type { Machine } from "./machine-state.ts";
import { changeStatus, checkTransition, load, setOwner } from "./machine-status.ts";
import { status, statusName } from "./node-status.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { requirePowerType } from "./power.ts";
import { forbidden, json, refusal } from "./reply.ts";
import { readScriptInput, readScripts, scriptTypes } from "./script-form.ts";
import { resultsOf, startCommissioningSet, startTestingSet, storeResult, type ScriptInput } from "./script-sets.ts";
import { scriptStatus } from "./script-status.ts";
import { startMachine } from "./start.ts";
import type { LabState, User } from "./state.ts";

interface CommissionOptions {
  enableSsh: boolean;
  skipBmcConfig: boolean;
  skipNetworking: boolean;
  skipStorage: boolean;
  commissioningScripts: string[];
  testingScripts: string[];
  input: ScriptInput;
}

const defaults: CommissionOptions = {
  enableSsh: false,
  skipBmcConfig: false,
  skipNetworking: false,
  skipStorage: false,
  commissioningScripts: [],
  testingScripts: [],
  input: {},
};

const commissionable = new Set<number>([status.new, status.failedCommissioning, status.ready, status.broken]);

/** Checks the form; its errors are those of the fields and, under __all__, of the machine's state. */
export function readCommissionForm(
  state: LabState,
  machine: Machine,
  form: Fields,
  errors: FormErrors,
): CommissionOptions {
  const commissioningScripts = readScripts(
    state,
    form,
    errors,
    "commissioning_scripts",
    scriptTypes.commissioning,
    false,
  );
  const testingScripts = readScripts(state, form, errors, "testing_scripts", scriptTypes.testing, true);
  const input = readScriptInput(state, machine, form, errors, {
    types: [scriptTypes.commissioning, scriptTypes.testing],
    chosen: [...commissioningScripts, ...testingScripts],
  });
  const hasNetworking = machine.interfaceIds.length > 0 || machine.powerType === "ipmi";
  if (!commissionable.has(machine.status) || !hasNetworking)
    errors.add("__all__", "Commission is not available because of the current state of the node.");
  return {
    enableSsh: readCheckbox(form, "enable_ssh", false),
    skipBmcConfig: readCheckbox(form, "skip_bmc_config", false),
    skipNetworking: readCheckbox(form, "skip_networking", false),
    skipStorage: readCheckbox(form, "skip_storage", false),
    commissioningScripts,
    testingScripts,
    input,
  };
}

export function startCommissioning(
  state: LabState,
  machine: Machine,
  user: User,
  after: AfterCommit,
  options: CommissionOptions = defaults,
): void {
  requirePowerType(machine);
  checkTransition(machine.status, status.commissioning);
  const loaded = load(machine);
  addRequest(state, machine, "requestCommissioning", user, "start commissioning");
  addEvent(state, machine, "commissioning");
  machine.staysOn = options.enableSsh;
  machine.skipNetworking = options.skipNetworking;
  machine.skipStorage = options.skipStorage;
  const set = startCommissioningSet(state, machine, options.commissioningScripts, options.input);
  if (options.skipBmcConfig) {
    const text = `INFO: User ${user.username} (${String(user.id)}) has choosen to skip BMC configuration during commissioning\n`;
    for (const result of resultsOf(state, set))
      if (state.scripts[result.scriptId ?? 0]?.tags.includes("bmc-config")) {
        storeResult(state, machine, result, { exitStatus: 0, output: text, stdout: text });
        result.result = "status: skipped";
        result.status = scriptStatus.skipped;
      }
  }
  startTestingSet(state, machine, options.testingScripts, options.input);
  clearConfiguration(state, machine);
  changeStatus(loaded, status.commissioning);
  setOwner(machine, user.id);
  startMachine(state, loaded, after, { user, oldStatus: loaded.statusAtLoad, mayCycle: true });
}

function commission(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  const errors = new FormErrors();
  const options = readCommissionForm(state, machine, form, errors);
  errors.throwIfAny();
  return committed(state, machine, (after) => {
    startCommissioning(state, machine, caller(call), after, options);
  });
}

/** What "accepting" does: a New machine is commissioned; one that is past that is left alone. */
function acceptMachines(call: Call, machines: Machine[]) {
  const { state } = call;
  const user = caller(call);
  const accepted = machines.filter(({ status: now }) => now !== status.ready && now !== status.commissioning);
  const other = accepted.find((machine) => machine.status !== status.new);
  if (other)
    throw refusal(
      409,
      `Cannot accept node enlistment: node ${other.systemId} is in state ${statusName(other.status)}.`,
    );
  for (const machine of accepted) requirePowerType(machine);
  const after = new AfterCommit();
  for (const machine of accepted) startCommissioning(state, machine, user, after);
  const body = accepted.map((machine) => renderMachine(state, machine));
  after.run();
  return json(body);
}

function accept(call: Call) {
  const { state, form } = call;
  const ids = [...new Set(form.all("machines"))];
  requireKnown(state, ids);
  const user = caller(call);
  const machines = ids.flatMap((id) => state.machines[id] ?? []);
  const refused = machines.filter((machine) => !may(user, machine, "admin"));
  if (refused.length > 0)
    throw forbidden(
      `You don't have the required permission to accept the following machine(s): ${refused.map(({ systemId }) => systemId).join(", ")}.`,
    );
  return acceptMachines(call, machines);
}

function acceptAll(call: Call) {
  const user = caller(call);
  const machines = Object.values(call.state.machines).filter((machine) => may(user, machine, "admin"));
  return acceptMachines(
    call,
    machines.filter((machine) => machine.status === status.new),
  );
}

/** 400 `Unknown machine(s): zzz.` */
export function requireKnown(state: LabState, systemIds: readonly string[]): void {
  const unknown = systemIds.filter((id) => !state.machines[id]);
  if (unknown.length > 0) throw refusal(400, `Unknown machine(s): ${unknown.join(", ")}.`);
}

export const commissionOperations: Operation[] = [
  { method: "POST", path: "machines/:system_id/", op: "commission", access: "user", handle: commission },
  { method: "POST", path: "machines/", op: "accept", access: "user", handle: accept },
  { method: "POST", path: "machines/", op: "accept_all", access: "user", handle: acceptAll },
];
