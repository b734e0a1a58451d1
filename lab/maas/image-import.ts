/**
 * The import of images (facts: maas.md 2.16; canonical/maas bootresources.py): MAAS reads what the sources offer, drops what
 * is not selected any more, and loads what is missing. While one import runs another does nothing, but the one that runs
 * looks at its end whether somebody has changed the selections meanwhile, and begins anew then.
 */
import { offersOf, type Offer } from "./image-offer.ts";
import { nextId, type BootResource, type LabState } from "./state.ts";

export interface ImageImport {
  stage: "descriptions" | "files";
  /** Lab milliseconds; null until the lab's clock has seen it. */
  until: number | null;
  /** The selections that it began with. */
  selections: string;
}

/** Seconds of metal: to read the descriptions, and to load the images of one release for one architecture. */
const descriptionSeconds = 20;
const imageSeconds = 60;
const parts = 10;

const selectionsOf = (state: LabState): string => JSON.stringify([state.bootSources, state.bootSourceSelections]);

export function beginImport(state: LabState): void {
  state.imageImport ??= { stage: "descriptions", until: null, selections: selectionsOf(state) };
}

/** What is loaded stays, what is half loaded goes on with the next import. */
export function stopImport(state: LabState): void {
  state.imageImport = null;
}

export const isIncomplete = (image: BootResource): boolean => image.progress !== undefined;

/** By `ubuntu/jammy amd64`: the images of one release for one architecture share most of their files. */
const groupOf = ({ name, architecture }: BootResource): string => `${name} ${architecture.split("/")[0] ?? ""}`;

export const isImportDue = ({ imageImport }: LabState, now: number): boolean =>
  imageImport !== null && (imageImport.until === null || imageImport.until <= now);

/** Auto mode: brings the import to the moment `now`, step by step. */
export function advanceImport(state: LabState, now: number): void {
  while (isImportDue(state, now)) {
    const running = state.imageImport;
    if (!running) return;
    if (running.until === null) running.until = now + descriptionSeconds * 1000;
    else if (running.stage === "descriptions") readDescriptions(state, running.until);
    else loadPart(state, running.until);
  }
}

/** Explicit mode: the import that runs has got as far as a test says, in per cent; 100 ends it. */
export function settleImport(state: LabState, percent: number): void {
  if (state.imageImport?.stage === "descriptions") readDescriptions(state, 0);
  for (const image of Object.values(state.bootResources).filter(isIncomplete)) setProgress(image, percent);
  if (percent >= 100) endImport(state, null);
}

interface Wanted {
  offer: Offer;
  kernel: string;
}

function wantedImages(state: LabState): Wanted[] {
  const wanted = new Map<string, Wanted>();
  for (const selection of Object.values(state.bootSourceSelections)) {
    const source = state.bootSources[selection.bootSourceId];
    for (const offer of source ? offersOf(source) : []) {
      const isSelected =
        offer.os === selection.os &&
        offer.release === selection.release &&
        ["*", offer.arch].some((arch) => selection.arches.includes(arch));
      if (!isSelected) continue;
      for (const kernel of offer.kernels)
        wanted.set(`${offer.os}/${offer.release} ${offer.arch}/${kernel}`, { offer, kernel });
    }
  }
  return [...wanted.values()];
}

const keyOf = ({ name, architecture }: BootResource): string => `${name} ${architecture}`;

function readDescriptions(state: LabState, at: number): void {
  const wanted = wantedImages(state);
  const synced = Object.values(state.bootResources).filter((image) => image.type === "Synced");
  const keys = new Set(wanted.map(({ offer, kernel }) => `${offer.os}/${offer.release} ${offer.arch}/${kernel}`));
  const unwanted = synced.filter((image) => !keys.has(keyOf(image)));
  const known = new Set(synced.map(keyOf));
  const missing = wanted.filter(
    ({ offer, kernel }) => !known.has(`${offer.os}/${offer.release} ${offer.arch}/${kernel}`),
  );
  // MAAS does not delete the last of its images without another to take their place.
  if (missing.length > 0 || unwanted.length < synced.length)
    for (const image of unwanted) Reflect.deleteProperty(state.bootResources, image.id);
  for (const { offer, kernel } of missing) addImage(state, offer, kernel);
  if (Object.values(state.bootResources).some(isIncomplete)) nextPart(state, at);
  else endImport(state, at);
}

function addImage(state: LabState, offer: Offer, kernel: string): void {
  const id = nextId(state, "bootResource");
  const version = kernel.replace(/^\w+-/, "");
  state.bootResources[id] = {
    id,
    type: "Synced",
    name: `${offer.os}/${offer.release}`,
    title: "",
    architecture: `${offer.arch}/${kernel}`,
    subarches: offer.os === "ubuntu" ? `generic,hwe-${version},ga-${version}` : "generic",
    lastDeployed: null,
    version: "20260101",
    size: offer.size,
    progress: 0,
  };
}

function nextPart(state: LabState, at: number): void {
  if (state.imageImport)
    Object.assign(state.imageImport, { stage: "files", until: at + (imageSeconds / parts) * 1000 });
}

/** One release and architecture after the other. */
function loadPart(state: LabState, at: number): void {
  const incomplete = Object.values(state.bootResources).filter(isIncomplete);
  const [first] = incomplete;
  for (const image of incomplete) {
    if (first && groupOf(image) === groupOf(first)) setProgress(image, (image.progress ?? 0) + 100 / parts);
  }
  if (Object.values(state.bootResources).some(isIncomplete)) nextPart(state, at);
  else endImport(state, at);
}

function setProgress(image: BootResource, percent: number): void {
  if (percent < 100) image.progress = percent;
  else delete image.progress;
}

/** @param at when, in lab milliseconds; null where no clock runs */
function endImport(state: LabState, at: number | null): void {
  const running = state.imageImport;
  const now = selectionsOf(state);
  const until = at === null ? null : at + descriptionSeconds * 1000;
  const isOver = running === null || running.selections === now;
  state.imageImport = isOver ? null : { stage: "descriptions", until, selections: now };
}
