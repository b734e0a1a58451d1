/** Machines: enlist, list, read, change, delete (facts: maas.md 2.2 to 2.4; transcript s02). */
import { machineFor, visibleMachines } from "./access.ts";
import { AfterCommit } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { readCommissionForm, startCommissioning } from "./commission.ts";
import { FormErrors, readStringBool } from "./form.ts";
import { isMac, readMachineForm } from "./machine-form.ts";
import { renderAnonymousMachine, renderMachine } from "./machine-render.ts";
import { load, forceStatus, setOwner } from "./machine-status.ts";
import { status } from "./node-status.ts";
import { addMachine, removeMachine } from "./new-machine.ts";
import { filteredNodes } from "./node-list.ts";
import { nodeToken } from "./node-token.ts";
import type { Call, Operation } from "./operation.ts";
import { setPower } from "./power-form.ts";
import { requirePowerType } from "./power.ts";
import { deleted, json } from "./reply.ts";
import { startCommissioningSet, startDeployedSet } from "./script-sets.ts";

/** Errors of the commission form are swallowed: the machine then stays New. A dead BMC is an error, and the machine exists. */
function create(call: Call) {
  if (!call.user) return createAnonymously(call);
  const { state, form } = call;
  const user = caller(call);
  const commission = readStringBool(form, "commission", true);
  const isDeployed = readStringBool(form, "deployed", false);
  const machine = addMachine(state, readMachineForm(state, form, { isAdmin: user.isSuperuser, isDeployed }));
  const after = new AfterCommit();
  if (user.isSuperuser && isDeployed) {
    forceStatus(load(machine), status.deployed);
    setOwner(machine, user.id);
    startDeployedSet(state, machine);
    nodeToken(machine);
  } else if (user.isSuperuser && commission) {
    const errors = new FormErrors();
    const options = readCommissionForm(state, machine, form, errors);
    if (!errors.any) {
      try {
        requirePowerType(machine);
      } catch (error) {
        removeMachine(state, machine);
        throw error;
      }
      startCommissioning(state, machine, user, after, options);
    }
  }
  const body = renderMachine(state, machine);
  after.run();
  return json(body);
}

/** Enlistment by a machine itself: one whose MAC is known already is left as it is. */
function createAnonymously({ state, form }: Call) {
  const macs = form
    .all("mac_addresses")
    .filter(isMac)
    .map((mac) => mac.toLowerCase().replaceAll("-", ":"));
  const known = Object.values(state.interfaces).find((nic) => macs.includes(nic.mac));
  const knownMachine = known && state.machines[known.systemId];
  if (knownMachine && (knownMachine.status === status.new || knownMachine.status === status.commissioning))
    return json(renderAnonymousMachine(state, knownMachine));
  const commission = readStringBool(form, "commission", false);
  const machine = addMachine(state, readMachineForm(state, form, { isAdmin: false }));
  if (commission) {
    machine.enlisting = true;
    forceStatus(load(machine), status.commissioning);
    startCommissioningSet(state, machine, ["none"]);
  }
  return json(renderAnonymousMachine(state, machine));
}

function list(call: Call) {
  const { state } = call;
  const found = filteredNodes(call, visibleMachines(state, caller(call)));
  return json(found.map((machine) => renderMachine(state, machine)));
}

function listAllocated(call: Call) {
  const { state, query } = call;
  const user = caller(call);
  const ids = query.all("id");
  const mine = Object.values(state.machines).filter(
    (machine) =>
      machine.status === status.allocated &&
      machine.ownerId === user.id &&
      (ids.length === 0 || ids.includes(machine.systemId)),
  );
  return json(mine.map((machine) => renderMachine(state, machine)));
}

function read(call: Call) {
  return json(renderMachine(call.state, machineFor(call, "view")));
}

function update(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  const { macs: _macs, power, ...fields } = readMachineForm(state, form, { current: machine, isAdmin: true });
  Object.assign(machine, fields);
  if (power) setPower(state, machine, power);
  return json(renderMachine(state, machine));
}

function remove(call: Call) {
  const machine = machineFor(call, "admin");
  readStringBool(call.query, "force", false);
  removeMachine(call.state, machine);
  return deleted();
}

export const machineOperations: Operation[] = [
  { method: "GET", path: "machines/", access: "user", handle: list },
  { method: "GET", path: "machines/", op: "list_allocated", access: "user", handle: listAllocated },
  { method: "POST", path: "machines/", access: "anonymous", handle: create },
  { method: "GET", path: "machines/:system_id/", access: "user", handle: read },
  { method: "PUT", path: "machines/:system_id/", access: "user", handle: update },
  { method: "DELETE", path: "machines/:system_id/", access: "user", handle: remove },
];
