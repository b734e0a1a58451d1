/**
 * Metal level: which machines really boot, and into which system. lab/metal boots them, and what they then report to the metadata
 * service (metadata.ts) moves them on. The others go on by themselves, as on the API level (activities.ts).
 */
import type { Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import { isControllable } from "./power.ts";
import { isAnySentinel } from "./sentinels.ts";
import type { LabState } from "./state.ts";

/**
 * `ephemeral`: what MAAS boots from its rack, to run scripts. `new`: the deployed one, installed now. `installed`: what is on
 * the machine's disk. `same`: whatever runs goes on, nothing is started.
 */
export type BootedSystem = "ephemeral" | "new" | "installed" | "same";

/** Nobody presses the button of a machine that MAAS can't turn on; sentinels fail by the book. */
export const isMetal = (state: LabState, machine: Machine): boolean =>
  state.metalPace > 0 && isControllable(machine) && !isAnySentinel(machine);

const systems: Readonly<Record<number, BootedSystem>> = {
  [status.commissioning]: "ephemeral",
  [status.testing]: "ephemeral",
  [status.deploying]: "new",
  [status.deployed]: "installed",
};

/** Erasing disks and rescue mode are not done for real: meanwhile nothing runs. */
const idle = new Set<number>([
  status.diskErasing,
  status.enteringRescueMode,
  status.rescueMode,
  status.exitingRescueMode,
  status.failedDiskErasing,
]);

/** What has to run on this machine now; undefined: nothing, its power is off. */
export function systemOf(state: LabState, machine: Machine): BootedSystem | undefined {
  const hasPower = machine.powerState === "on" && !machine.stopping;
  if (!isMetal(state, machine) || !hasPower || idle.has(machine.status)) return undefined;
  return systems[machine.status] ?? "same";
}
