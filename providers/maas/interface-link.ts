/**
 * An interface's place in a subnet: its static address, or that it gets one. MAAS allows the change only while no operating
 * system runs, so there a new address redeploys the machine. Deleting it gives the interface the links back that it had.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import {
  addressProblem,
  canonicalAddress,
  canonicalCidr,
  macProblem,
  normaliseMac,
  outsideProblem,
  subnetProblem,
} from "./addresses.ts";
import type { Link } from "./api/interfaces.ts";
import { claims } from "./claims.ts";
import { bothOf, originAt, originOf } from "./origin.ts";
import type { Origin } from "./origin.ts";
import { formerLinks } from "./former-interface.ts";
import type { FormerLink } from "./former-interface.ts";
import { cardKey, checkReference, findInterface, interfaceId, lookForInterface } from "./interface-reference.ts";
import type { Found } from "./interface-reference.ts";
import { dropLink, ensureLink, linkOf, modeOf, unlink } from "./linking.ts";
import { isAtWork, REDEPLOYS } from "./machine-rest.ts";
import { declaredSubnets } from "./subnet.ts";
import type { MaasServices } from "./services.ts";

export type LinkMode = "static" | "auto" | "dhcp" | "link-up";
const modes: LinkMode[] = ["static", "auto", "dhcp", "link-up"];

export interface InterfaceLinkArgs {
  /** Id of the interface: `bridge.id`, `bond.id`, `nic.id`. Changing this replaces. */
  interface?: pulumi.Input<string>;
  /** Instead of `interface`: system ID of the machine (`server1.id`). Changing this replaces. */
  machine?: pulumi.Input<string>;
  /** Instead of `interface`: MAC address of the physical card. Changing this replaces. */
  macAddress?: pulumi.Input<string>;
  /**
   * "static": the `address`; "auto": MAAS picks one for each deployment; "dhcp": whoever serves DHCP there; "link-up": none.
   * Changed in place on a machine at rest; redeploys one at work. @default "static"
   */
  mode?: pulumi.Input<LinkMode>;
  /** CIDR or id (`subnet.id`) of the subnet, which MAAS must have; not with "link-up". Like `mode`. */
  subnet?: pulumi.Input<string>;
  /** The static address, inside the subnet and nobody else's. Like `mode`. */
  address?: pulumi.Input<string>;
  /** The machine's default gateway is this subnet's. Like `mode`. @default MAAS's choice */
  defaultGateway?: pulumi.Input<boolean>;
}

export interface Inputs {
  interface?: string;
  machine?: string;
  macAddress?: string;
  /** "static" where there is none. */
  mode?: LinkMode;
  subnet?: string;
  address?: string;
  defaultGateway?: boolean;
  origin?: Origin;
}

interface State extends Inputs {
  /** States of before lack these three: they named the card by machine and MAC address alone. */
  systemId?: string;
  interfaceId?: number;
  /** The links that the interface had before. */
  former?: FormerLink[];
}

const OUTPUTS = ["systemId", "interfaceId", "former"] as const;
const OTHER = { replace: "the link of another interface; its machine must be at rest", evenUnknown: true };
const IN_PLACE = { redeploy: REDEPLOYS, evenUnknown: true };

export const interfaceLink: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    interface: OTHER,
    machine: OTHER,
    macAddress: OTHER,
    mode: IN_PLACE,
    subnet: IN_PLACE,
    address: IN_PLACE,
    defaultGateway: IN_PLACE,
    origin: "ignore",
  },
  deleteBeforeReplace: true,

  normalise: (inputs) => ({
    ...inputs,
    ...(typeof inputs.macAddress === "string" ? { macAddress: normaliseMac(inputs.macAddress) } : {}),
    ...(typeof inputs.subnet === "string" ? { subnet: canonicalCidr(inputs.subnet) } : {}),
    ...(typeof inputs.address === "string" ? { address: canonicalAddress(inputs.address) } : {}),
    // The default is not written down: states of before have none.
    mode: (inputs.mode === "static" ? undefined : inputs.mode) as LinkMode,
  }),

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(interfaceLink.changes), ...OUTPUTS]);
    checkReference(check, "interface");
    check.oneOf("mode", modes);
    const mode = check.absent("mode") ? "static" : check.value("mode");
    if (mode === "link-up") {
      for (const other of ["subnet", "defaultGateway"]) {
        if (!check.absent(other)) check.fail(other, 'has no meaning with mode "link-up"; leave it out');
      }
    } else if (mode !== "dhcp") check.required("subnet", '"172.16.0.0/20"');
    check.text("subnet", subnetProblem);
    if (mode === "static") check.required("address", '"172.16.0.11"');
    else if (!check.absent("address")) check.fail("address", 'has a meaning with mode "static" only; leave it out');
    check.text("address", (address) => addressProblem(address) ?? hostProblem(check, urn, address));
    check.flag("defaultGateway");
    if (mode === "dhcp" && check.value("defaultGateway") === true) {
      check.fail("defaultGateway", 'MAAS takes it with mode "static" or "auto" only; DHCP brings its own');
    }
    claimLink(check, urn);
  },

  async create(context, inputs) {
    const found = await findInterface(context.services, referenceOf(inputs));
    const former = context.before(keyOf(found), { links: formerLinks(found.machine, found.nic) }).links;
    const state = toState(inputs, found, former);
    const id = idOf(inputs, found);
    await ensureLink(context, found, inputs, () => {
      context.created(id, state);
    });
    return { id, state };
  },

  async leftBehind(context, inputs) {
    const found = await lookForInterface(context.services, referenceOf(inputs));
    if (!found) return undefined;
    const recorded = context.recorded(keyOf(found)) as { links: FormerLink[] } | undefined;
    if (!recorded || !linkOf(found.nic, inputs)) return undefined;
    return { id: idOf(inputs, found), state: toState(inputs, found, recorded.links) };
  },

  inUse: ({ services }, state) => isAtWork(services, systemIdOf(state)),

  async read({ services }, _id, state) {
    const found = await lookForInterface(services, where(state));
    const link = found && linkOf(found.nic, state);
    if (!link) return undefined;
    return {
      ...state,
      ...(state.defaultGateway === undefined ? {} : { defaultGateway: isGateway(found, link) }),
    };
  },

  async update(context, _id, old, inputs) {
    const found = await lookForInterface(context.services, where(old));
    if (!found) {
      throw new ProviderError(
        "gone",
        `The interface of machine ${systemIdOf(old)} that had this link is not in MAAS any more. Run \`pulumi refresh\`, then ` +
          "`pulumi up`.",
      );
    }
    // First the new link, then away with the old: the machine is never without.
    const now = await ensureLink(context, found, inputs);
    const before = linkOf(now.nic, old);
    const wanted = linkOf(now.nic, inputs);
    if (before && before.id !== wanted?.id) await unlink(context.services, now, before);
    return { ...inputs, systemId: found.machine.system_id, interfaceId: found.nic.id, former: formerOf(old) };
  },

  async delete(context, _id, state) {
    const found = await lookForInterface(context.services, where(state));
    const ours = found && linkOf(found.nic, state);
    if (ours) await dropLink(context, found, ours, formerOf(state), state);
  },
};

