/**
 * An archive of packages that MAAS puts on the machines it deploys. "main_archive" and "ports_archive" are Ubuntu's own, which
 * MAAS always has: they are changed in place, for a mirror say, and given back on delete as they were found.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { suggestion } from "../core/nearest.ts";
import { adopting } from "./adoption.ts";
import type { Form, Former, Properties, Wanted } from "./adoption.ts";
import type { PackageRepository as Repository } from "./api/package-repositories.ts";
import type { MaasServices } from "./services.ts";

export interface PackageRepositoryArgs {
  /** "main_archive" and "ports_archive" are Ubuntu's own. At most 41 characters. Changing this replaces. */
  name: pulumi.Input<string>;
  /** "http://mirror.rack.example/ubuntu", or "ppa:owner/name". Changed in place. */
  url: pulumi.Input<string>;
  /** Which distributions to take packages from, e.g. ["jammy"]; not for Ubuntu's own. Changed in place. @default the series that is deployed */
  distributions?: pulumi.Input<pulumi.Input<string>[]>;
  /** "main", "universe" ...; not for Ubuntu's own. Changed in place. @default MAAS's choice */
  components?: pulumi.Input<pulumi.Input<string>[]>;
  /** Pockets left out: "updates", "security", "backports". Changed in place. @default none */
  disabledPockets?: pulumi.Input<pulumi.Input<string>[]>;
  /** Components left out of Ubuntu's own: "restricted", "universe", "multiverse". Changed in place. @default none */
  disabledComponents?: pulumi.Input<pulumi.Input<string>[]>;
  /** Whether there are no source packages. Changed in place. @default true */
  disableSources?: pulumi.Input<boolean>;
  /** "amd64", "i386", "armhf", "arm64", "ppc64el", "s390x". Changed in place. @default amd64 and i386; the others for ports_archive */
  arches?: pulumi.Input<pulumi.Input<string>[]>;
  /** The armored public key that signs the archive. Changed in place. @default none: Ubuntu's */
  key?: pulumi.Input<string>;
  /** Changed in place; Ubuntu's own are always on. @default true */
  enabled?: pulumi.Input<boolean>;
}

interface Inputs {
  name: string;
  url: string;
  distributions?: string[];
  components?: string[];
  disabledPockets?: string[];
  disabledComponents?: string[];
  disableSources?: boolean;
  arches?: string[];
  key?: string;
  enabled?: boolean;
}

interface State extends Inputs {
  former: Former;
}

const OWN = ["main_archive", "ports_archive"];
/** MAAS's own lists (canonical/maas models/packagerepository.py). */
const CHOICES = {
  arches: ["amd64", "arm64", "armhf", "i386", "ppc64el", "s390x"],
  disabledPockets: ["updates", "security", "backports"],
  disabledComponents: ["restricted", "universe", "multiverse"],
};

/** MAAS cannot empty these: the repository is made anew, where it is ours. */
const EMPTIED_ANEW = ["distributions", "components"] as const;
const SINGLES = ["url", "disableSources", "key", "enabled"] as const;
const LISTS = ["distributions", "components", "disabledPockets", "disabledComponents", "arches"] as const;

/** As MAAS takes lists, which it parts at the commas. A list with an empty text in it is as good as none. */
const joined = (list: string[]): string => list.filter((one) => one !== "").join(",");

const properties: Properties<Repository> = {
  url: { field: "url", of: (row) => row.url, unset: "" },
  distributions: { field: "distributions", of: (row) => joined(row.distributions), unset: "" },
  components: { field: "components", of: (row) => joined(row.components), unset: "" },
  disabledPockets: { field: "disabled_pockets", of: (row) => joined(row.disabled_pockets), unset: "" },
  disabledComponents: { field: "disabled_components", of: (row) => joined(row.disabled_components), unset: "" },
  disableSources: { field: "disable_sources", of: (row) => row.disable_sources, unset: true },
  arches: { field: "arches", of: (row) => joined(row.arches), unset: "amd64,i386" },
  key: { field: "key", of: (row) => row.key.trim(), unset: "" },
  enabled: { field: "enabled", of: (row) => row.enabled, unset: true },
};

const verbs = adopting<Inputs, Repository>({
  what: ({ name }) => `package repository ${name}`,
  properties,
  wanted: (inputs) => wanted(inputs),
  find: ({ client }, { name }) => client.packageRepositories.read(name),
  make: ({ client }, { name, url }, form) => client.packageRepositories.create({ ...filled(form), name, url }),
  byId: ({ client }, name) => client.packageRepositories.read(name),
  change: ({ client }, id, form) => client.packageRepositories.update(id, withoutEmptied(form)),
  remove: ({ services }, found) => services.client.packageRepositories.delete(found.id),
});

