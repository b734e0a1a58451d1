/**
 * Auto mode: what a machine does by itself in a status, as steps with the time that each takes on a NUC. The times are
 * those of facts: maas.md 3.7 [?], spread over the phases that MAAS's events name; a machine's own are up to 8 % longer or
 * shorter, always the same for one MAC address.
 *
 * Only machines with a hostname of sentinels.ts fail.
 */
import type { Machine, ScriptResult } from "./machine-state.ts";
import { addEvent } from "./events.ts";
import { status } from "./node-status.ts";
import { updatePowerState } from "./power.ts";
import { isSentinel } from "./sentinels.ts";
import { failingScript } from "./boot.ts";
import * as signals from "./signals.ts";
import { resultsOf, scriptSet } from "./script-sets.ts";
import type { LabState } from "./state.ts";

/** One step: how long it takes, in seconds of metal, and what has happened when it is over. */
export interface Step {
  seconds: number;
  end: (state: LabState, machine: Machine) => void;
}

/** MAAS's node_timeout: a machine that is not heard of for so long has failed (facts: maas.md 3.7). */
const NODE_TIMEOUT = 30 * 60;
const RELEASE_TIMEOUT = 5 * 60;

const note =
  (name: Parameters<typeof addEvent>[2]): Step["end"] =>
  (state, machine) => {
    addEvent(state, machine, name);
  };

/** From power on to a running ephemeral system. */
const boot: Step[] = [
  { seconds: 25, end: note("pxeBoot") },
  { seconds: 35, end: note("loadingEphemeral") },
];

/** Seconds that a script runs; the ones not named are quick. */
const SCRIPT_SECONDS: Readonly<Record<string, number>> = {
  "50-maas-01-commissioning": 12,
  "smartctl-validate": 20,
  "smartctl-short": 120,
  memtester: 180,
  "stress-ng-cpu-short": 300,
  "stress-ng-memory-short": 300,
  "7z": 90,
  "internet-connectivity": 10,
};

const scriptSeconds = (result: ScriptResult): number => SCRIPT_SECONDS[result.name] ?? 6;

const MEMTESTER_OUTPUT = `memtester version 4.5.1 (64-bit)
Loop 1/1:
  Stuck Address       : ok
  Random Value        : ok
FAILURE: 0x2a80f3c1 != 0x2a80f3c9 at offset 0x0000000009c4d2a8.
  Compare XOR         : FAIL
memtester: one bit differs, at physical address 0x9c4d2a8: replace the memory module in slot DIMM1
`;

/** The end of a script: passed, but for the sentinels'. */
function endScript(state: LabState, machine: Machine, result: ScriptResult, ip: string | undefined): void {
  const memoryFails = isSentinel(machine, "fail-memory-test") && isOf(state, result, "memory");
  const diskFails = isSentinel(machine, "fail-disk-test") && isOf(state, result, "storage");
  if (memoryFails) {
    const output = MEMTESTER_OUTPUT;
    signals.endResult(state, machine, result, { exitStatus: 1, output, stdout: output });
  } else if (diskFails) {
    const output =
      "SMART overall-health self-assessment test result: FAILED!\nDrive failure expected in less than 24 hours.\n";
    signals.endResult(state, machine, result, { exitStatus: 1, output, stdout: output });
  } else if (isSentinel(machine, "fail-commissioning") && result.name === failingScript) {
    const output = "dhclient: no DHCPOFFERS received on enp1s0\n";
    signals.endResult(state, machine, result, { exitStatus: 1, output, stderr: output });
  } else {
    signals.endResult(state, machine, result, { exitStatus: 0, ip });
  }
}

const isOf = (state: LabState, result: ScriptResult, tag: string): boolean =>
  result.scriptId !== null && (state.scripts[result.scriptId]?.tags.includes(tag) ?? false);

/** The next script of a set that waits, then what follows the last. */
function scripts(state: LabState, machine: Machine, setId: number | null, after: Step["end"]): Step {
  const result = signals.pendingResults(state, setId)[0];
  if (!result) return { seconds: 0, end: after };
  if (isSentinel(machine, "stuck-testing") && machine.status === status.testing) return stuck("Testing");
  signals.startResult(state, machine, result);
  return {
    seconds: scriptSeconds(result),
    end: (now, actor) => {
      const current = signals.pendingResults(now, setId)[0];
      if (current) endScript(now, actor, current, dhcpAddress(now, actor));
    },
  };
}

const stuck = (operation: string, seconds = NODE_TIMEOUT): Step => ({
  seconds,
  end: (state, machine) => {
    signals.markFailed(
      state,
      machine,
      `Node operation '${operation}' timed out after ${String(seconds / 60)} minutes.`,
    );
  },
});

function commission(state: LabState, machine: Machine, step: number): Step {
  const early = boot[step];
  if (early) return early;
  if (isSentinel(machine, "stuck-commissioning")) return stuck("Commissioning");
  if (step === boot.length) return { seconds: 25, end: note("gatheringInformation") };
  return scripts(state, machine, machine.commissioningSetId, (now, actor) => {
    if (isSentinel(actor, "fail-commissioning")) signals.failScripts(now, actor);
    else if (signals.pendingResults(now, actor.testingSetId).length > 0) signals.beginTesting(now, actor);
    else endWell(now, actor);
  });
}

/** Tests follow commissioning on the same boot, or have a boot of their own. */
function test(state: LabState, machine: Machine, step: number): Step {
  const early = machine.previousStatus === status.commissioning ? undefined : boot[step];
  if (early) return early;
  return scripts(state, machine, machine.testingSetId, (now, actor) => {
    const failed = isSentinel(actor, "fail-memory-test") || isSentinel(actor, "fail-disk-test");
    if (failed && hasFailed(now, actor)) signals.failScripts(now, actor);
    else endWell(now, actor);
  });
}