const referenceOf = ({ interface: id, machine, macAddress }: Inputs) => ({ id, machine, macAddress });

/** The very interface that was linked. */
const where = (state: State) =>
  state.systemId === undefined ? referenceOf(state) : { id: `${state.systemId}/${String(state.interfaceId)}` };

const systemIdOf = (state: State): string => state.systemId ?? state.machine ?? "";

/** Without a picture: commissioning had given the card an automatic link. */
const formerOf = ({ former, subnet = "" }: State): FormerLink[] => former ?? [{ mode: "auto", subnet }];

const keyOf = ({ machine, nic }: Found): string => `links of ${interfaceId(machine, nic)}`;

const idOf = (inputs: Inputs, { machine, nic }: Found): string =>
  `${interfaceId(machine, nic)}/${inputs.address ?? modeOf(inputs)}`;

const toState = (inputs: Inputs, { machine, nic }: Found, former: FormerLink[]): State => ({
  ...inputs,
  systemId: machine.system_id,
  interfaceId: nic.id,
  former,
});

/** Chosen, or what MAAS chooses by itself. */
function isGateway({ machine }: Found, link: Link): boolean {
  const { link_id: chosen, gateway_ip: gateway } = machine.default_gateways.ipv4;
  return chosen === null ? gateway !== null && gateway === link.subnet?.gateway_ip : chosen === link.id;
}

/** No host can have it: outside of its subnet, or its network, broadcast or gateway address, as far as the program tells. */
function hostProblem(check: Check, urn: string, address: string): string | undefined {
  const subnet = originAt(check).cidr ?? check.value("subnet");
  const outside = outsideProblem(address, typeof subnet === "string" ? subnet : undefined);
  const { name } = declaredSubnets.others(urn).find(({ thing }) => thing.gateway === address) ?? {};
  return outside ?? (name === undefined ? undefined : `${address} is the gateway of the subnet ${name}; write another`);
}

function claimLink(check: Check, urn: string): void {
  const mine = claims(check, urn);
  const address = check.value("address");
  if (typeof address === "string" && addressProblem(address) === undefined) {
    mine.claim(`address ${address}`, "address", (holder) => `${address} is ${holder}'s already; each link has its own`);
  }
  const [id, macAddress] = ["interface", "macAddress"].map((path) => {
    const value = check.value(path);
    return typeof value === "string" ? value : undefined;
  });
  if (macAddress !== undefined && macProblem(macAddress) !== undefined) return;
  const card = cardKey({ id, macAddress }, originAt(check));
  if (card === undefined) return;
  mine.note(`link on ${card}`);
  const above = mine.holder(`over ${card}`);
  if (above !== undefined) {
    check.fail(
      macAddress === undefined ? "interface" : "macAddress",
      `is under ${above}, and MAAS drops links below it without a word; link ${above} instead (\`interface: ...id\`)`,
    );
  }
}

export class InterfaceLink extends DynamicResource {
  declare readonly address: pulumi.Output<string>;

  constructor(name: string, args: InterfaceLinkArgs, options?: pulumi.CustomResourceOptions) {
    const origin = bothOf(originOf(args.interface ?? args.machine), originOf(args.subnet));
    super("maas:InterfaceLink", name, { ...args, ...(origin ? { origin } : {}) }, OUTPUTS, options);
  }
}
