/**
 * An interface for the tagged frames of a VLAN, over a card, a bond or a bridge: "enp1s0.20". Its parent keeps its own links
 * (facts: maas.md 2.14).
 */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { macProblem, normaliseMac } from "./addresses.ts";
import { whereIs } from "./bridging.ts";
import { claims } from "./claims.ts";
import { mtuField } from "./former-interface.ts";
import { checkMtu, checkTags, claimName, interfaceNameProblem } from "./interface-check.ts";
import { cardKey, checkReference, machineKey } from "./interface-reference.ts";
import { interfaceTags } from "./interface-tags.ts";
import { REDEPLOYS } from "./machine-rest.ts";
import { MADE_OUTPUTS, madeInterface } from "./made-interface.ts";
import type { Made, Place } from "./made-interface.ts";
import { vlanProblem } from "./network-interface.ts";
import { bothOf, noteOrigin, originAt, originOf } from "./origin.ts";
import type { Origin } from "./origin.ts";
import type { MaasServices } from "./services.ts";

export interface VlanInterfaceArgs {
  /** Id of the interface it is over: `bond.id`, `bridge.id`, `nic.id`. Changing this replaces. */
  parent?: pulumi.Input<string>;
  /** Instead of `parent`: system ID of the machine (`server1.id`). Changing this replaces. */
  machine?: pulumi.Input<string>;
  /** Instead of `parent`: MAC address of the card it is over. Changing this replaces. */
  macAddress?: pulumi.Input<string>;
  /** Id of the VLAN (`vlan.id`), a tagged one of the parent's fabric. Changing this replaces. */
  vlan?: pulumi.Input<string>;
  /** Instead of `vlan`: its number in the parent's fabric, 1 to 4094. Changing this replaces. */
  vid?: pulumi.Input<number>;
  /** At most 15 bytes. Changed in place on a machine at rest; redeploys one at work. @default "enp1s0.20", parent and VID */
  name?: pulumi.Input<string>;
  /** 552 to 65535; its parent gets at least as much. Like `name`. @default its VLAN's */
  mtu?: pulumi.Input<number>;
  /** Tags that it has in MAAS; others' stay. Changed in place. @default [] */
  tags?: pulumi.Input<pulumi.Input<string>[]>;
}

interface Inputs {
  parent?: string;
  machine?: string;
  macAddress?: string;
  vlan?: string;
  vid?: number;
  name?: string;
  mtu?: number;
  tags: string[];
  origin?: Origin;
}

const OTHER = {
  replace: "another parent or another VLAN: it is another interface, and its links go",
  evenUnknown: true,
};

