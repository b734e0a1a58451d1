/**
 * Images that MAAS keeps ready: selections of its boot source, and the wait until they are imported. The source and what
 * is selected already are MAAS's: they are used, and on delete only what we have added is taken back.
 */
import type * as pulumi from "@pulumi/pulumi";
import { milliseconds } from "../core/duration.ts";
import type { Duration } from "../core/duration.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import type { BootSource } from "./api/boot-sources.ts";
import { archesIn, checkSelections, keyOf, select } from "./image-selections.ts";
import type { CompleteSelection, FormerArches, ImageSelection } from "./image-selections.ts";
import { dropImages, importImages, lookAtImages } from "./image-sync.ts";
import type { MaasServices } from "./services.ts";

export interface BootImagesArgs {
  /** What to keep ready. Changed in place: new ones are imported, those left out are taken back. */
  selections: pulumi.Input<pulumi.Input<ImageSelection>[]>;
  /** URL of the boot source. Changing this replaces. @default MAAS's own, when it has one only */
  source?: pulumi.Input<string>;
  /** How long an import may take. @default "2 hours" */
  importTimeout?: pulumi.Input<Duration>;
}

interface Inputs {
  selections: CompleteSelection[];
  source?: string;
  importTimeout: Duration;
}

interface State extends Inputs {
  former: FormerArches;
}

export const bootImages: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    selections: "update",
    source: {
      replace: "another source: what we have selected of the old one is taken back, and MAAS drops those images",
    },
    importTimeout: "ignore",
  },
  deleteBeforeReplace: false,

  normalise: (inputs) => ({
    ...inputs,
    ...(Array.isArray(inputs.selections) ? { selections: inputs.selections.map(complete) } : {}),
    importTimeout: inputs.importTimeout ?? "2 hours",
  }),

  check(check) {
    check.onlyKnown(["selections", "source", "importTimeout", "former"]);
    checkSelections(check);
    check.text("source", sourceProblem);
    check.duration("importTimeout");
  },

  async create(context, inputs) {
    const { bootSources } = context.services.client;
    const source = pickSource(await bootSources.list(), inputs.source);
    const id = String(source.id);
    const { former } = await select(context, source.id, { wanted: inputs.selections, old: [], former: {} }, (half) => {
      context.created(id, { former: half });
    });
    await synchronise(context, inputs);
    return { id, state: { ...inputs, former } };
  },

  async leftBehind({ services, recorded }, inputs) {
    const former = Object.fromEntries(
      inputs.selections.flatMap((selection) => {
        const picture = recorded(`image ${keyOf(selection)}`) as { arches: string[] } | undefined;
        return picture ? [[keyOf(selection), picture.arches]] : [];
      }),
    );
    if (Object.keys(former).length === 0) return undefined;
    const source = pickSource(await services.client.bootSources.list(), inputs.source);
    return { id: String(source.id), state: { ...inputs, former } };
  },

  async read({ services }, id, state) {
    const [selected, images] = await Promise.all([
      services.client.bootSources.selections(Number(id)),
      services.client.bootResources.list(),
    ]);
    if (!selected) return undefined;
    const has = ({ os, release }: ImageSelection, arch: string): boolean =>
      archesIn(selected, `${os ?? ""}/${release}`).some((one) => one === arch || one === "*") &&
      images.some((image) => image.name === `${os ?? ""}/${release}` && image.architecture.startsWith(`${arch}/`));
    const selections = state.selections.map((one) => ({ ...one, arches: one.arches.filter((arch) => has(one, arch)) }));
    return { ...state, selections: selections.filter(({ arches }) => arches.length > 0) };
  },

  async update(context, id, old, inputs) {
    const changes = { wanted: inputs.selections, old: old.selections, former: old.former };
    const { former, dropped } = await select(context, Number(id), changes, (half) => {
      context.created(id, { ...inputs, former: half });
    });
    await synchronise(context, inputs);
    if (dropped.length > 0) await dropImages(context, dropped, milliseconds(inputs.importTimeout));
    return { ...inputs, former };
  },

  async delete(context, id, state) {
    const changes = { wanted: [], old: state.selections, former: state.former };
    const { dropped } = await select(context, Number(id), changes, () => undefined);
    if (dropped.length > 0) await dropImages(context, dropped, milliseconds(state.importTimeout));
  },
};

/** With its defaults; what is no object, or not known yet, is told by the check. */
const complete = (selection: ImageSelection): CompleteSelection =>
  typeof selection === "object"
    ? { ...selection, os: selection.os ?? "ubuntu", arches: [...(selection.arches ?? ["amd64"])].sort() }
    : selection;

function pickSource(sources: BootSource[], url: string | undefined): BootSource {
  const plain = (text: string): string => text.replace(/\/+$/, "");
  const fitting = url === undefined ? sources : sources.filter((source) => plain(source.url) === plain(url));
  const [source, ...more] = fitting;
  if (source && more.length === 0) return source;
  const known = sources.map((one) => one.url).join(", ");
  const all =
    sources.length === 0 ? "It has none: it makes its own when it first looks for images." : `It has ${known}.`;
  throw new ProviderError(
    "bad-input",
    url === undefined
      ? `MAAS has ${sources.length === 0 ? "no boot source" : "more than one boot source"}. ${all} Write \`source\`, with the URL of one that MAAS has.`
      : `MAAS has no boot source ${url}. ${all}`,
  );
}

async function synchronise(context: Context<MaasServices>, { selections, importTimeout }: Inputs): Promise<void> {
  const wanted = selections.flatMap(({ os, release, arches }) => arches.map((arch) => ({ os, release, arch })));
  const { missing } = await lookAtImages(context.services, wanted);
  if (missing.length > 0) await importImages(context, missing, milliseconds(importTimeout));
}

const sourceProblem = (url: string): string | undefined =>
  /^https?:\/\/[^\s/]+/.test(url) && URL.canParse(url)
    ? undefined
    : `"${url}" is no URL of a boot source; write for example "http://images.maas.io/ephemeral-v3/stable/"`;

export class BootImages extends DynamicResource {
  constructor(name: string, args: BootImagesArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:BootImages", name, { ...args }, ["former"], options);
  }
}
