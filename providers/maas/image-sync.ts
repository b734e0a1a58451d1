/**
 * Images from a selection to a machine that can use them: MAAS imports what is selected, and tells by image how far it is
 * (facts: maas.md 2.16; canonical/maas api/boot_resources.py).
 */
import { ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import { PhaseReporter } from "../core/phase.ts";
import { waitFor } from "../core/wait.ts";
import type { BootResource } from "./api/boot-resources.ts";
import { timeScale } from "./machine-wait.ts";
import { nextPollDelay } from "./poll-cadence.ts";
import type { MaasServices } from "./services.ts";

/** What a selection brings: the images of one release for one architecture, a kernel each. */
export interface WantedImage {
  os: string;
  release: string;
  arch: string;
}

export interface ImagesSeen {
  importing: boolean;
  /** Wanted ones that are not there altogether. */
  missing: WantedImage[];
  /** Of all that is wanted, in per cent. */
  percent: number;
}

export const imageText = ({ os, release, arch }: WantedImage): string => `${os}/${release} for ${arch}`;

/** Ten minutes for an image over a line of 10 Mbit/s and more. */
const USUALLY_MS = 10 * 60_000;
/** MAAS says "started" before it has begun: so long it may say that no import runs. */
const GRACE_MS = 30_000;

const isOf = (image: WantedImage) => (resource: BootResource) =>
  resource.type === "Synced" &&
  resource.name === `${image.os}/${image.release}` &&
  resource.architecture.startsWith(`${image.arch}/`);

/** Asks for the versions of those images only that were not complete when it looked last. */
class ImageLook {
  private readonly complete = new Set<number>();
  private readonly services: MaasServices;
  private readonly wanted: WantedImage[];

  constructor(services: MaasServices, wanted: WantedImage[]) {
    this.services = services;
    this.wanted = wanted;
  }

  async now(): Promise<ImagesSeen> {
    const { bootResources } = this.services.client;
    const [importing, resources] = await Promise.all([bootResources.isImporting(), bootResources.list()]);
    const percents = await Promise.all(
      this.wanted.map(async (image) => await this.percent(resources.filter(isOf(image)))),
    );
    const missing = this.wanted.filter((_, index) => percents[index] !== 100);
    return { importing, missing, percent: percents.reduce((sum, one) => sum + one, 0) / Math.max(1, percents.length) };
  }

  /** 100 only when each of them has a complete version: an older one is of use while a newer is loaded. */
  private async percent(resources: BootResource[]): Promise<number> {
    const parts = await Promise.all(
      resources.map(async ({ id }) => {
        if (this.complete.has(id)) return 100;
        const sets = Object.values((await this.services.client.bootResources.read(id))?.sets ?? {});
        if (sets.some((set) => set.complete)) this.complete.add(id);
        return this.complete.has(id) ? 100 : Math.min(99, ...sets.map((set) => set.progress ?? 0));
      }),
    );
    return parts.length === 0 ? 0 : parts.reduce((sum, part) => sum + part, 0) / parts.length;
  }
}

export const lookAtImages = (services: MaasServices, wanted: WantedImage[]): Promise<ImagesSeen> =>
  new ImageLook(services, wanted).now();

/** Starts an import, and follows it until everything wanted is there. @throws ProviderError when it ends without */
export async function importImages(
  context: Context<MaasServices>,
  wanted: WantedImage[],
  timeoutMs: number,
): Promise<void> {
  const { services } = context;
  const what = wanted.map(imageText).join(", ");
  const takes = `import of ${String(wanted.length)} images`;
  const expectedMs = services.history.expected(takes) ?? (USUALLY_MS * wanted.length) / timeScale(services);
  await following(context, "Importing images", expectedMs, async (reporter) => {
    const started = services.clock.now();
    const watch = new ImportWatch(context, new ImageLook(services, wanted), expectedMs);
    await services.client.bootResources.import();
    await waitFor<ImagesSeen>({
      what: `the images ${what}`,
      observe: (signal) => watch.observe(signal),
      done: (seen) => !seen.importing && seen.missing.length === 0,
      failed: () => (watch.isOver ? endedWithout(watch.last?.missing ?? wanted) : undefined),
      describe: ({ percent, missing }) => `${percent.toFixed(0)} %, still without ${missing.map(imageText).join(", ")}`,
      timeoutMs,
      clock: services.clock,
      onSeen: ({ percent, missing: [first] }) => {
        const now = first ? `, ${imageText(first)}` : "";
        reporter.enter("Importing images", { detail: `${percent.toFixed(0)} %${now}`, expectedMs });
      },
    });
    services.history.record(takes, services.clock.now() - started);
  });
}

/** Has MAAS drop images that nobody selects any more, which it does at an import, and waits; that they stay is a warning. */
export async function dropImages(
  context: Context<MaasServices>,
  unwanted: WantedImage[],
  timeoutMs: number,
): Promise<void> {
  const { services } = context;
  if ((await services.client.bootResources.list()).every((image) => !unwanted.some((one) => isOf(one)(image)))) return;
  await following(context, "Dropping images", undefined, async () => {
    const watch = new ImportWatch(context, new ImageLook(services, unwanted), undefined);
    await services.client.bootResources.import();
    const deadline = services.clock.now() + timeoutMs;
    for await (const seen of watch.observe(new AbortController().signal)) {
      if (seen.missing.length === unwanted.length) return;
      if (watch.isOver || services.clock.now() > deadline) break;
    }
    const left = unwanted.filter((image) => !watch.last?.missing.includes(image)).map(imageText);
    context.warn(
      `The images ${left.join(", ")} are selected no more; MAAS keeps them for now, and may drop them with its next import.`,
    );
  });
}

/** Observations of an import, and whether it is over: it was seen, or had time enough to begin, and runs no more. */
class ImportWatch {
  last: ImagesSeen | undefined;
  isOver = false;
  private readonly context: Context<MaasServices>;
  private readonly look: ImageLook;
  private readonly expectedMs: number | undefined;

  constructor(context: Context<MaasServices>, look: ImageLook, expectedMs: number | undefined) {
    this.context = context;
    this.look = look;
    this.expectedMs = expectedMs;
  }

  async *observe(signal: AbortSignal): AsyncIterable<ImagesSeen> {
    const { clock } = this.context.services;
    const started = clock.now();
    const graceMs = GRACE_MS / timeScale(this.context.services);
    let wasSeen = false;
    while (!signal.aborted) {
      const seen = await this.look.now();
      this.last = seen;
      wasSeen ||= seen.importing;
      this.isOver = !seen.importing && (wasSeen || clock.now() - started >= graceMs);
      yield seen;
      await clock.sleep(nextPollDelay({ sinceChangeMs: clock.now() - started, expectedMs: this.expectedMs }), signal);
    }
  }
}

async function following(
  { progress, services }: Context<MaasServices>,
  phase: string,
  expectedMs: number | undefined,
  work: (reporter: PhaseReporter) => Promise<void>,
): Promise<void> {
  const reporter = new PhaseReporter({ show: progress, clock: services.clock, live: services.live });
  reporter.enter(phase, { expectedMs });
  try {
    await work(reporter);
  } finally {
    reporter.stop();
  }
}

const endedWithout = (missing: WantedImage[]): ProviderError =>
  new ProviderError(
    "refused",
    `MAAS has ended the import without ${missing.map(imageText).join(", ")}. Its page (Images, and the events of the region ` +
      "controller) says why: most often the image server cannot be reached (proxy, DNS) or the disk is full. Then `pulumi up` again.",
  );