export const packageRepository: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    name: { replace: "another name is another repository" },
    url: "update",
    distributions: "update",
    components: "update",
    disabledPockets: "update",
    disabledComponents: "update",
    disableSources: "update",
    arches: "update",
    key: "update",
    enabled: "update",
  },
  deleteBeforeReplace: false,

  normalise: (inputs) => (typeof inputs.key === "string" ? { ...inputs, key: inputs.key.trim() } : inputs),

  check(check) {
    check.onlyKnown([...Object.keys(packageRepository.changes), "former"]);
    check.required("name", '"mirror"');
    check.text("name", nameProblem);
    check.required("url", '"http://mirror.rack.example/ubuntu"');
    check.text("url", urlProblem);
    check.texts("distributions", wordProblem("jammy"));
    check.texts("components", wordProblem("main"));
    for (const [list, choices] of Object.entries(CHOICES)) {
      check.texts(list, (one) =>
        choices.includes(one) ? undefined : `"${one}" is unknown${suggestion(one, choices)}`,
      );
    }
    check.flag("disableSources");
    check.flag("enabled");
    check.text("key", keyProblem);
    checkOwn(check);
  },

  ...verbs,
  // By name, since it may be made anew.
  async create(context, inputs) {
    const created = (_id: string, state: object) => {
      context.created(inputs.name, state);
    };
    return { ...(await verbs.create({ ...context, created }, inputs)), id: inputs.name };
  },
  async leftBehind(context, inputs) {
    const left = await verbs.leftBehind(context, inputs);
    return left && { ...left, id: inputs.name };
  },
  async read(context, id, state) {
    const now = await verbs.read(context, id, state);
    return now && { ...now, ...parted(now) };
  },
  async update(context, id, old, inputs) {
    if (old.former.adopted) return await verbs.update(context, id, old, inputs);
    const { packageRepositories } = context.services.client;
    const found = await packageRepositories.read(id);
    const isEmptied = EMPTIED_ANEW.some((list) => old[list]?.length && !inputs[list]?.length);
    if (found && !isEmptied) return await verbs.update(context, id, old, inputs);
    // A run that was cut off between the two has left none.
    if (found) await packageRepositories.delete(found.id);
    const fields = Object.entries(wanted(inputs)).map(
      ([name, value]) => [properties[name]?.field ?? name, value] as const,
    );
    await packageRepositories.create({ ...filled(Object.fromEntries(fields)), name: inputs.name, url: inputs.url });
    return { ...inputs, former: old.former };
  },
};

/** Lists that the factory reads as one text. */
const parted = (now: State): Partial<Inputs> =>
  Object.fromEntries(
    LISTS.flatMap((list) => {
      const value: unknown = now[list];
      return typeof value === "string" ? [[list, value.split(",").filter(Boolean)] as const] : [];
    }),
  );

const wanted = (inputs: Inputs): Wanted => ({
  ...Object.fromEntries(SINGLES.map((name) => [name, inputs[name]])),
  ...Object.fromEntries(LISTS.map((list) => [list, inputs[list] && joined(inputs[list])])),
});

/** An empty text would become a list with an empty text in it. */
const filled = (form: Wanted): Form =>
  Object.fromEntries(Object.entries(form).filter(([, value]) => value !== undefined && value !== "")) as Form;

/** The same for a change, where "" has its meaning for the other fields. */
const withoutEmptied = (form: Form): Form =>
  Object.fromEntries(Object.entries(form).filter(([field, value]) => value !== "" || !isNeverEmpty(field)));
const isNeverEmpty = (field: string): boolean => EMPTIED_ANEW.some((list) => list === field);

function checkOwn(check: Check): void {
  const name = check.value("name");
  if (typeof name !== "string") return;
  const has = (list: string): boolean => !check.absent(list);
  if (OWN.includes(name)) {
    for (const list of ["components", "distributions"]) {
      if (has(list))
        check.fail(list, `is not for Ubuntu's own archives; write \`disabledComponents\` to leave components out`);
    }
    if (check.value("enabled") === false) check.fail("enabled", "cannot be false: Ubuntu's own archives are always on");
  } else if (has("disabledComponents")) {
    check.fail(
      "disabledComponents",
      `is for Ubuntu's own archives (${OWN.join(", ")}); write \`components\`, with those that are wanted`,
    );
  }
}

function nameProblem(name: string): string | undefined {
  if (name.length > 41) return `"${name}" has ${String(name.length)} characters; at most 41 are allowed`;
  if (/^\d+$/.test(name)) return `"${name}" is a number, which MAAS would take for an id; write a name`;
  return /[/\s]/.test(name) ? `"${name}" has a blank or a slash in it; write letters, digits, dashes` : undefined;
}

function urlProblem(url: string): string | undefined {
  if (/^ppa:[\w.+-]+\/[\w.+-]+$/.test(url)) return undefined;
  if (!/^(https?|ftps?):\/\/[^\s/]+(\/\S*)?$/.test(url) || !URL.canParse(url)) {
    return `is no address of a repository; write for example "http://mirror.rack.example/ubuntu" or "ppa:owner/name"`;
  }
  return /^\w+:\/\/[^/]*@/.test(url)
    ? "has a user or a password in it, which would be kept in Pulumi's state and in MAAS in the clear; use a mirror that needs none"
    : undefined;
}

const wordProblem =
  (example: string) =>
  (word: string): string | undefined =>
    /^[\w./-]+$/.test(word) ? undefined : `"${word}" cannot be; write one word each, for example "${example}"`;

function keyProblem(key: string): string | undefined {
  if (key.includes("PRIVATE KEY")) return "is a private key; write the public one (`gpg --armor --export KEY`)";
  return key === "" || /^-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]+-----END PGP PUBLIC KEY BLOCK-----$/.test(key)
    ? undefined
    : "is no armored public key; write what `gpg --armor --export KEY` prints";
}

export class PackageRepository extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: PackageRepositoryArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:PackageRepository", name, { ...args }, ["former"], options);
  }
}
