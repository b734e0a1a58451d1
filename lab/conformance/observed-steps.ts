/** What happened in the recorded region without a record of its own: what machines told MAAS, and bodies that were not kept. */
import type { Machine } from "../maas/machine-state.ts";
import * as signals from "../maas/signals.ts";
import type { LabState } from "../maas/state.ts";

interface Place {
  state: LabState;
  machine: Machine;
}

type Step = (place: Place) => void;

const nuc1 = "4b4cg3";
const n7 = "rsftm6";

const runScripts =
  (ip: string): Step =>
  ({ state, machine }) => {
    for (const result of signals.pendingResults(state, machine.commissioningSetId))
      signals.endResult(state, machine, result, { exitStatus: 0, ip });
  };

const failTests: Step = ({ state, machine }) => {
  for (const result of signals.pendingResults(state, machine.testingSetId))
    signals.endResult(state, machine, result, { exitStatus: 1 });
  signals.failScripts(state, machine);
};

/** A recorded machine had no CPU count: an allocation for one CPU found none. */
const withoutCpus: Step = ({ machine }) => {
  machine.cpuCount = 0;
};

const ping: Step = ({ state, machine }) => {
  const set = state.scriptSets[machine.commissioningSetId ?? -1];
  if (set) set.lastPing = Date.now();
};

const simply =
  (act: (state: LabState, machine: Machine) => void): Step =>
  ({ state, machine }) => {
    act(state, machine);
  };

/** By the number of the record before which it happened; the machine by the recording's system_id. */
const steps: Readonly<Record<number, [machine: string, step: Step]>> = {
  61: [nuc1, runScripts("192.168.14.150")],
  66: [nuc1, simply(signals.finishCloudInit)],
  139: [nuc1, simply(signals.startInstall)],
  167: [
    nuc1,
    simply((state, machine) => {
      signals.failInstall(state, machine, "curtin: Installation failed.\n");
    }),
  ],
  173: [nuc1, simply(signals.finishReleaseScripts)],
  174: [nuc1, simply(signals.finishCloudInit)],
  184: [nuc1, simply(signals.failScripts)],
  188: [nuc1, runScripts("192.168.14.150")],
  189: [nuc1, simply(signals.finishScripts)],
  327: [n7, ping],
  328: [n7, runScripts("192.168.14.151")],
  333: [n7, failTests],
  339: [n7, simply(signals.finishCloudInit)],
  // The end of the tests, without a word of their results.
  341: [n7, simply(signals.finishScripts)],
  344: [n7, withoutCpus],
};

/** @param place Finds the lab's machine for a recorded system_id. */
export function happenedBefore(n: number, place: (recorded: string) => Place): void {
  const known = steps[n];
  if (known) known[1](place(known[0]));
}

/** Records whose answer depends on what the recording's makers put into their region by hand. */
export const foreign: Readonly<Record<number, string>> = {
  212: "the recorded controller's power type, architecture and operating system were made up",
  331: "the recorded machine had two disks, and so two results of one test",
};
