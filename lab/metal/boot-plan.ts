/** How a machine boots, by the system that MAAS wants on it: its layer, files and cables. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { interfacesOf } from "../maas/links.ts";
import type { Machine } from "../maas/machine-state.ts";
import type { LabState } from "../maas/state.ts";
import { cablesOf, nicLines } from "./cables.ts";
import { enabledUnits, ephemeralFiles, installedFiles } from "./files.ts";
import type { Boot } from "./machine.ts";
import type { World } from "./world.ts";

/** Those of maas/booted.ts that are started. */
export type StartedSystem = "ephemeral" | "new" | "installed";

/** How many times it was turned on. */
export const bootsOf = ({ boots = 0 }: Machine): number => boots;

/** @param disk folder of its disk, in the world */
export function bootOf(world: World, state: LabState, machine: Machine, system: StartedSystem, disk: string): Boot {
  const nics = nicLines(cablesOf(state, machine, system === "ephemeral" ? "ephemeral" : "installed"));
  if (system === "ephemeral")
    return {
      // Another one than the last, which may still be on its way out.
      layer: `/run/lab/ephemeral-${machine.systemId}-${String(bootsOf(machine))}`,
      files: ephemeralFiles(state, machine),
      nics,
    };
  // A machine deployed on the API level has no disk, and gets one now.
  const isInstalled = existsSync(world.path(join(disk, "up/etc/cloud/cloud.cfg.d/90_maas.cfg")));
  if (system === "installed" && isInstalled) return { layer: disk, files: [], nics };
  return { layer: disk, files: installedFiles(state, machine), units: enabledUnits(state, machine), nics };
}

/**
 * What MAAS would install and the lab can't run.
 *
 * @param lacking kinds of interfaces that this computer's kernel has not
 */
export function obstacleTo(state: LabState, machine: Machine, lacking: readonly string[]): string | undefined {
  const kind = interfacesOf(state, machine).find(({ type }) => lacking.includes(type))?.type;
  return kind && `This computer's kernel has no interfaces of type ${kind}, which the lab's machine would need.\n`;
}

export const installLog = ({ distroSeries }: Machine): string =>
  `The lab has no curtin: ${distroSeries} is a layer over the image that all of its machines share.\n` +
  "Network, data source and reporting were written as curtin does it.\n";
