/** Machines come and go (facts: maas.md 2.3, 2.4). */
import { randomInt } from "node:crypto";
import { deleteInterface, interfacesOf, newInterface, nextInterfaceName, nodeById } from "./links.ts";
import type { MachineDraft } from "./machine-form.ts";
import type { Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import { forgetBmcAddress, setPower } from "./power-form.ts";
import { deleteSet, scriptSetsOf } from "./script-sets.ts";
import { nextId, type LabState } from "./state.ts";
import { clearStorage } from "./storage.ts";

const letters = "abcdefghkmnpqrstwxy";
const characters = `${letters}3478`;

/** Six characters; the first is a letter, so that the table keeps its order. */
function newSystemId(state: LabState): string {
  for (;;) {
    const rest = Array.from({ length: 5 }, () => characters.charAt(randomInt(characters.length))).join("");
    const id = letters.charAt(randomInt(letters.length)) + rest;
    if (!nodeById(state, id) && !state.controllers[id]) return id;
  }
}

/** A row without interfaces and power, in no table yet. */
export function newNode(state: LabState, draft: MachineDraft): Machine {
  const { macs: _macs, power: _power, ...fields } = draft;
  return {
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
}

export function addInterfaces(state: LabState, node: Machine, macs: readonly string[]): void {
  for (const mac of macs) newInterface(state, node, { name: nextInterfaceName(state, node), type: "physical", mac });
}

export function addMachine(state: LabState, draft: MachineDraft): Machine {
  const machine = newNode(state, draft);
  state.machines[machine.systemId] = machine;
  addInterfaces(state, machine, draft.macs);
  if (draft.power) setPower(state, machine, draft.power);
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
