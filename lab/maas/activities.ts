/**
 * Auto mode: what a machine does by itself in a status, as steps, with the events MAAS notes on the way. How long each takes is in
 * phase-times.ts; lab/automation.ts takes the steps when they are due. Only machines with a hostname of sentinels.ts fail.
 * On the metal level a machine that boots reports its own steps; here is only MAAS's patience with it.
 */
import { failingScript } from "./boot.ts";
import { isMetal } from "./booted.ts";
import { dhcpAddress } from "./dhcp.ts";
import { addEvent, type EventName } from "./events.ts";
import type { Machine, ScriptResult } from "./machine-state.ts";
import { status } from "./node-status.ts";
import { nodeToken } from "./node-token.ts";
import { nodeTimeout, phaseSeconds, releaseTimeout, secondsOfScript, type Phase } from "./phase-times.ts";
import { isControllable, updatePowerState } from "./power.ts";
import { resultsOf, scriptSet } from "./script-sets.ts";
import { bmcFault, failedTest, isSentinel } from "./sentinels.ts";
import * as signals from "./signals.ts";
import type { LabState } from "./state.ts";

/** One step: how long it takes, in seconds of metal, and what has happened when it is over. */
export interface Step {
  seconds: number;
  end: (state: LabState, machine: Machine) => void;
}

/** The step of that index; undefined where the machine waits for somebody else. */
type Steps = (state: LabState, machine: Machine, step: number) => Step | undefined;

export interface Plan {
  name: string;
  steps: Steps;
  /** Whether somebody waits for it: its time is the machine's own (`ownSeconds`). */
  awaited: boolean;
}

const step = (phase: Phase, end: Step["end"]): Step => ({ seconds: phaseSeconds[phase], end });

const noting =
  (name: EventName): Step["end"] =>
  (state, machine) => {
    addEvent(state, machine, name);
  };

/** From power on to a running ephemeral system, which has fetched its preseed and with it the machine's key. */
const boot: readonly Step[] = [
  step("firmware", noting("pxeBoot")),
  step("ephemeral", (state, machine) => {
    nodeToken(machine);
    addEvent(state, machine, "loadingEphemeral");
  }),
];

/** @param pace Seconds of the lab's clock in one second of its patience. */
const stuck = (operation: string, seconds: number, pace = 1): Step => ({
  seconds: seconds * pace,
  end: (state, machine) => {
    machine.stopping = false;
    const minutes = String(seconds / 60);
    signals.markFailed(state, machine, `Node operation '${operation}' timed out after ${minutes} minutes.`);
  },
});

/** The end of a script: passed, but for the sentinels'. */
function endScript(state: LabState, machine: Machine, result: ScriptResult): void {
  const output = failedTest(machine, result.scriptId === null ? undefined : state.scripts[result.scriptId]);
  if (output !== undefined) signals.endResult(state, machine, result, { exitStatus: 1, output, stdout: output });
  else if (isSentinel(machine, "fail-commissioning") && result.name === failingScript) {
    const stderr = "dhclient: no DHCPOFFERS received on enp1s0\n";
    signals.endResult(state, machine, result, { exitStatus: 1, output: stderr, stderr });
  } else signals.endResult(state, machine, result, { exitStatus: 0, ip: dhcpAddress(state, machine) });
}

/** The next script of a set that waits; after the last, at once what follows. */
function nextScript(state: LabState, machine: Machine, setId: number | null, after: Step["end"]): Step {
  const result = signals.pendingResults(state, setId)[0];
  if (!result) return { seconds: 0, end: after };
  signals.startResult(state, machine, result);
  return {
    seconds: secondsOfScript(result.name),
    end: (now, actor) => {
      const current = signals.pendingResults(now, setId)[0];
      if (current) endScript(now, actor, current);
    },
  };
}

const commission: Steps = (state, machine, index) => {
  const early = boot[index];
  if (early) return early;
  if (isSentinel(machine, "stuck-commissioning")) return stuck("Commissioning", nodeTimeout(state));
  if (index === boot.length) return step("gathering", noting("gatheringInformation"));
  return nextScript(state, machine, machine.commissioningSetId, (now, actor) => {
    if (isSentinel(actor, "fail-commissioning")) {
      signals.failScripts(now, actor);
      goOff(actor);
    } else if (signals.pendingResults(now, actor.testingSetId).length > 0) signals.beginTesting(now, actor);
    else endWell(now, actor);
  });
};

/** Tests follow commissioning on the same boot, or have a boot of their own. */
const test: Steps = (state, machine, index) => {
  const early = machine.previousStatus === status.commissioning ? undefined : boot[index];
  if (early) return early;
  if (isSentinel(machine, "stuck-testing")) return stuck("Testing", nodeTimeout(state));
  return nextScript(state, machine, machine.testingSetId, (now, actor) => {
    if (hasFailed(now, actor)) {
      signals.failScripts(now, actor);
      goOff(actor);
    } else endWell(now, actor);
  });
};

function hasFailed(state: LabState, machine: Machine): boolean {
  const set = scriptSet(state, machine.testingSetId);
  return set !== undefined && resultsOf(state, set).some((result) => (result.exitStatus ?? 0) !== 0);
}

