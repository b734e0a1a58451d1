/**
 * What cannot work is said before anything is done: MAAS is asked once, by the program, and all of it is shown in one
 * table. A MAAS that does not answer makes it a warning, since a preview must be possible without.
 *
 * After an `up` that ended well nothing is asked again until the config or the stack changes (ask.ts): a preview
 * without changes costs no request.
 */
import { RunError } from "@pulumi/pulumi/errors.js";
import { warn } from "@pulumi/pulumi/log/index.js";
import { isError, messageOf } from "../../providers/index.ts";
import type { Survey } from "../../providers/index.ts";
import type { RackConfig } from "../config.ts";
import { dynamicAddresses, gatewayAddresses, takenAddresses, takenBmcs } from "./addresses.ts";
import { findingTable } from "./finding.ts";
import type { Finding, Rule } from "./finding.ts";
import { missingImages, tooOldForBmcs, tooOldForBridges, unsyncedImages } from "./images.ts";
import {
  absentMachines,
  bridgedCards,
  lockedMachines,
  othersMachines,
  stuckMachines,
  takenHostnames,
} from "./machines.ts";
import {
  coveredAddresses,
  dhcpBesideAnother,
  dhcpWithoutRack,
  dhcpWithoutRange,
  overlappingRanges,
  overlappingSubnets,
} from "./networks.ts";
import { fewMachines, smallMachines } from "./roles.ts";

const RULES: readonly Rule[] = [
  overlappingSubnets,
  overlappingRanges,
  coveredAddresses,
  dhcpWithoutRange,
  dhcpWithoutRack,
  dhcpBesideAnother,
  absentMachines,
  takenHostnames,
  othersMachines,
  lockedMachines,
  stuckMachines,
  bridgedCards,
  takenAddresses,
  gatewayAddresses,
  dynamicAddresses,
  takenBmcs,
  missingImages,
  unsyncedImages,
  tooOldForBridges,
  tooOldForBmcs,
  fewMachines,
  smallMachines,
];

export const findings = (config: RackConfig, survey: Survey): Finding[] =>
  RULES.flatMap((rule) => rule(config, survey));

/** What may be otherwise in a moment: a preview goes on without MAAS, and says so. An `up` would not come far. */
const PASSING = ["ambiguous", "conflict", "not-configured", "server-error", "timeout", "unreachable"] as const;

/** @throws RunError (shown without a stack) with the table of what cannot work, or with why this MAAS cannot be used */
export async function ensureFeasible(
  config: RackConfig,
  ask: () => Promise<Survey>,
  isPreview: boolean,
): Promise<void> {
  let survey: Survey;
  try {
    survey = await ask();
  } catch (error) {
    if (!isPreview || !isError(error, ...PASSING)) throw new RunError(messageOf(error));
    await warn(`MAAS could not be asked whether this can work, so nothing of it is checked: ${messageOf(error)}`);
    return;
  }
  const found = findings(config, survey);
  const problems = found.filter(({ warning }) => warning !== true);
  if (problems.length > 0) {
    throw new RunError(`This cannot work (nothing was changed):\n\n${findingTable(found)}\n`);
  }
  if (found.length > 0) await warn(`This may not go well:\n\n${findingTable(found)}`);
}
