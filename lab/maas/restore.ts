/** Going back to what commissioning set up, storage layouts, default gateways (facts: maas.md 2.8). */
import { machineFor } from "./access.ts";
import { configValue } from "./config.ts";
import { invalidChoiceText } from "./form.ts";
import { applyNetworkReport, parseReport } from "./hardware-report.ts";
import { setInitialNetworking } from "./links.ts";
import { renderMachine } from "./machine-render.ts";
import type { Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { fieldErrors, json, refusal } from "./reply.ts";
import { hardwareScript, resultsOf, scriptSet } from "./script-sets.ts";
import type { LabState } from "./state.ts";
import { applyDefaultLayout, applyLayout, layoutNames } from "./storage-layouts.ts";

function requireRestorable(machine: Machine, what: string): void {
  if (machine.status !== status.ready && machine.status !== status.failedTesting)
    throw refusal(409, `Machine must be in a ready or failed testing state to restore ${what}`);
}

/** 500 where the last commissioning left no report. */
function restoreNetworking(state: LabState, machine: Machine): void {
  const set = scriptSet(state, machine.commissioningSetId);
  const result = set && resultsOf(state, set).findLast(({ name }) => name === hardwareScript);
  const report = parseReport(result?.stdout ?? "");
  if (!report) throw refusal(500, "No resources found from commissioning output");
  machine.skipNetworking = false;
  applyNetworkReport(state, machine, report);
  setInitialNetworking(state, machine);
}

interface Restore {
  op: string;
  what: string;
  networking: boolean;
  storage: boolean;
}

const restores: Restore[] = [
  { op: "restore_networking_configuration", what: "networking configuration", networking: true, storage: false },
  { op: "restore_storage_configuration", what: "storage configuration.", networking: false, storage: true },
  {
    op: "restore_default_configuration",
    what: "default networking and storage configuration.",
    networking: true,
    storage: true,
  },
];

const restoreOperation = ({ op, what, networking, storage }: Restore): Operation => ({
  method: "POST",
  path: "machines/:system_id/",
  op,
  access: "user",
  handle: (call) => {
    const machine = machineFor(call, "admin");
    requireRestorable(machine, what);
    if (networking) restoreNetworking(call.state, machine);
    if (storage) applyDefaultLayout(call.state, machine, configValue(call.state, "default_storage_layout"));
    return json(renderMachine(call.state, machine));
  },
});

function setStorageLayout(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  if (machine.status !== status.ready)
    throw refusal(409, "Cannot change the storage layout on a machine that is not Ready.");
  const layout = form.get("storage_layout") ?? "";
  if (layout === "") throw fieldErrors({ storage_layout: ["This field is required."] });
  const known = layoutNames.find((name) => name === layout);
  if (!known) throw fieldErrors({ storage_layout: [invalidChoiceText("storage_layout", layout, layoutNames)] });
  applyLayout(state, machine, known, form);
  return json(renderMachine(state, machine));
}

function clearDefaultGateways(call: Call) {
  const machine = machineFor(call, "admin");
  machine.gatewayLinkId = null;
  return json(renderMachine(call.state, machine));
}

export const restoreOperations: Operation[] = [
  ...restores.map(restoreOperation),
  { method: "POST", path: "machines/:system_id/", op: "set_storage_layout", access: "user", handle: setStorageLayout },
  {
    method: "POST",
    path: "machines/:system_id/",
    op: "clear_default_gateways",
    access: "user",
    handle: clearDefaultGateways,
  },
];
