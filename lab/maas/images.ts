/** What the synced images allow: architectures, series and kernels (facts: maas.md 2.7, 2.16). */
import type { BootResource, LabState } from "./state.ts";

interface ParsedImage {
  osystem: string;
  series: string;
  arch: string;
  /** `ga-22.04`, `hwe-22.04`. */
  kernel: string;
}

function parse({ name, architecture }: BootResource): ParsedImage {
  const [osystem = "", series = ""] = name.split("/");
  const [arch = "", kernel = ""] = architecture.split("/");
  return { osystem, series, arch, kernel };
}

/** Those that are complete: the others are of no use yet. */
const imagesOf = (state: LabState): ParsedImage[] =>
  Object.values(state.bootResources)
    .filter((image) => image.progress === undefined)
    .map(parse);

/** `amd64/generic` for every architecture that has an image. */
export const usableArchitectures = (state: LabState): string[] =>
  [...new Set(imagesOf(state).map(({ arch }) => `${arch}/generic`))].sort();

export interface Series {
  osystem: string;
  series: string;
}

/** `ubuntu/jammy`, sorted. */
export const seriesChoices = (state: LabState): string[] =>
  [...new Set(imagesOf(state).map(({ osystem, series }) => `${osystem}/${series}`))].sort();

/** By series, or by `os/series`; the name of an operating system alone means its last series. */
export function findSeries(state: LabState, text: string): Series | undefined {
  const all = imagesOf(state);
  const exact = all.find(({ osystem, series }) => text === series || text === `${osystem}/${series}`);
  const newest = all.filter(({ osystem }) => osystem === text).toSorted((a, b) => (a.series < b.series ? 1 : -1))[0];
  const found = exact ?? newest;
  return found && { osystem: found.osystem, series: found.series };
}

export const hasImage = (state: LabState, { osystem, series }: Series, architecture: string): boolean =>
  imagesOf(state).some(
    (image) => image.osystem === osystem && image.series === series && image.arch === architecture.split("/")[0],
  );

/** Kernels of one series for one architecture, ga first. */
export const kernelsFor = (state: LabState, { osystem, series }: Series, architecture: string): string[] =>
  imagesOf(state)
    .filter(
      (image) => image.osystem === osystem && image.series === series && image.arch === architecture.split("/")[0],
    )
    .map(({ kernel }) => kernel)
    .sort();

/** `22.04` of `hwe-22.04-edge`, as a number to compare. */
export const kernelAge = (kernel: string): number => Number(/\d+\.\d+/.exec(kernel)?.[0] ?? "0");
