/**
 * How long a machine takes for what it does by itself (auto mode), in seconds of metal: a lab with time-scale N divides them by N.
 * MAAS has no numbers of its own for these; they stand for a NUC with an NVMe disk, within the wall times of facts: maas.md 3.7 [?].
 */
import { configValue } from "./config.ts";
import type { Machine } from "./machine-state.ts";
import type { LabState } from "./state.ts";

export const phaseSeconds = {
  /** From power on to the boot loader's request: firmware, DHCP. */
  firmware: 25,
  /** Kernel, initrd and the image of the ephemeral system, until cloud-init runs. */
  ephemeral: 35,
  /** Before the first commissioning script. */
  gathering: 25,
  /** A script that scriptSeconds does not name. */
  script: 6,
  partition: 20,
  fetchImage: 15,
  extractImage: 120,
  configure: 55,
  /** From the reboot into the new system to its request for user-data. */
  firstBoot: 90,
  quickErase: 120,
  rescue: 10,
  /** The BMC has been told; the operating system stops and the rack sees the power off. */
  powerOff: 30,
  /** After commissioning a machine shuts itself down; the rack sees it with its next look (facts: maas.md 3.3). */
  selfShutdown: 20,
  /** The rack's round through all BMCs (facts: maas.md 2.5). */
  powerPoll: 15,
} as const;

export type Phase = keyof typeof phaseSeconds;

const scriptSeconds: Readonly<Record<string, number>> = {
  "50-maas-01-commissioning": 12,
  "smartctl-validate": 20,
  "smartctl-short": 120,
  memtester: 180,
  "stress-ng-cpu-short": 300,
  "stress-ng-memory-short": 300,
  "7z": 90,
  "internet-connectivity": 10,
};

export const secondsOfScript = (name: string): number => scriptSeconds[name] ?? phaseSeconds.script;

/** MAAS's patience with a machine that is not heard of (facts: maas.md 3.7). */
export const nodeTimeout = (state: LabState): number => Number(configValue(state, "node_timeout") ?? 30) * 60;

/** The same for the power to go off after a release; no setting changes it. */
export const releaseTimeout = 5 * 60;

/** A machine's own factor, 0.92 to 1.08, always the same for one MAC address. */
export function pace(state: LabState, machine: Machine): number {
  const mac = state.interfaces[machine.interfaceIds[0] ?? -1]?.mac ?? machine.systemId;
  const hash = Buffer.from(mac).reduce((sum, byte) => (sum * 31 + byte) % 9973, 7);
  return 0.92 + (hash % 161) / 1000;
}
