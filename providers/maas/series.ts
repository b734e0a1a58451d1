/** Ubuntu series: the supported ones are known; any other is asked of MAAS's images, once a run. */
import type { Check } from "../core/check.ts";
import { messageOf } from "../core/errors.ts";
import { nearest, suggestion } from "../core/nearest.ts";
import type { MaasServices } from "./services.ts";

/** Series that MAAS 3.5 deploys and Canonical supported when it came out (LTS). */
const KNOWN = ["bionic", "focal", "jammy", "noble"];

let images: Promise<string[]> | undefined;

export async function checkSeries(check: Check, services: MaasServices, warn: (text: string) => void): Promise<void> {
  check.text("series");
  const series = check.value("series");
  if (typeof series !== "string" || KNOWN.includes(series)) return;
  const known = [...KNOWN];
  try {
    images ??= services.client.bootResources
      .list()
      .then((list) => list.map((image) => image.name.replace(/^ubuntu\//, "")));
    known.push(...(await images));
  } catch (error) {
    images = undefined;
    warn(`Whether MAAS has an image "${series}" could not be asked: ${messageOf(error)}`);
    // A near miss of a known series is a slip, with MAAS or without; anything else may well be there.
    if (nearest(series, KNOWN) === undefined) return;
  }
  if (!known.includes(series))
    check.fail("series", `"${series}" is no series that can be deployed${suggestion(series, known)}`);
}

/** What is wrong with the name of a kernel. */
export const kernelProblem = (kernel: string): string | undefined =>
  /^(ga|hwe)-\d\d\.\d\d(-[a-z]+)?$/.test(kernel)
    ? undefined
    : `"${kernel}" is no kernel that MAAS knows; write for example "ga-22.04" or "hwe-22.04"`;
