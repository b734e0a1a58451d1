/**
 * DHCP on a VLAN: served by a rack controller, or relayed to a VLAN where one serves. Machines boot from the network by
 * it. MAAS wants the dynamic range first and the rack with the very request that switches it on; on the way down DHCP
 * goes off before the range (facts: maas.md 2.11).
 */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { cidrProblem } from "./addresses.ts";
import { changesFrom, changesTo, drift, ours, pictureOf } from "./adoption.ts";
import type { Form, Former, Wanted } from "./adoption.ts";
import type { Vlan } from "./api/subnets.ts";
import { claims } from "./claims.ts";
import { isId } from "./networks.ts";
import type { MaasServices } from "./services.ts";

export interface VlanDhcpArgs {
  /** `vlan.id`. Changing this replaces. */
  vlan?: pulumi.Input<string>;
  /** Instead of `vlan`: `subnet.id` or CIDR of a subnet on it. Changing this replaces. */
  subnet?: pulumi.Input<string>;
  /**
   * Ids of the dynamic ranges that it serves, `[range.id]`: so they are there before DHCP is switched on, and until it is
   * off. @default [], for ranges that are no part of the program
   */
  ranges?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * False keeps DHCP off, also where somebody switched it on. Changed in place.
   * @default true, and false with a relay
   */
  dhcpOn?: pulumi.Input<boolean>;
  /** System ID of the rack controller that serves. Changed in place. @default the only one that sees the VLAN */
  primaryRack?: pulumi.Input<string>;
  /** System ID of the rack controller that serves when the primary one is down. Changed in place. @default none */
  secondaryRack?: pulumi.Input<string>;
  /** `vlan.id` of a VLAN with DHCP whose racks answer for this one too. Excludes racks. Changed in place. */
  relayVlan?: pulumi.Input<string>;
}

interface Inputs {
  vlan?: string;
  subnet?: string;
  ranges: string[];
  dhcpOn: boolean;
  primaryRack?: string;
  secondaryRack?: string;
  relayVlan?: string;
}

interface State extends Inputs {
  /** MAAS's id of the VLAN. */
  vlanId: string;
  /** System ID of the rack that serves; "" where none does. */
  servedBy: string;
  former: Former;
}

const INTERRUPTS = {
  interrupts: "while DHCP moves or is off, a machine that boots or renews its address has to ask again",
};

const MOVES = { replace: "DHCP goes off on the old VLAN, and on on the new one", evenUnknown: true };

const PROPERTIES = {
  dhcpOn: { field: "dhcp_on", of: (vlan: Vlan) => vlan.dhcp_on, unset: false },
  primaryRack: { field: "primary_rack", of: (vlan: Vlan) => vlan.primary_rack ?? "", unset: "" },
  secondaryRack: { field: "secondary_rack", of: (vlan: Vlan) => vlan.secondary_rack ?? "", unset: "" },
  relayVlan: {
    field: "relay_vlan",
    of: (vlan: Vlan) => (vlan.relay_vlan ? String(vlan.relay_vlan.id) : ""),
    unset: "",
  },
};

export const vlanDhcp: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    vlan: MOVES,
    subnet: MOVES,
    ranges: "update",
    dhcpOn: INTERRUPTS,
    primaryRack: INTERRUPTS,
    secondaryRack: INTERRUPTS,
    relayVlan: INTERRUPTS,
  },
  deleteBeforeReplace: true,

  normalise: (inputs) => ({
    ...inputs,
    ranges: inputs.ranges ?? [],
    dhcpOn: inputs.dhcpOn ?? inputs.relayVlan === undefined,
  }),

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(vlanDhcp.changes), ...OUTPUTS]);
    if (check.absent("vlan") === check.absent("subnet")) {
      check.fail("vlan", "or subnet says where: write one of the two, `vlan.id` or `subnet.id`");
    }
    check.text("subnet", (subnet) => (isId(subnet) ? undefined : cidrProblem(subnet)));
    for (const path of ["vlan", "relayVlan"]) {
      check.text(path, (id) => (isId(id) ? undefined : `"${id}" is no VLAN; write \`vlan.id\``));
    }
    check.texts("ranges", (id) => (isId(id) ? undefined : `"${id}" is no range; write \`range.id\``));
    check.flag("dhcpOn");
    check.text("primaryRack");
    check.text("secondaryRack");
    const [vlan, relayVlan, primary] = ["vlan", "relayVlan", "primaryRack"].map((path) => check.value(path));
    if (typeof primary === "string" && primary === check.value("secondaryRack")) {
      check.fail("secondaryRack", `"${primary}" is the primary rack already; write another, or leave it out`);
    }
    if (!check.absent("relayVlan")) {
      if (vlan !== undefined && vlan === relayVlan)
        check.fail("relayVlan", "is the VLAN itself; write another one's id");
      for (const rack of ["primaryRack", "secondaryRack"]) {
        if (!check.absent(rack)) check.fail(rack, "cannot be together with relayVlan; leave one of the two out");
      }
      if (check.value("dhcpOn") === true) check.fail("dhcpOn", "cannot be together with relayVlan; leave it out");
    }
    const [path, where] = typeof vlan === "string" ? ["vlan", vlan] : ["subnet", check.value("subnet")];
    if (typeof where !== "string") return;
    claims(check, urn).claim(
      `DHCP of ${path} ${where}`,
      path,
      (holder) => `has DHCP by ${holder} already; it has it once`,
    );
  },

  async create(context, inputs) {
    const { services } = context;
    const found = await vlanOrGone(services, inputs);
    const former = context.before(keyOf(inputs), pictureOf(PROPERTIES, found));
    const servedBy = await rackFor(services, found, inputs);
    const state = { ...inputs, vlanId: String(found.id), servedBy, former };
    context.created(state.vlanId, state);
    await send(services, found, changesTo(PROPERTIES, found, wanted(state)));
    return { id: state.vlanId, state };
  },

  async leftBehind({ services, recorded }, inputs) {
    const former = recorded(keyOf(inputs)) as Former | undefined;
    const found = former && (await findVlan(services, inputs));
    if (!found) return undefined;
    const vlanId = String(found.id);
    return { id: vlanId, state: { ...inputs, vlanId, servedBy: found.primary_rack ?? "", former } };
  },

  async read({ services }, _id, state) {
    const found = await services.networks.vlan(state.vlanId);
    // The choice of a rack counts as asked for, also where it was left to us.
    return found && { ...state, ...drift(PROPERTIES, found, { state, wanted: wanted(state) }) };
  },

  async update({ services }, _id, old, inputs) {
    const found = await vlanOrGone(services, { vlan: old.vlanId });
    // A rack that was asked for by name is not the choice that was left to us.
    const isChosen = inputs.dhcpOn && inputs.primaryRack === undefined && old.servedBy !== "";
    const keep = isChosen && old.primaryRack !== old.servedBy;
    const servedBy = keep ? old.servedBy : await rackFor(services, found, inputs);
    const state = { ...inputs, vlanId: old.vlanId, servedBy, former: ours(old.former) };
    const changes = { old: wanted(old), former: old.former, wanted: wanted(state) };
    await send(services, found, changesFrom(PROPERTIES, found, changes));
    return state;
  },

  async delete({ services }, _id, state) {
    const found = await services.networks.vlan(state.vlanId);
    if (!found) return;
    const changes = { old: wanted(state), former: state.former, wanted: {} };
    await send(services, found, changesFrom(PROPERTIES, found, changes));
  },
};

