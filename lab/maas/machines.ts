/** Machines: enlist, list, read, change, delete (facts: maas.md 2.2 to 2.4; transcript s02). */
import { randomInt } from "node:crypto";
import { machineFor, visibleMachines } from "./access.ts";
import { AfterCommit } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { readCommissionForm, startCommissioning } from "./commission.ts";
import { FormErrors, readStringBool } from "./form.ts";
import { deleteInterface, interfacesOf, newInterface, nextInterfaceName } from "./links.ts";
import { addCommonFilters, commonFields, chosen, matchAny, newFilters, refuseUnknown } from "./machine-filter.ts";
import { isMac, readMachineForm, type MachineDraft } from "./machine-form.ts";
import { renderAnonymousMachine, renderMachine } from "./machine-render.ts";
import type { Machine } from "./machine-state.ts";
import { load, forceStatus, setOwner } from "./machine-status.ts";
import { simpleStatuses, status, statusOfLabel, statuses } from "./node-status.ts";
import { nodeToken } from "./node-token.ts";
import type { Call, Operation } from "./operation.ts";
import { forgetBmcAddress, setPower } from "./power-form.ts";
import { requirePowerType } from "./power.ts";
import { deleted, json } from "./reply.ts";
import { deleteSet, scriptSetsOf, startCommissioningSet, startDeployedSet } from "./script-sets.ts";
import { nextId, type LabState } from "./state.ts";
import { clearStorage } from "./storage.ts";

const letters = "abcdefghkmnpqrstwxy";
const characters = `${letters}3478`;

/** Six characters; the first is a letter, so that the table keeps its order. */
function newSystemId(state: LabState): string {
  for (;;) {
    const rest = Array.from({ length: 5 }, () => characters.charAt(randomInt(characters.length))).join("");
    const id = letters.charAt(randomInt(letters.length)) + rest;
    if (!state.machines[id] && !state.controllers[id]) return id;
  }
}

export function addMachine(state: LabState, draft: MachineDraft): Machine {
  const { macs, power, ...fields } = draft;
  const machine: Machine = {
    id: nextId(state, "node"),
    systemId: newSystemId(state),
    ...fields,
    ownerId: null,
    tagIds: [],
    hweKernel: null,
    osystem: "",
    distroSeries: "",
    status: status.new,
    previousStatus: status.new,
    locked: false,
    netboot: true,
    errorDescription: "",
    agentName: "",
    powerType: "",
    powerParameters: {},
    powerState: "unknown",
    cpuSpeed: 0,
    hardwareInfo: {},
    bootInterfaceId: null,
    gatewayLinkId: null,
    annotations: {},
    commissioningSetId: null,
    testingSetId: null,
    installationSetId: null,
    releaseSetId: null,
    skipNetworking: false,
    skipStorage: false,
    ephemeralDeploy: false,
    enableHwSync: false,
    enlisting: false,
    userData: null,
    token: null,
    interfaceIds: [],
    bootDiskId: null,
    blockDeviceIds: [],
    filesystemIds: [],
    scriptSetIds: [],
    eventIds: [],
    activity: null,
    ownMilliseconds: 0,
    stopping: false,
    staysOn: false,
  };
  state.machines[machine.systemId] = machine;
  for (const mac of macs)
    newInterface(state, machine, { name: nextInterfaceName(state, machine), type: "physical", mac });
  if (power) setPower(state, machine, power);
  return machine;
}

export function removeMachine(state: LabState, machine: Machine): void {
  for (const nic of interfacesOf(state, machine)) if (state.interfaces[nic.id]) deleteInterface(state, nic);
  clearStorage(state, machine);
  for (const id of machine.blockDeviceIds) Reflect.deleteProperty(state.blockDevices, id);
  for (const set of scriptSetsOf(state, machine)) deleteSet(state, machine, set);
  for (const id of machine.eventIds) Reflect.deleteProperty(state.events, id);
  forgetBmcAddress(state, machine);
  Reflect.deleteProperty(state.machines, machine.systemId);
}

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

const listFields = new Set([
  ...commonFields,
  ...["id", "hostname", "domain", "agent_name", "status", "simple_status"].flatMap((name) => [name, `not_${name}`]),
  "mac_address",
]);

/** The filters work on rows: what they leave out is never rendered. */
function list(call: Call) {
  const { state, query } = call;
  const errors = new FormErrors();
  const filters = newFilters();
  const context = { state, fields: query, errors, filters };
  refuseUnknown(context, listFields);
  addCommonFilters(context);
  const domainOf = ({ domainId }: Machine): string => state.domains[domainId]?.name ?? "";
  for (const not of [false, true]) {
    const prefix = not ? "not_" : "";
    matchAny(context, `${prefix}id`, ({ systemId }) => [systemId], { not });
    matchAny(context, `${prefix}hostname`, ({ hostname }) => [hostname], { not });
    matchAny(context, `${prefix}domain`, (machine) => [domainOf(machine)], { not });
    matchAny(context, `${prefix}agent_name`, ({ agentName }) => [agentName], { not });
    const labels = chosen(
      context,
      `${prefix}status`,
      Object.values(statuses).map(({ label }) => label),
    );
    const numbers = labels.flatMap((label) => statusOfLabel(label) ?? []).map(String);
    matchAny(context, `${prefix}status`, (machine) => [machine.status], { not, values: numbers });
    const simple = chosen(context, `${prefix}simple_status`, Object.keys(simpleStatuses));
    const grouped = simple.flatMap((name) => simpleStatuses[name] ?? []).map(String);
    matchAny(context, `${prefix}simple_status`, (machine) => [machine.status], { not, values: grouped });
  }
  for (const mac of query.all("mac_address"))
    if (!isMac(mac)) errors.add("mac_address", `'${mac}' is not a valid MAC address.`);
  matchAny(context, "mac_address", (machine) => interfacesOf(state, machine).map((nic) => nic.mac));
  errors.throwIfAny();
  const found = visibleMachines(state, caller(call)).filter((machine) =>
    filters.predicates.every((accepts) => accepts(machine)),
  );
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
