/**
 * The rack as plain data, ready to be drawn: networks, machines with their interfaces, and what belongs to neither.
 *
 * A resource's place follows from its references and its shape, not from a list of kinds: what speaks of a machine stands on
 * the machine, what speaks of a subnet or a VLAN on that. So a new kind is drawn where it belongs without a change here; only
 * the words for it are better for the kinds that phrases.ts knows.
 */
import type { Change, Declared } from "./declared.ts";
import { Index, isFabric, isInterface, isMachine, isSubnet, isVlan, textOf, textsOf } from "./find.ts";
import { Interfaces, type Address, type InterfaceRow } from "./interfaces.ts";
import { Networks, type Network } from "./networks.ts";
import { linesByKind, nameOf, phrase, shortened, type Line } from "./phrases.ts";

export interface PictureMachine {
  key: string;
  name: string;
  /** MAAS's word; "" while it is not known. */
  status: string;
  change: Change | undefined;
  /** Hardware, pool, tags, roles, ... */
  lines: Line[];
  interfaces: InterfaceRow[];
}

export interface Picture {
  /** "Stack dev: 5 machines, 1 subnet". */
  title: string;
  machines: PictureMachine[];
  networks: Network[];
  /** What belongs to no machine and no network, by module: tags, images, settings, ... */
  rest: { key: string; heading: string; lines: Line[] }[];
}

/** "server10" after "server9". */
const byName = new Intl.Collator("en", { numeric: true });

/** Means nothing to who looks at a rack. */
const unseen = new Set(["StackIdentity"]);

export function pictureOf(declared: readonly Declared[], stack: string): Picture {
  const index = new Index(declared.filter(({ kind }) => !unseen.has(kind)));
  const networks = new Networks(index);
  const parts = partsOfMachines(index);
  // The state's order is the order in which they happened to be made.
  const machines = [...parts]
    .map(([systemId, members]) => pictureMachine(index, networks, systemId, members))
    .sort((a, b) => byName.compare(a.name, b.name))
    .map((machine, position) => ({ key: `m${String(position)}`, ...machine }));
  const onMachines = new Set([...parts.values()].flat());
  const others = index.all.filter(
    (resource) => !onMachines.has(resource) && !isSubnet(resource) && !isVlan(resource) && !networks.take(resource),
  );
  const rest = others.filter((resource) => !isFabric(resource) || !isDrawn(networks, resource));
  return {
    title: title(stack, machines.length, networks.all.filter((network) => network.isSubnet).length),
    machines,
    networks: networks.all.toSorted((a, b) => byName.compare(a.heading, b.heading)),
    rest: [...Map.groupBy(rest, ({ module }) => module)].map(([module, members], position) => ({
      key: `r${String(position)}`,
      heading: module === "maas" ? "MAAS" : module.charAt(0).toUpperCase() + module.slice(1),
      lines: linesByKind(members),
    })),
  };
}

/** A fabric with subnets or VLANs in it is drawn around them. */
const isDrawn = (networks: Networks, fabric: Declared): boolean =>
  networks.all.some((network) => network.fabric === nameOf(fabric));

const count = (number: number, noun: string): string => `${String(number)} ${noun}${number === 1 ? "" : "s"}`;

const title = (stack: string, machines: number, subnets: number): string =>
  `Stack ${stack}: ${count(machines, "machine")}, ${count(subnets, "subnet")}`;

/** All that speaks of a machine, by the machine's URN, or its system ID where the program does not declare it. */
function partsOfMachines(index: Index): Map<string, Declared[]> {
  const parts = new Map(index.all.filter(isMachine).map((machine) => [machine.urn, [machine]]));
  for (const resource of index.all) {
    const machine = isMachine(resource) ? undefined : machineOf(index, resource, new Set());
    if (machine === undefined) continue;
    parts.set(machine, [...(parts.get(machine) ?? []), resource]);
  }
  return parts;
}