const OUTPUTS = ["vlanId", "servedBy", "former"] as const;

const keyOf = ({ vlan, subnet }: Inputs): string => `DHCP of ${vlan ?? subnet ?? ""}`;

const findVlan = async ({ networks }: MaasServices, { vlan, subnet }: Pick<Inputs, "vlan" | "subnet">) =>
  vlan === undefined ? (await networks.subnet(subnet ?? ""))?.vlan : await networks.vlan(vlan);

const wanted = ({ dhcpOn, relayVlan, secondaryRack, servedBy }: State): Wanted => ({
  dhcpOn,
  primaryRack: servedBy === "" ? undefined : servedBy,
  secondaryRack,
  relayVlan,
});

async function vlanOrGone(services: MaasServices, inputs: Pick<Inputs, "vlan" | "subnet">): Promise<Vlan> {
  const found = await findVlan(services, inputs);
  if (found) return found;
  const what = inputs.vlan === undefined ? `subnet ${inputs.subnet ?? ""}` : `VLAN ${inputs.vlan}`;
  throw new ProviderError("gone", `There is no ${what} in MAAS. Run \`pulumi refresh\`, then \`pulumi up\`.`);
}

async function rackFor(services: MaasServices, vlan: Vlan, inputs: Inputs): Promise<string> {
  if (inputs.primaryRack !== undefined || !inputs.dhcpOn) return inputs.primaryRack ?? "";
  const racks = await services.networks.rackControllers();
  const seeing = racks.filter((rack) => rack.interface_set.some((card) => card.vlan?.id === vlan.id));
  const [only, ...others] = seeing;
  if (only && others.length === 0) return only.system_id;
  const listed = (some: typeof racks) => some.map(({ system_id, hostname }) => `${system_id} (${hostname})`).join(", ");
  const where = `VLAN ${String(vlan.vid)} of fabric ${vlan.fabric}`;
  throw new ProviderError(
    "bad-input",
    seeing.length > 0
      ? `Several rack controllers see ${where}; say which serves DHCP there as primaryRack: ${listed(seeing)}.`
      : `No rack controller has an interface on ${where}, so none can serve DHCP there. MAAS has ` +
          `${racks.length === 0 ? "none" : listed(racks)}. Give one an interface there, or set relayVlan.`,
  );
}

/** In the order in which MAAS takes it: off before anything else, and two racks that trade places one after the other. */
async function send(services: MaasServices, vlan: Vlan, form: Form): Promise<void> {
  const { dhcp_on: dhcpOn, ...rest } = form;
  const steps: Form[] = [];
  if (dhcpOn === false) steps.push({ dhcp_on: false });
  const { secondary_rack: secondary, ...others } = rest;
  const trade = others["primary_rack"] !== undefined && secondary !== undefined;
  if (trade && vlan.secondary_rack !== null) steps.push({ secondary_rack: "" });
  steps.push({ ...(trade ? others : rest), ...(dhcpOn === true ? { dhcp_on: true } : {}) });
  if (trade && secondary !== "") steps.push({ secondary_rack: secondary });
  for (const step of steps) {
    if (Object.keys(step).length === 0) continue;
    await services.client.vlans.update(vlan.id, step).catch((error: unknown) => {
      throw explained(error, vlan);
    });
  }
}

function explained(error: unknown, vlan: Vlan): unknown {
  if (!isError(error, "refused") || !messageOf(error).includes("dynamic IP range")) return error;
  return new ProviderError(
    "refused",
    `DHCP cannot be on at VLAN ${String(vlan.vid)} of fabric ${vlan.fabric}: none of its subnets has a dynamic range. ` +
      'Declare an IpRange of type "dynamic", and name it in `ranges`.',
    { cause: error },
  );
}

export class VlanDhcp extends DynamicResource {
  /** System ID of the rack controller that serves; "" where none does. */
  declare readonly servedBy: pulumi.Output<string>;

  constructor(name: string, args: VlanDhcpArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:VlanDhcp", name, { ...args }, OUTPUTS, options);
  }
}
