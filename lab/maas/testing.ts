/** Hardware tests on their own, and setting a failure aside (facts: maas.md 2.6). */
import { machineFor } from "./access.ts";
import { committed } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { addEvent, addRequest } from "./events.ts";
import { FormErrors, readCheckbox } from "./form.ts";
import { changeStatus, checkTransition, load, setOwner } from "./machine-status.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { requirePowerType } from "./power.ts";
import { refusal } from "./reply.ts";
import { readScriptInput, readScripts, scriptTypes } from "./script-form.ts";
import { deleteSet, resultsOf, startTestingSet } from "./script-sets.ts";
import { startMachine } from "./start.ts";
import type { Script } from "./state.ts";

const testable = new Set<number>([
  status.failedCommissioning,
  status.new,
  status.ready,
  status.reserved,
  status.allocated,
  status.failedDeployment,
  status.deployed,
  status.missing,
  status.retired,
  status.broken,
  status.rescueMode,
  status.failedReleasing,
  status.failedDiskErasing,
  status.failedEnteringRescueMode,
  status.failedExitingRescueMode,
  status.failedTesting,
]);

function test(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  const user = caller(call);
  const errors = new FormErrors();
  const chosen = readScripts(state, form, errors, "testing_scripts", scriptTypes.testing, false);
  const input = readScriptInput(state, machine, form, errors, { types: [scriptTypes.testing], chosen });
  if (!testable.has(machine.status) || machine.interfaceIds.length === 0)
    errors.add("__all__", "Test is not available because of the current state of the node.");
  const selected = Object.values(state.scripts).filter(
    (script) => script.type === scriptTypes.testing && isSelected(script, chosen),
  );
  if (machine.status === status.deployed && selected.some(({ destructive }) => destructive))
    errors.add("testing_scripts", "Destructive tests may only be run on undeployed machines.");
  errors.throwIfAny();
  requirePowerType(machine);
  if (machine.status === status.new && machine.commissioningSetId === null)
    throw refusal(
      400,
      "Unable to start machine testing; this node has never been commissioned. Please use the 'Commission' action to commission & test this machine.",
    );
  if (machine.previousStatus === status.deployed && selected.some(({ destructive }) => destructive))
    throw refusal(400, "Unable to run destructive test while deployed!");
  checkTransition(machine.status, status.testing);
  return committed(state, machine, (after) => {
    const former = machine.testingSetId;
    const set = startTestingSet(state, machine, chosen, input);
    if (!set) throw refusal(400, "No testing scripts found!");
    const undecided = resultsOf(state, set).some(
      (result) => JSON.stringify(result.parameters).includes('"type":"interface"') && result.interfaceId === null,
    );
    if (undecided) {
      deleteSet(state, machine, set);
      machine.testingSetId = former;
      throw refusal(400, "An interface must be configured to run network testing!");
    }
    const loaded = load(machine);
    addRequest(state, machine, "requestTesting", user, "start testing");
    addEvent(state, machine, "testing");
    machine.staysOn = readCheckbox(form, "enable_ssh", false) || machine.powerState === "on";
    changeStatus(loaded, status.testing);
    if (machine.ownerId === null) setOwner(machine, user.id);
    startMachine(state, loaded, after, { user, oldStatus: loaded.statusAtLoad, mayCycle: true });
  });
}

const isSelected = (script: Script, chosen: readonly string[]): boolean =>
  chosen.includes(script.name) || script.tags.some((tag) => chosen.includes(tag));

/** Failed testing becomes Ready, or Deployed where an operating system is on the machine. */
function overrideFailedTesting(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  if (machine.status !== status.failedTesting)
    throw refusal(409, "Unable to override node status. Node is not in 'Failed testing' status.");
  return committed(state, machine, () => {
    addRequest(state, machine, "requestOverride", caller(call), "ignore failed tests", form.get("comment"));
    changeStatus(load(machine), machine.osystem === "" ? status.ready : status.deployed);
    machine.errorDescription = "";
  });
}

export const testingOperations: Operation[] = [
  { method: "POST", path: "machines/:system_id/", op: "test", access: "user", handle: test },
  {
    method: "POST",
    path: "machines/:system_id/",
    op: "override_failed_testing",
    access: "user",
    handle: overrideFailedTesting,
  },
];