/** Directly, or by an interface that it speaks of. */
function machineOf(index: Index, resource: Declared, seen: Set<string>): string | undefined {
  if (seen.has(resource.urn)) return undefined;
  seen.add(resource.urn);
  const direct = index.spokenOf(resource, /machine$/i, isMachine);
  const [text] = direct.texts;
  if (direct.resources[0]) return direct.resources[0].urn;
  if (text !== undefined) return text;
  const { resources, texts } = index.spokenOf(resource, /interface$|^parents?$/i, isInterface);
  const systemId = texts.find((each) => each.includes("/"))?.split("/")[0];
  if (systemId !== undefined)
    return index.all.find((other) => isMachine(other) && other.id === systemId)?.urn ?? systemId;
  return resources[0] && machineOf(index, resources[0], seen);
}

function pictureMachine(
  index: Index,
  networks: Networks,
  systemId: string,
  parts: readonly Declared[],
): Omit<PictureMachine, "key"> {
  const machine = parts.find(isMachine);
  const deployment = parts.find(({ kind }) => kind === "Deployment");
  const interfaces = new Interfaces(
    index,
    textsOf(machine?.fields["macAddresses"]).map((mac) => mac.toLowerCase()),
  );
  interfaces.add(parts.filter((part) => part !== machine && isInterface(part)));
  const links = parts.filter((part) => part !== machine && part !== deployment && !isInterface(part) && isLink(part));
  for (const part of links) interfaces.of(part).addresses.push(addressOf(part, networks));
  addAutomatic(interfaces, networks, deployment);
  const others = parts.filter(
    (part) => part !== machine && part !== deployment && !isInterface(part) && !links.includes(part),
  );
  return {
    name: machine ? nameOf(machine) : systemId,
    status: textOf(deployment?.fields["status"]) || textOf(machine?.fields["status"]),
    change: machine?.change ?? deployment?.change,
    lines: [
      ...machineLines(machine, deployment, others),
      ...others.map((part) => ({ text: phrase(part), change: part.change })),
    ],
    interfaces: interfaces.rows(),
  };
}

const isLink = ({ inputs, references }: Declared): boolean => inputs.includes("subnet") || "subnet" in references;

function addressOf(link: Declared, networks: Networks): Address {
  const address = textOf(link.fields["address"]) || textOf(link.fields["ipAddress"]);
  const mode = textOf(link.fields["mode"]);
  const words = [address || mode || "linked", address !== "" && mode !== "" && mode !== "static" ? `(${mode})` : ""];
  return { text: words.filter(Boolean).join(" "), network: networks.subnetOf(link)?.key, change: link.change };
}

/** Addresses that MAAS gave and no link of the program names. */
function addAutomatic(interfaces: Interfaces, networks: Networks, deployment: Declared | undefined): void {
  const named = interfaces.addresses.map(({ text }) => text.split(" ")[0]);
  for (const text of textsOf(deployment?.fields["addresses"])) {
    if (named.includes(text)) continue;
    interfaces.first().addresses.push({ text, network: networks.around(text)?.key, change: undefined });
  }
}

function machineLines(machine: Declared | undefined, deployment: Declared | undefined, parts: Declared[]): Line[] {
  const { cpuCount, memory, storage, pool, zone, tags, power } = machine?.fields ?? {};
  const hardware = [
    typeof cpuCount === "number" ? count(cpuCount, "core") : "",
    typeof memory === "number" ? `${String(Math.round(memory / 1024))} GiB` : "",
    typeof storage === "number" ? `${String(Math.round(storage / 1000))} GB` : "",
  ];
  const bmc = Object(power) as Record<string, unknown>;
  const roles = [machine, deployment, ...parts].flatMap((part) => [
    ...textsOf(part?.fields["role"]),
    ...textsOf(part?.fields["roles"]),
  ]);
  const places = [["pool", pool] as const, ["zone", zone] as const];
  const lines = [
    [textOf(deployment?.fields["series"]), ...hardware],
    [
      [textOf(bmc["type"]).toUpperCase(), textOf(bmc["address"])].filter(Boolean).join(" "),
      ...places.map(([word, value]) => (textOf(value) === "" ? "" : `${word} ${textOf(value)}`)),
    ],
    [labelled("role", [...new Set(roles)])],
    [labelled("tag", textsOf(tags))],
  ].map((facts) => facts.filter(Boolean).join(", "));
  return lines.filter(Boolean).map((text) => ({ text: shortened(text), change: undefined }));
}

const labelled = (word: string, values: string[]): string =>
  values.length === 0 ? "" : `${word}${values.length === 1 ? "" : "s"} ${values.join(", ")}`;
