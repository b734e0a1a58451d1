/**
 * Two cards or more of a machine as one interface. MAAS takes the links of the cards away, so the link comes onto the bond
 * afterwards; deleting it gives the cards back as they were (facts: maas.md 2.14).
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import { macProblem, normaliseMac } from "./addresses.ts";
import type { Interface } from "./api/interfaces.ts";
import { actualOptions, modes, policies, shownOptions, wantedOptions } from "./bond-options.ts";
import type { BondOptions } from "./bond-options.ts";
import { mtuField } from "./former-interface.ts";
import { checkMtu, checkTags, claimInterface, interfaceNameProblem } from "./interface-check.ts";
import { interfaceId, interfaceIdProblem } from "./interface-reference.ts";
import type { Reference } from "./interface-reference.ts";
import { interfaceTags } from "./interface-tags.ts";
import { REDEPLOYS } from "./machine-rest.ts";
import { MADE_OUTPUTS, madeInterface, takesLinksOf } from "./made-interface.ts";
import type { Fields, Made, Place } from "./made-interface.ts";
import { noteOrigin, originAt, originOf } from "./origin.ts";
import type { Origin } from "./origin.ts";
import type { MaasServices } from "./services.ts";

export interface BondArgs {
  /** Its name: at most 15 bytes. Changed in place on a machine at rest; redeploys one at work. */
  name: pulumi.Input<string>;
  /** Ids of its cards (`nic.id`), two at least. Changing this replaces. */
  parents?: pulumi.Input<string>[];
  /** Instead of `parents`: system ID of the machine (`server1.id`). Changing this replaces. */
  machine?: pulumi.Input<string>;
  /** Instead of `parents`: MAC addresses of its cards, two at least. Changing this replaces. */
  macAddresses?: pulumi.Input<pulumi.Input<string>[]>;
  /** "802.3ad" needs a switch that takes part. Like `name`. @default "active-backup" */
  mode?: pulumi.Input<string>;
  /** Milliseconds between looks at the cards' links. Like `name`. @default 100, MAAS's own */
  miimon?: pulumi.Input<number>;
  /** Milliseconds until a card counts as down; a multiple of `miimon`. Like `name`. @default 0 */
  downDelay?: pulumi.Input<number>;
  /** Milliseconds until a card counts as up again; a multiple of `miimon`. Like `name`. @default 0 */
  upDelay?: pulumi.Input<number>;
  /** With "802.3ad": "fast" (each second) or "slow" (each 30). Like `name`. @default "fast" */
  lacpRate?: pulumi.Input<string>;
  /** What decides which card a packet takes. Like `name`. @default "layer2" */
  hashPolicy?: pulumi.Input<string>;
  /** 552 to 65535; its cards get at least as much. Like `name`. @default its VLAN's */
  mtu?: pulumi.Input<number>;
  /** Tags that it has in MAAS; others' stay. Changed in place. @default [] */
  tags?: pulumi.Input<pulumi.Input<string>[]>;
}

interface Inputs extends BondOptions {
  name: string;
  parents?: string[];
  machine?: string;
  macAddresses?: string[];
  mtu?: number;
  tags: string[];
  /** In the order of `parents`. */
  origin?: Origin[];
}

const OTHER_BOND = {
  replace: "of other cards it is another bond; these are given back as they were",
  evenUnknown: true,
};
const IN_PLACE = { redeploy: REDEPLOYS };

export const bond: Lifecycle<MaasServices, Inputs, Made<Inputs>> = {
  changes: {
    name: IN_PLACE,
    parents: OTHER_BOND,
    machine: OTHER_BOND,
    macAddresses: OTHER_BOND,
    mode: IN_PLACE,
    miimon: IN_PLACE,
    downDelay: IN_PLACE,
    upDelay: IN_PLACE,
    lacpRate: IN_PLACE,
    hashPolicy: IN_PLACE,
    mtu: IN_PLACE,
    tags: "update",
    origin: "ignore",
  },
  // One card is in one bond.
  deleteBeforeReplace: true,

  normalise: (inputs) => ({
    ...inputs,
    ...(Array.isArray(inputs.macAddresses) ? { macAddresses: inputs.macAddresses.map(normaliseIfText) } : {}),
    mode: inputs.mode ?? "active-backup",
    tags: Array.isArray(inputs.tags) ? [...inputs.tags].sort() : (inputs.tags ?? []),
  }),

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(bond.changes), ...MADE_OUTPUTS]);
    check.required("name", '"bond0"');
    check.text("name", interfaceNameProblem);
    checkCards(check, urn);
    check.oneOf("mode", modes);
    check.oneOf("lacpRate", ["fast", "slow"]);
    check.oneOf("hashPolicy", policies);
    for (const delay of ["miimon", "downDelay", "upDelay"]) check.wholeNumber(delay, 0, 60_000, "milliseconds");
    if (!check.absent("lacpRate") && check.value("mode") !== undefined && check.value("mode") !== "802.3ad") {
      check.fail("lacpRate", 'has a meaning with mode "802.3ad" only; leave it out');
    }
    checkTags(check);
  },

  ...madeInterface<Inputs>({
    label: "bond",
    takesLinks: true,
    givesVlan: true,
    references: referencesOf,
    find: ({ machine, parents }, { name }) =>
      machine.interface_set.find(
        (nic) => nic.type === "bond" && nic.name === name && parents.every((parent) => takesLinksOf(nic, parent)),
      ),
    refuse,
    make: makeBond,
    wanted,
    actual: (nic) => ({ name: nic.name, ...mtuField(nic), ...actualOptions(nic) }),
    shown: ({ machine, parents }, nic, state) => ({
      ...(state.parents === undefined
        ? {
            macAddresses: inOrderOf(
              state.macAddresses ?? [],
              parents.map(({ mac_address: mac }) => mac),
            ),
          }
        : {
            parents: inOrderOf(
              state.parents,
              parents.map((parent) => interfaceId(machine, parent)),
            ),
          }),
      ...shownOptions(nic, state),
    }),
  }),
};

