/** Asks MAAS before a run, unless the last `up` ended well with this very config: then there is nothing to ask. */
import { createHash } from "node:crypto";
import type { Output } from "@pulumi/pulumi";
import { Config } from "@pulumi/pulumi/config.js";
import { getProject, getStack } from "@pulumi/pulumi/metadata.js";
import { isDryRun } from "@pulumi/pulumi/runtime/settings.js";
import { settled, surveyByProgram } from "../../providers/index.ts";
import type { RackConfig } from "../config.ts";
import { ensureFeasible } from "./feasibility.ts";

/** @throws RunError (shown without a stack) with the table of what cannot work */
export async function feasible(config: RackConfig): Promise<void> {
  if (settled.is(getStack(), fingerprint(config))) return;
  const { network, machines } = config;
  const ask = () =>
    surveyByProgram({
      stack: `${getProject()}/${getStack()}`,
      cidr: network?.cidr,
      macs: machines.map(({ mac }) => mac),
      hostnames: machines.map(({ name }) => name),
      images: config.deploy ? [`ubuntu/${config.series}`] : [],
    });
  await ensureFeasible(config, ask, isDryRun());
}

/** Remembers the config when everything of this `up` is there. @param everything an output that needs all of it */
export function settles(config: RackConfig, everything: Output<unknown>): void {
  if (isDryRun()) return;
  everything.apply(() => {
    settled.set(getStack(), fingerprint(config));
  });
}

/** Of what decides on the answer: the config, and which MAAS is asked. */
function fingerprint(config: RackConfig): string {
  const maas = [process.env["METALFORM_MAAS_URL"], new Config("metalform").get("maasUrl")];
  const asked = JSON.stringify([config, maas, process.env["PULUMI_BACKEND_URL"]]);
  return createHash("sha256").update(asked).digest("hex");
}
