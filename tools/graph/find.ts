/** Whom a resource speaks of: by what its inputs were made of, else by id or by what people call it. */
import type { Declared } from "./declared.ts";

export type Wanted = (resource: Declared) => boolean;

export interface Found {
  /** Of the program. */
  resources: Declared[];
  /** What else is written there: ids, CIDRs or MACs of things that the program does not declare. */
  texts: string[];
}

/** "" for what is no text or number. */
export const textOf = (value: unknown): string =>
  typeof value === "string" ? value.trim() : typeof value === "number" ? String(value) : "";

/** A text alone is a list of one. */
export const textsOf = (value: unknown): string[] =>
  (Array.isArray(value) ? value : [value]).map(textOf).filter((text) => text !== "");

/** The first field whose name fits. */
export const fieldLike = (resource: Declared, pattern: RegExp): unknown =>
  Object.entries(resource.fields).find(([name]) => pattern.test(name))?.[1];

export const isMachine: Wanted = ({ kind }) => kind === "Machine";
export const isSubnet: Wanted = ({ kind }) => kind === "Subnet";
export const isVlan: Wanted = ({ kind }) => kind === "Vlan";
export const isFabric: Wanted = ({ kind }) => kind === "Fabric";
/** NetworkInterface, VlanInterface, Bond, Bridge, OvsBridge, and what else is built upon interfaces. */
export const isInterface: Wanted = ({ kind, fields, references }) =>
  /(Interface|Bridge|Bond)$/.test(kind) || [...Object.keys(fields), ...Object.keys(references)].some(isParent);

const isParent = (property: string): boolean => /^parents?$/.test(property);

/** Names of inputs that speak of such a thing; the plain name goes before "relayVlan" and its kin. */
export function propertiesLike(resource: Declared, pattern: RegExp): string[] {
  const names = [...new Set([...resource.inputs, ...Object.keys(resource.references)])];
  return names.filter((name) => pattern.test(name)).sort((a, b) => a.length - b.length);
}

export class Index {
  readonly all: readonly Declared[];
  readonly #byUrn: Map<string, Declared>;

  constructor(all: readonly Declared[]) {
    this.all = all;
    this.#byUrn = new Map(all.map((resource) => [resource.urn, resource]));
  }

  /** What the inputs whose names fit speak of; the first of them that says anything. */
  spokenOf(resource: Declared, pattern: RegExp, wanted: Wanted): Found {
    for (const property of propertiesLike(resource, pattern)) {
      const found = this.#inProperty(resource, property, wanted, new Set());
      if (found.resources.length > 0 || found.texts.length > 0) return found;
    }
    return { resources: [], texts: [] };
  }

  #inProperty(resource: Declared, property: string, wanted: Wanted, seen: Set<string>): Found {
    seen.add(resource.urn);
    const values = textsOf(resource.fields[property]);
    const byValue = values.map((value) => this.all.find((other) => wanted(other) && isCalled(other, value)));
    const texts = values.filter((_, position) => byValue[position] === undefined);
    const known = byValue.filter((other) => other !== undefined);
    if (known.length > 0 && texts.length === 0) return { resources: known, texts };
    const sources = (resource.references[property] ?? []).flatMap((urn) => this.#byUrn.get(urn) ?? []);
    const direct = sources.filter(wanted);
    if (direct.length > 0) return { resources: direct, texts: [] };
    // `machine: deployment.machine`: the deployment knows which.
    for (const source of sources.filter(({ urn }) => !seen.has(urn))) {
      const found = this.#inProperty(source, property, wanted, seen);
      if (found.resources.length > 0) return found;
    }
    return { resources: known, texts };
  }
}

const isCalled = ({ id, fields }: Declared, text: string): boolean =>
  id === text || textOf(fields["cidr"]) === text || textOf(fields["name"]) === text;