function hasFailed(state: LabState, machine: Machine): boolean {
  const set = scriptSet(state, machine.testingSetId);
  return set !== undefined && resultsOf(state, set).some((result) => (result.exitStatus ?? 0) !== 0);
}

function endWell(state: LabState, machine: Machine): void {
  signals.finishScripts(state, machine);
  signals.finishCloudInit(state, machine);
}

const installLog = (series: string): string =>
  `curtin: Installation started. (23.1.1)\ncurtin: extracting ubuntu/${series} to /tmp/target\ncurtin: installing kernel\n` +
  "curtin: Installation finished.\n";

const failedLog =
  "curtin: Installation started. (23.1.1)\nextracting image: no space left on device\nUnexpected error while running command.\n" +
  "Command: ['tar', '--acls', '--xattrs', '-Sxpf', '/media/root-ro/root.squashfs']\nExit code: 2\ncurtin: Installation failed.\n";

/** After the boot: curtin partitions, copies, configures, reboots; the new system asks for its user-data. */
const install: Step[] = [
  {
    seconds: 20,
    end: (state, machine) => {
      signals.startInstall(state, machine);
      addEvent(state, machine, "configuringStorage");
    },
  },
  { seconds: 15, end: note("installingOs") },
  {
    seconds: 100,
    end: (state, machine) => {
      if (isSentinel(machine, "fail-deploy")) signals.failInstall(state, machine, failedLog);
      else addEvent(state, machine, "configuringOs");
    },
  },
  {
    seconds: 45,
    end: (state, machine) => {
      signals.setNetboot(machine, false);
      signals.finishInstall(state, machine, installLog(machine.distroSeries));
    },
  },
  {
    seconds: 60,
    end: (state, machine) => {
      signals.fetchUserData(state, machine);
    },
  },
];

function deploy(_state: LabState, machine: Machine, step: number): Step | undefined {
  if (step === boot.length && isSentinel(machine, "stuck-deploy")) return stuck("Deploying");
  return boot[step] ?? install[step - boot.length];
}

function erase(_state: LabState, machine: Machine, step: number): Step | undefined {
  const failing = isSentinel(machine, "fail-erase");
  return (
    boot[step] ?? {
      seconds: 120,
      end: (state, actor) => {
        if (failing) signals.failReleaseScripts(state, actor);
        else {
          signals.finishReleaseScripts(state, actor);
          signals.finishCloudInit(state, actor);
        }
      },
    }
  );
}

const powerOff = (seconds: number): Step => ({
  seconds,
  end: (state, machine) => {
    updatePowerState(state, machine, "off");
  },
});

type Plan = (state: LabState, machine: Machine, step: number) => Step | undefined;

/** What a machine does in a status; a status without a plan is one in which it rests. */
const plans: Readonly<Record<number, { name: string; plan: Plan }>> = {
  [status.commissioning]: { name: "commission", plan: commission },
  [status.testing]: { name: "test", plan: test },
  [status.deploying]: { name: "deploy", plan: deploy },
  [status.releasing]: {
    name: "release",
    plan: (_state, machine, step) =>
      step > 0 ? undefined : isSentinel(machine, "stuck-release") ? stuck("Releasing", RELEASE_TIMEOUT) : powerOff(20),
  },
  [status.diskErasing]: { name: "erase", plan: erase },
  [status.enteringRescueMode]: {
    name: "enter rescue mode",
    plan: (_state, machine, step) =>
      boot[step] ?? {
        seconds: 10,
        end: isSentinel(machine, "fail-rescue") ? signals.failRescue : signals.enterRescue,
      },
  },
  [status.exitingRescueMode]: {
    name: "exit rescue mode",
    plan: (_state, machine) => ({
      seconds: 20,
      end: (state, actor) => {
        updatePowerState(state, actor, machine.previousStatus === status.deployed ? "on" : "off");
      },
    }),
  },
};

/** After commissioning a machine shuts itself down, and the rack's poll finds it off (facts: maas.md 3.3). */
const shutDown = {
  name: "shut down",
  plan: (_state: LabState, _machine: Machine, step: number) => (step > 0 ? undefined : powerOff(20)),
};

/** The plan that a machine follows now, or undefined when it rests. */
export function planOf(machine: Machine): { name: string; plan: Plan } | undefined {
  if (machine.status === status.ready && machine.powerState === "on") return shutDown;
  return plans[machine.status];
}

/** 0.92 to 1.08, always the same for one machine. */
export function pace(state: LabState, machine: Machine): number {
  const mac = state.interfaces[machine.interfaceIds[0] ?? -1]?.mac ?? machine.systemId;
  const hash = Buffer.from(mac).reduce((sum, byte) => (sum * 31 + byte) % 9973, 7);
  return 0.92 + (hash % 161) / 1000;
}

/**
 * The address that a booting machine gets from the rack's DHCP: as if a dynamic range began at half of the subnet, one
 * for each machine. No DHCP server runs in the lab.
 */
function dhcpAddress(state: LabState, machine: Machine): string | undefined {
  const cidr = Object.values(state.subnets)[0]?.cidr;
  const [network, prefix] = (cidr ?? "").split("/");
  if (network === undefined || prefix === undefined) return undefined;
  const base = network.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
  const half = 2 ** (31 - Number(prefix));
  const address = base + half + 1 + (machine.id % (half - 2));
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
}