function endWell(state: LabState, machine: Machine): void {
  signals.finishScripts(state, machine);
  signals.finishCloudInit(state, machine);
  goOff(machine);
}

/** The ephemeral system shuts itself down, unless it was asked to stay; MAAS sees that a while later. */
function goOff(machine: Machine): void {
  machine.stopping = !machine.staysOn;
}

const installed = (series: string): string =>
  `curtin: Installation started. (23.1.1)\ncurtin: extracting ubuntu/${series} to /tmp/target\ncurtin: installing kernel\n` +
  "curtin: Installation finished.\n";

const notInstalled =
  "curtin: Installation started. (23.1.1)\nextracting image: no space left on device\n" +
  "Unexpected error while running command.\n" +
  "Command: ['tar', '--acls', '--xattrs', '-Sxpf', '/media/root-ro/root.squashfs']\nExit code: 2\ncurtin: Installation failed.\n";

/** After the boot: curtin partitions, copies, configures, reboots; the new system asks for its user-data. */
const install: readonly Step[] = [
  step("partition", (state, machine) => {
    signals.startInstall(state, machine);
    addEvent(state, machine, "configuringStorage");
  }),
  step("fetchImage", noting("installingOs")),
  step("extractImage", (state, machine) => {
    if (isSentinel(machine, "fail-deploy")) signals.failInstall(state, machine, notInstalled);
    else addEvent(state, machine, "configuringOs");
  }),
  step("configure", (state, machine) => {
    signals.setNetboot(machine, false);
    signals.finishInstall(state, machine, installed(machine.distroSeries));
  }),
  step("firstBoot", (state, machine) => {
    signals.fetchUserData(state, machine);
  }),
];

const deploy: Steps = (state, machine, index) =>
  index === boot.length && isSentinel(machine, "stuck-deploy")
    ? stuck("Deploying", nodeTimeout(state))
    : (boot[index] ?? install[index - boot.length]);

/** MAAS has no timeout for it. */
const erase: Steps = (_state, _machine, index) =>
  boot[index] ??
  step("quickErase", (state, machine) => {
    if (isSentinel(machine, "fail-erase")) signals.failReleaseScripts(state, machine);
    else {
      signals.finishReleaseScripts(state, machine);
      signals.finishCloudInit(state, machine);
    }
  });

const off: Step["end"] = (state, machine) => {
  updatePowerState(state, machine, "off");
};

const release: Steps = (_state, machine) =>
  isSentinel(machine, "stuck-release") ? stuck("Releasing", releaseTimeout) : step("powerOff", off);

const enterRescue: Steps = (_state, machine, index) =>
  boot[index] ?? step("rescue", isSentinel(machine, "fail-rescue") ? signals.failRescue : signals.enterRescue);

const exitRescue: Steps = () =>
  step("powerOff", (state, machine) => {
    updatePowerState(state, machine, machine.previousStatus === status.deployed ? "on" : "off");
  });

/** A status that is not here is one in which a machine rests. */
const plans: Readonly<Record<number, Plan>> = {
  [status.commissioning]: { name: "commission", steps: commission, awaited: true },
  [status.testing]: { name: "test", steps: test, awaited: true },
  [status.deploying]: { name: "deploy", steps: deploy, awaited: true },
  [status.releasing]: { name: "release", steps: release, awaited: true },
  [status.diskErasing]: { name: "erase", steps: erase, awaited: true },
  [status.enteringRescueMode]: { name: "enter rescue mode", steps: enterRescue, awaited: true },
  [status.exitingRescueMode]: { name: "exit rescue mode", steps: exitRescue, awaited: true },
};

const powerOff: Plan = { name: "power off", steps: () => step("powerOff", off), awaited: false };

const shutDown: Plan = { name: "shut down", steps: () => step("selfShutdown", off), awaited: false };

/** The rack looks at a BMC it knows nothing of. */
const powerPoll: Plan = {
  name: "power poll",
  steps: () =>
    step("powerPoll", (state, machine) => {
      updatePowerState(state, machine, bmcFault(machine) ? "error" : "off");
    }),
  awaited: false,
};

/** A machine that boots for real takes the time it takes: MAAS's patience is counted in real seconds. */
const patience = (operation: string, timeout: (state: LabState) => number): Plan => ({
  name: `patience with ${operation}`,
  steps: (state) => stuck(operation, timeout(state), state.metalPace),
  awaited: true,
});

const bootedPlans: Readonly<Record<number, Plan>> = {
  [status.commissioning]: patience("Commissioning", nodeTimeout),
  [status.testing]: patience("Testing", nodeTimeout),
  [status.deploying]: patience("Deploying", nodeTimeout),
};

const patienceWithRelease = patience("Releasing", () => releaseTimeout);

/** The plan that a machine follows now, or undefined when it rests. */
export function planOf(state: LabState, machine: Machine): Plan | undefined {
  const boots = isMetal(state, machine);
  if (boots && machine.stopping) return machine.status === status.releasing ? patienceWithRelease : undefined;
  const plan = (boots ? bootedPlans[machine.status] : undefined) ?? plans[machine.status];
  if (plan) return plan;
  if (machine.stopping) return machine.status === status.ready ? shutDown : powerOff;
  return machine.powerState === "unknown" && isControllable(machine) ? powerPoll : undefined;
}