const normaliseIfText = (mac: unknown): string => (typeof mac === "string" ? normaliseMac(mac) : (mac as string));

function referencesOf({ parents, machine, macAddresses }: Inputs): Reference[] {
  return parents?.map((id) => ({ id })) ?? macAddresses?.map((macAddress) => ({ machine, macAddress })) ?? [];
}

/** Two cards at least, of one machine, each in one bond. */
function checkCards(check: Check, urn: string): void {
  const path = check.absent("parents") ? "macAddresses" : "parents";
  if (path === "parents") {
    check.texts("parents", interfaceIdProblem);
    for (const other of ["machine", "macAddresses"]) {
      if (!check.absent(other)) check.fail(other, "follows from parents; leave one of the two out");
    }
  } else {
    check.required("machine", "`server1.id`, the output of a Machine");
    check.required(
      "macAddresses",
      '["1c:69:7a:00:00:01", "1c:69:7a:00:00:02"], or instead `parents: [nic1.id, nic2.id]`',
    );
    check.text("machine");
    check.texts("macAddresses", macProblem);
  }
  const listed = check.listed(path);
  if (listed !== undefined && listed < 2) check.fail(path, "is one interface; a bond has two at least");
  const cards = Array.from({ length: listed ?? 0 }, (_, index) => {
    const here = `${path}[${String(index)}]`;
    const value = check.value(here);
    return {
      path: here,
      value: typeof value === "string" ? value : undefined,
      origin: originAt(check, `origin[${String(index)}]`),
    };
  });
  checkMtu(
    check,
    cards.map(({ origin }) => origin),
  );
  for (const { path: here, origin } of cards) {
    if (origin.type !== undefined && origin.type !== "physical")
      check.fail(here, `is a ${origin.type}; a bond is made of physical cards`);
  }
  const machines = new Set(
    cards.flatMap(({ value }) => (path === "parents" && value !== undefined ? value.split("/")[0] : [])),
  );
  if (machines.size > 1) check.fail(path, "are of different machines; a bond is made of one machine's cards");
  const machine = check.value("machine");
  claimInterface(check, urn, {
    kind: "bond",
    references: cards.map(({ path: here, value, origin }) => ({
      path: here,
      origin,
      reference:
        path === "parents"
          ? { id: value }
          : { machine: typeof machine === "string" ? machine : undefined, macAddress: value },
    })),
  });
}

function refuse({ machine, parents }: Place, { name }: Inputs): void {
  const fail = (problem: string) => {
    throw new ProviderError("bad-input", problem);
  };
  for (const parent of parents) {
    const of = `${parent.name} of machine ${machine.hostname}`;
    if (parent.type !== "physical") fail(`${of} is a ${parent.type}, and a bond is made of physical cards.`);
    const [child] = parent.children;
    if (child !== undefined) fail(`${of} has ${child} over it already: delete that in MAAS, or use it.`);
  }
  const namesake = machine.interface_set.find((nic) => nic.name === name);
  if (namesake)
    fail(`machine ${machine.hostname} has an interface ${name} already, a ${namesake.type}: choose another name.`);
}

function wanted(inputs: Inputs): Fields {
  const { name, mtu } = inputs;
  return { name, ...wantedOptions(inputs), ...(mtu === undefined ? {} : { mtu }) };
}

/** MAAS wants the cards in one VLAN; one that was never plugged in while commissioning is in none. */
async function makeBond(
  { services }: Context<MaasServices>,
  { machine, parents }: Place,
  inputs: Inputs,
): Promise<Interface> {
  const { interfaces } = services.client;
  const vlan = parents.find((parent) => parent.vlan !== null)?.vlan?.id;
  for (const parent of parents) {
    if (parent.vlan === null && vlan !== undefined) await interfaces.update(machine.system_id, parent.id, { vlan });
  }
  return await interfaces.createBond(machine.system_id, {
    ...wanted(inputs),
    name: inputs.name,
    parents: parents.map(({ id }) => id),
    ...interfaceTags(inputs.tags),
  });
}

/** MAAS keeps no order of parents: where they are the same, the one of the inputs holds. */
const inOrderOf = (wanted: string[], now: string[]): string[] =>
  wanted.length === now.length && wanted.every((one) => now.includes(one)) ? wanted : now;

export class Bond extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly systemId: pulumi.Output<string>;

  constructor(name: string, args: BondArgs, options?: pulumi.CustomResourceOptions) {
    const origins = args.parents?.map((parent) => originOf(parent) ?? {});
    const machine = origins?.find((origin) => origin.machine !== undefined)?.machine ?? originOf(args.machine)?.machine;
    super("maas:Bond", name, { ...args, ...(origins ? { origin: origins } : {}) }, MADE_OUTPUTS, options);
    noteOrigin(this.id, { machine, type: "bond", mtu: args.mtu });
  }
}
