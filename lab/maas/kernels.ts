/** Which kernel a deployment gets (facts: maas.md 2.7; transcript s15). */
import { kernelAge, kernelsFor, type Series } from "./images.ts";
import type { LabState } from "./state.ts";

interface KernelRequest {
  /** `hwe-22.04`, `ga-22.04`; empty: MAAS picks. */
  wanted: string;
  minimum: string;
  architecture: string;
}

/** The kernel, or why there is none. */
export function workingKernel(
  state: LabState,
  series: Series,
  { wanted, minimum, architecture }: KernelRequest,
): { kernel: string } | { error: string } {
  const name = `${series.osystem}/${series.series}`;
  const kernels = kernelsFor(state, series, architecture);
  if (/^(hwe|ga)-/.test(wanted)) {
    if (!kernels.includes(wanted)) return { error: `${wanted} is not available for ${name} on ${architecture}.` };
    if (minimum !== "" && kernelAge(wanted) < kernelAge(minimum))
      return { error: `hwe_kernel(${wanted}) is older than min_hwe_kernel(${minimum}).` };
    return { kernel: wanted };
  }
  const newEnough = kernels.filter((kernel) => minimum === "" || isAtLeast(kernel, minimum));
  const [first] = newEnough;
  if (first !== undefined) return { kernel: first };
  if (minimum !== "") return { error: `${name} has no kernels available which meet min_hwe_kernel(${minimum}).` };
  return { error: `${name} has no kernels available.` };
}

/** Of the same age, an hwe kernel is newer than a ga one. */
function isAtLeast(kernel: string, minimum: string): boolean {
  const [age, least] = [kernelAge(kernel), kernelAge(minimum)];
  return age > least || (age === least && !(minimum.startsWith("hwe") && kernel.startsWith("ga")));
}