export const vlanInterface: Lifecycle<MaasServices, Inputs, Made<Inputs>> = {
  changes: {
    parent: OTHER,
    machine: OTHER,
    macAddress: OTHER,
    vlan: OTHER,
    vid: OTHER,
    name: { redeploy: REDEPLOYS },
    mtu: { redeploy: REDEPLOYS },
    tags: "update",
    origin: "ignore",
  },
  deleteBeforeReplace: true,

  normalise: (inputs) => ({
    ...inputs,
    ...(typeof inputs.macAddress === "string" ? { macAddress: normaliseMac(inputs.macAddress) } : {}),
    tags: Array.isArray(inputs.tags) ? [...inputs.tags].sort() : (inputs.tags ?? []),
  }),

  check(check, { urn }) {
    const origin = originAt(check);
    check.onlyKnown([...Object.keys(vlanInterface.changes), ...MADE_OUTPUTS]);
    checkReference(check, "parent");
    if (check.absent("vlan")) check.required("vid", "20, or instead `vlan: vlan.id`");
    else if (!check.absent("vid")) check.fail("vid", "says the same as vlan; write one of the two");
    check.text("vlan", vlanProblem);
    if (check.value("vid") === 0)
      check.fail("vid", "0 is the untagged VLAN, which needs no interface of its own; write 1 to 4094");
    else check.wholeNumber("vid", 1, 4094);
    check.text("name", interfaceNameProblem);
    checkMtu(check, [origin]);
    checkTags(check);
    if (origin.vid === 0)
      check.fail("vlan", "is an untagged VLAN, which needs no interface of its own; write a tagged one");
    if (origin.type === "vlan") {
      check.fail("parent", "is a VLAN interface, and there is none over another; write a card, a bond or a bridge");
    }
    const [id, macAddress, vlan] = ["parent", "macAddress", "vlan"].map((path) => textAt(check.value(path)));
    const mine = claims(check, urn);
    const card = cardKey({ id, macAddress }, origin);
    const vid = check.value("vid");
    const tag = vlan === undefined ? (typeof vid === "number" ? `vid ${String(vid)}` : undefined) : `VLAN ${vlan}`;
    if (card !== undefined && tag !== undefined && (macAddress === undefined || macProblem(macAddress) === undefined)) {
      const path = vlan === undefined ? "vid" : "vlan";
      mine.claim(`${tag} over ${card}`, path, (holder) => `is ${holder}'s already, over the same interface`);
    }
    claimName(check, mine, machineKey(check, { id, machine: textAt(check.value("machine")), macAddress }));
  },

  ...madeInterface<Inputs>({
    label: "VLAN interface",
    takesLinks: false,
    references: ({ parent, machine, macAddress }) => [{ id: parent, machine, macAddress }],
    find: ({ machine, parents: [parent] }, { vlan, vid }) =>
      machine.interface_set.find(
        (nic) =>
          nic.type === "vlan" &&
          parent !== undefined &&
          nic.parents.includes(parent.name) &&
          (vlan === undefined ? nic.vlan?.vid === vid : String(nic.vlan?.id) === vlan),
      ),
    refuse: () => undefined,
    make: async ({ services }, place, inputs) => {
      const vlan = await vlanOf(services, place, inputs);
      // It takes no name at first: that comes with what is put right afterwards.
      return await services.client.interfaces.createVlan(place.machine.system_id, {
        parent: place.parents[0]?.id ?? 0,
        vlan,
        ...(inputs.mtu === undefined ? {} : { mtu: inputs.mtu }),
        ...interfaceTags(inputs.tags),
      });
    },
    wanted: ({ name, mtu }) => ({ ...(name === undefined ? {} : { name }), ...(mtu === undefined ? {} : { mtu }) }),
    actual: (nic) => ({ name: nic.name, ...mtuField(nic) }),
    shown: ({ machine, parents: [parent] }, nic, state) => ({
      ...(parent === undefined ? {} : whereIs(machine, parent, state)),
      ...(state.vlan === undefined ? {} : { vlan: String(nic.vlan?.id ?? "") }),
      ...(state.vid === undefined ? {} : { vid: nic.vlan?.vid ?? 0 }),
    }),
  }),
};

const textAt = (value: unknown): string | undefined => (typeof value === "string" ? value : undefined);

async function vlanOf(
  services: MaasServices,
  { machine, parents: [parent] }: Place,
  { vlan, vid }: Inputs,
): Promise<number> {
  if (vlan !== undefined) return Number(vlan);
  const of = `${parent?.name ?? ""} of machine ${machine.hostname}`;
  if (!parent?.vlan) {
    throw new ProviderError(
      "bad-input",
      `MAAS does not know where ${of} is plugged in: say so with \`vlan\` of a NetworkInterface.`,
    );
  }
  const found = await services.client.vlans.readByVid(parent.vlan.fabric_id, vid ?? 0);
  if (found) return found.id;
  throw new ProviderError(
    "bad-input",
    `There is no VLAN ${String(vid)} in ${parent.vlan.fabric}, the fabric of ${of}: declare it (\`new Vlan\`), and hand on its ` +
      "`id` as `vlan`.",
  );
}

export class VlanInterface extends DynamicResource {
  declare readonly name: pulumi.Output<string | undefined>;
  declare readonly systemId: pulumi.Output<string>;

  constructor(name: string, args: VlanInterfaceArgs, options?: pulumi.CustomResourceOptions) {
    const origin = bothOf(originOf(args.parent ?? args.machine), originOf(args.vlan));
    super("maas:VlanInterface", name, { ...args, ...(origin ? { origin } : {}) }, MADE_OUTPUTS, options);
    noteOrigin(this.id, { machine: origin?.machine, type: "vlan", mtu: args.mtu });
  }
}
