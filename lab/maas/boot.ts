/** Explicit mode: what a boot record makes a machine do (test/fixtures/maas/transcripts/seed.json, boot_outcomes). */
import type { Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import { updatePowerState } from "./power.ts";
import * as signals from "./signals.ts";
import type { LabState } from "./state.ts";

export interface BootRequest {
  /** system_id. */
  machine: string;
  outcome: string;
  /** The address that the boot NIC has from DHCP. */
  ip?: string;
}

type Outcome = (state: LabState, machine: Machine, ip: string | undefined) => void;

/** A script that fails in `commission-fail`. */
export const failingScript = "20-maas-02-dhcp-unconfigured-ifaces";

const installLogText = "curtin: Installation finished.\n";
const failedLogText =
  "curtin: Installation started.\nUnexpected error while running command.\nExit code: 1\ncurtin: Installation failed.\n";

function runCommissioning(state: LabState, machine: Machine, ip: string | undefined): void {
  for (const result of signals.pendingResults(state, machine.commissioningSetId))
    signals.endResult(state, machine, result, { exitStatus: 0, ip });
}

function runTests(state: LabState, machine: Machine, exitStatus: number): void {
  for (const result of signals.pendingResults(state, machine.testingSetId))
    signals.endResult(state, machine, result, { exitStatus });
  if (exitStatus === 0) signals.finishScripts(state, machine);
  else signals.failScripts(state, machine);
}

const isTesting = (machine: Machine): boolean => machine.status === status.testing;

/** Commissioning, then its tests where it has any. */
function commission(testExit: number): Outcome {
  return (state, machine, ip) => {
    if (machine.status !== status.commissioning) return;
    runCommissioning(state, machine, ip);
    if (signals.pendingResults(state, machine.testingSetId).length > 0) {
      signals.beginTesting(state, machine);
      if (isTesting(machine)) runTests(state, machine, testExit);
    } else signals.finishScripts(state, machine);
    if (testExit === 0) signals.finishCloudInit(state, machine);
  };
}

const failCommissioning: Outcome = (state, machine) => {
  if (machine.status !== status.commissioning) return;
  for (const result of signals.pendingResults(state, machine.commissioningSetId))
    signals.endResult(state, machine, result, { exitStatus: result.name === failingScript ? 1 : 0, stdout: "" });
  signals.failScripts(state, machine);
};

const test =
  (exitStatus: number): Outcome =>
  (state, machine) => {
    if (machine.status === status.testing) runTests(state, machine, exitStatus);
  };

const install: Outcome = (state, machine) => {
  if (machine.status !== status.deploying) return;
  signals.startInstall(state, machine);
  signals.finishInstall(state, machine, installLogText);
  signals.setNetboot(machine, false);
};

const outcomes: Readonly<Record<string, Outcome>> = {
  "commission-ok": commission(0),
  "commission-fail": failCommissioning,
  "commission-test-fail": commission(1),
  "test-ok": test(0),
  "test-fail": test(1),
  "deploy-start": (state, machine) => {
    signals.startInstall(state, machine);
  },
  "deploy-installed": install,
  "deploy-ok": (state, machine, ip) => {
    install(state, machine, ip);
    signals.fetchUserData(state, machine);
  },
  "deploy-fail": (state, machine) => {
    signals.startInstall(state, machine);
    signals.failInstall(state, machine, failedLogText);
  },
  "erase-ok": (state, machine) => {
    signals.finishReleaseScripts(state, machine);
    if (machine.status === status.diskErasing || machine.status === status.releasing)
      signals.finishCloudInit(state, machine);
  },
  "erase-fail": (state, machine) => {
    signals.failReleaseScripts(state, machine);
  },
  "rescue-ok": signals.enterRescue,
  "rescue-fail": signals.failRescue,
  "power-off": (state, machine) => {
    updatePowerState(state, machine, "off");
  },
  "power-on": (state, machine) => {
    updatePowerState(state, machine, "on");
  },
};

/** Throws when the machine or the outcome is unknown; returns once the machine has settled. */
export function boot(state: LabState, request: BootRequest): void {
  const machine = state.machines[request.machine];
  if (!machine) throw new Error(`No machine ${request.machine}`);
  const outcome = outcomes[request.outcome];
  if (!outcome)
    throw new Error(`Unknown outcome ${request.outcome}; it should be one of ${Object.keys(outcomes).join(", ")}`);
  outcome(state, machine, request.ip);
}
