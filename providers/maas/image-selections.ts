/** What is selected of a boot source, by operating system and release: what there was, what is wanted, what others have added. */
import { Check } from "../core/check.ts";
import { isError, ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import { nearest, suggestion } from "../core/nearest.ts";
import type { BootSourceSelection } from "./api/boot-sources.ts";
import type { WantedImage } from "./image-sync.ts";
import type { MaasServices } from "./services.ts";

export interface ImageSelection {
  /** @default "ubuntu" */
  os?: string;
  /** Series: "jammy". */
  release: string;
  /** @default ["amd64"] */
  arches?: string[];
}

export type CompleteSelection = Required<ImageSelection>;

/** By os/release: the architectures that were selected before us; none where nothing was. */
export type FormerArches = Record<string, string[]>;

export const keyOf = ({ os, release }: { os: string; release: string }): string => `${os}/${release}`;

export const archesIn = (selections: { os: string; release: string; arches: string[] }[], key: string): string[] =>
  selections.find((selection) => keyOf(selection) === key)?.arches ?? [];

export interface Changes {
  wanted: CompleteSelection[];
  old: CompleteSelection[];
  former: FormerArches;
}

/**
 * Makes each selection what was there before, what is wanted, and what others have added meanwhile.
 *
 * @returns what was there before of what is wanted, and the images that nobody selects any more
 */
export async function select(
  context: Context<MaasServices>,
  source: number,
  { wanted, old, former }: Changes,
  half: (former: FormerArches) => void,
): Promise<{ former: FormerArches; dropped: WantedImage[] }> {
  const selected = (await context.services.client.bootSources.selections(source)) ?? [];
  const keys = [...new Set([...wanted, ...old].map(keyOf))];
  const pictures = Object.fromEntries(
    keys.map((key) => [key, former[key] ?? pictureOf(context, key, archesIn(selected, key), archesIn(wanted, key))]),
  );
  half(pictures);
  const dropped: WantedImage[] = [];
  for (const key of keys) {
    const now = archesIn(selected, key);
    const before = pictures[key] ?? [];
    const theirs = now.filter((arch) => before.includes(arch) || !archesIn(old, key).includes(arch));
    const arches = [...new Set([...theirs, ...(theirs.includes("*") ? [] : archesIn(wanted, key))])].sort();
    const [os = "", release = ""] = key.split("/");
    const found = selected.find((one) => keyOf(one) === key);
    if (!(await write(context, source, found, { os, release, arches }))) continue;
    // Also what a run that was cut off has deselected already: its images may be there still.
    for (const arch of archesIn(old, key).filter((one) => !arches.includes(one))) dropped.push({ os, release, arch });
  }
  const kept = wanted.map((selection) => [keyOf(selection), pictures[keyOf(selection)] ?? []] as const);
  return { former: Object.fromEntries(kept), dropped };
}

/** What is as it is asked for may be an interrupted run's work; anything else is what MAAS has by itself. */
function pictureOf(context: Context<MaasServices>, key: string, now: string[], wanted: string[]): string[] {
  const first = context.before(`image ${key}`, { arches: now }).arches;
  return wanted.every((arch) => now.includes(arch)) ? first : now;
}

type Selection = Pick<BootSourceSelection, "os" | "release" | "arches">;

/** @returns false when MAAS keeps what should go */
async function write(
  { services, warn }: Context<MaasServices>,
  source: number,
  found: BootSourceSelection | undefined,
  wanted: Selection,
): Promise<boolean> {
  const { bootSources } = services.client;
  if (wanted.arches.length === 0) {
    if (!found) return true;
    try {
      await bootSources.deleteSelection(source, found.id);
    } catch (error) {
      if (!isError(error, "refused")) throw error;
      warn(`The image ${keyOf(wanted)} stays selected: MAAS commissions machines with it.`);
      return false;
    }
  } else if (!found) await add(services, source, wanted);
  else if ([...found.arches].sort().join() !== wanted.arches.join()) {
    const { subarches, labels } = found;
    await bootSources.updateSelection(source, found.id, { ...wanted, subarches, labels }).catch(notOffered(wanted));
  }
  return true;
}

async function add({ client: { bootSources } }: MaasServices, source: number, wanted: Selection): Promise<void> {
  const fields = { ...wanted, subarches: ["*"], labels: ["*"] };
  try {
    await bootSources.createSelection(source, fields);
  } catch (error) {
    // Somebody was faster, or the answer was lost: then it is there now.
    const found = isError(error, "refused", "ambiguous", "conflict")
      ? (await bootSources.selections(source))?.find((one) => keyOf(one) === keyOf(wanted))
      : undefined;
    if (!found) return notOffered(wanted)(error);
    await bootSources.updateSelection(source, found.id, {
      ...fields,
      arches: [...new Set([...found.arches, ...wanted.arches])],
    });
  }
}

const notOffered =
  (wanted: Selection) =>
  (error: unknown): never => {
    if (!isError(error, "refused")) throw error;
    throw new ProviderError(
      "bad-input",
      `The boot source does not offer ${keyOf(wanted)} for ${wanted.arches.join(", ")}. ${error.message} MAAS's page (Images) ` +
        "shows what there is; a new series comes with the source's next look.",
      { cause: error },
    );
  };

/** Of images.maas.io; what else there may be, only MAAS knows, and its API does not say. */
const RELEASES: Readonly<Record<string, string[]>> = {
  ubuntu: ["trusty", "xenial", "bionic", "focal", "jammy", "noble", "oracular", "plucky", "questing"],
  centos: ["centos70", "8", "8-stream"],
};
const ARCHES = ["amd64", "arm64", "armhf", "i386", "ppc64el", "s390x"];

export function checkSelections(outer: Check): void {
  const selections = outer.value("selections");
  if (outer.absent("selections") || (Array.isArray(selections) && selections.length === 0)) {
    outer.fail("selections", 'is missing; write for example [{ release: "jammy" }]');
  }
  if (selections === undefined) return;
  if (!Array.isArray(selections)) {
    outer.fail("selections", 'must be a list; write for example [{ release: "jammy" }]');
    return;
  }
  const taken = new Set<string>();
  selections.forEach((selection: unknown, index) => {
    const path = `selections[${String(index)}]`;
    if (typeof selection !== "object" || selection === null) {
      outer.fail(path, 'must be an object; write for example { release: "jammy", arches: ["amd64"] }');
      return;
    }
    const check = new Check({ ...selection });
    check.onlyKnown(["os", "release", "arches"]);
    check.oneOf("os", Object.keys(RELEASES));
    check.required("release", '"jammy"');
    const os = check.value("os");
    const known = (typeof os === "string" ? RELEASES[os] : undefined) ?? [];
    check.text("release", (release) => releaseProblem(release, known));
    check.texts("arches");
    const { arches } = selection as ImageSelection;
    arches?.forEach((arch, at) => {
      if (!ARCHES.includes(arch))
        check.fail(`arches[${String(at)}]`, `"${arch}" is no architecture${suggestion(arch, ARCHES)}`);
    });
    const { os: system = "ubuntu", release } = selection as ImageSelection;
    const key = keyOf({ os: system, release });
    if (taken.has(key)) check.fail("release", `${key} is there twice; write its architectures in one of them`);
    taken.add(key);
    for (const { property, reason } of check.failures) outer.fail(`${path}.${property}`, reason);
  });
}

/** Of Ubuntu, e.g. a series that is to be the default. */
export const seriesProblem = (series: string): string | undefined => releaseProblem(series, RELEASES["ubuntu"] ?? []);

/** A near miss of a known one is a slip; anything else may have come out since. */
function releaseProblem(release: string, known: string[]): string | undefined {
  if (known.includes(release)) return undefined;
  const best = nearest(release, known);
  return best === undefined ? undefined : `"${release}" is no series; did you mean "${best}"?`;
}
