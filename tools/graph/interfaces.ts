/** The interfaces of one machine as a tree: what is built upon others stands above them. */
import type { Change, Declared } from "./declared.ts";
import { isInterface, textOf, textsOf, type Index } from "./find.ts";
import { words } from "./phrases.ts";

/** An address, or how there will be one. */
export interface Address {
  text: string;
  /** Key of a network. */
  network: string | undefined;
  change: Change | undefined;
}

export interface InterfaceRow {
  key: string;
  name: string;
  /** "OVS bridge", "bond", ...; "" for a card. */
  kind: string;
  /** "" where it is not known. */
  mac: string;
  /** How deep in the tree. */
  depth: number;
  addresses: Address[];
  change: Change | undefined;
}

interface Node {
  resource: Declared | undefined;
  /** "SYSTEMID/INTERFACEID". */
  id: string;
  mac: string;
  parents: Node[];
  addresses: Address[];
}

const parentPattern = /^parents?$/;

export class Interfaces {
  readonly #index: Index;
  readonly #nodes: Node[];

  /** @param macs of the machine's cards, the one that it boots from first */
  constructor(index: Index, macs: readonly string[]) {
    this.#index = index;
    this.#nodes = macs.map((mac) => node({ mac }));
  }

  /** The program's interfaces of this machine; each may be built upon any other. */
  add(resources: readonly Declared[]): void {
    const built = resources.map((resource) => {
      const mac = textOf(resource.fields["macAddress"]).toLowerCase();
      const card = isCard(resource) ? this.#nodes.find((known) => known.mac !== "" && known.mac === mac) : undefined;
      const added = card ?? node({});
      Object.assign(added, { resource, id: resource.id ?? "", mac });
      if (!card) this.#nodes.push(added);
      return added;
    });
    for (const each of built) if (each.resource) each.parents = this.#parents(each.resource, each);
  }

  #parents(resource: Declared, self: Node): Node[] {
    const { resources, texts } = this.#index.spokenOf(resource, parentPattern, isInterface);
    // What names no parent names the machine's cards by their MACs.
    const { macAddress, macAddresses } = resource.fields;
    const namesCards = !isCard(resource) && resources.length + texts.length === 0;
    const macs = namesCards ? [macAddress, macAddresses].flatMap(textsOf) : [];
    if (macs.length > 0) self.mac = "";
    const parents = [
      ...resources.map((parent) => this.#nodes.find((known) => known.resource?.urn === parent.urn)),
      ...[...texts, ...macs].map((text) => this.#named(text)),
    ];
    return parents.filter((parent): parent is Node => parent !== undefined && parent !== self);
  }

  /** By the program's resource, by "SYSTEMID/INTERFACEID" or MAC, else the card that the machine boots from. */
  of(resource: Declared): Node {
    const { resources, texts } = this.#index.spokenOf(resource, /interface$/i, isInterface);
    const known = this.#nodes.find(({ resource: own }) => own !== undefined && own.urn === resources[0]?.urn);
    if (known) return known;
    const text = texts[0] ?? textOf(resource.fields["macAddress"]);
    return text === "" ? this.first() : this.#named(text);
  }

  first(): Node {
    const [first = this.#push({})] = this.#nodes;
    return first;
  }

  #named(text: string): Node {
    const isMac = /^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i.test(text);
    const wanted = isMac ? { mac: text.toLowerCase() } : { id: text };
    return this.#nodes.find((known) => (isMac ? known.mac === wanted.mac : known.id === text)) ?? this.#push(wanted);
  }

  #push(wanted: Partial<Node>): Node {
    const added = node(wanted);
    this.#nodes.push(added);
    return added;
  }

  get addresses(): Address[] {
    return this.#nodes.flatMap(({ addresses }) => addresses);
  }

  rows(): InterfaceRow[] {
    const rows: InterfaceRow[] = [];
    const shown = new Set<Node>();
    const show = (each: Node, depth: number): void => {
      if (shown.has(each)) return;
      shown.add(each);
      rows.push({ ...row(each, depth), key: `i${String(this.#nodes.indexOf(each))}` });
      for (const parent of each.parents) show(parent, depth + 1);
    };
    const below = new Set(this.#nodes.flatMap(({ parents }) => parents));
    for (const each of this.#nodes.filter((other) => !below.has(other))) show(each, 0);
    // A circle can't be in MAAS, but nothing may vanish from the picture.
    for (const each of this.#nodes) show(each, 0);
    return rows;
  }
}

const isCard = ({ kind }: Declared): boolean => kind === "NetworkInterface";

const node = (known: Partial<Node>): Node => ({
  resource: undefined,
  id: "",
  mac: "",
  parents: [],
  addresses: [],
  ...known,
});

function row({ resource, id, mac, addresses }: Node, depth: number): Omit<InterfaceRow, "key"> {
  const number = id.split("/").at(-1) ?? "";
  const own = resource ? textOf(resource.fields["name"]) || (isCard(resource) ? "" : resource.name) : "";
  return {
    name: own || mac || (number === "" ? "interface" : `interface ${number}`),
    kind: resource && !isCard(resource) ? words(resource.kind) : "",
    mac: own === "" ? "" : mac,
    depth,
    addresses,
    change: resource?.change,
  };
}
