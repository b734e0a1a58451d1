/**
 * A physical network card of a machine, found by its MAC address: its name, VLAN, MTU and tags. A card is there because
 * commissioning found it, so it is neither made nor deleted here; deleting the resource gives it back as it was found.
 */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import { macProblem, normaliseMac } from "./addresses.ts";
import type { Interface, InterfaceFields } from "./api/interfaces.ts";
import { claims } from "./claims.ts";
import { formerInterface, giveBack, mtuOf, restoreLinks } from "./former-interface.ts";
import type { FormerInterface } from "./former-interface.ts";
import { checkMtu, checkTags, interfaceNameProblem } from "./interface-check.ts";
import { findInterface, interfaceId, lookForInterface } from "./interface-reference.ts";
import type { Found } from "./interface-reference.ts";
import { syncInterfaceTags } from "./interface-tags.ts";
import { isAtWork, isTaken, REDEPLOYS, requireRest } from "./machine-rest.ts";
import { noteOrigin, originOf } from "./origin.ts";
import type { MaasServices } from "./services.ts";

export interface NetworkInterfaceArgs {
  /** System ID of the machine (`server1.id`). Changing this replaces. */
  machine: pulumi.Input<string>;
  /** MAC address of the card. Changing this replaces: it is another card. */
  macAddress: pulumi.Input<string>;
  /** Its name, at most 15 bytes. Changed in place on a machine at rest; redeploys one at work. @default as found */
  name?: pulumi.Input<string>;
  /** Id of the VLAN it is plugged into (`vlan.id`). MAAS drops its links on a change. Like `name`. @default as found */
  vlan?: pulumi.Input<string>;
  /** 552 to 65535. Like `name`. @default its VLAN's */
  mtu?: pulumi.Input<number>;
  /** Tags that it has in MAAS; others' stay. Changed in place. @default [] */
  tags?: pulumi.Input<pulumi.Input<string>[]>;
}

interface Inputs {
  machine: string;
  macAddress: string;
  name?: string;
  vlan?: string;
  mtu?: number;
  tags: string[];
}

interface State extends Inputs {
  systemId: string;
  interfaceId: number;
  former: FormerInterface;
}

const OUTPUTS = ["systemId", "interfaceId", "former"] as const;
const OTHER_CARD = { replace: "it is another card; this one is given back as it was found", evenUnknown: true };

export const networkInterface: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    machine: OTHER_CARD,
    macAddress: OTHER_CARD,
    name: { redeploy: REDEPLOYS },
    vlan: { redeploy: `${REDEPLOYS}; its links go` },
    mtu: { redeploy: REDEPLOYS },
    tags: "update",
  },
  deleteBeforeReplace: true,

  normalise: (inputs) => ({
    ...inputs,
    ...(typeof inputs.macAddress === "string" ? { macAddress: normaliseMac(inputs.macAddress) } : {}),
    tags: Array.isArray(inputs.tags) ? [...inputs.tags].sort() : (inputs.tags ?? []),
  }),

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(networkInterface.changes), ...OUTPUTS]);
    check.required("machine", "`server1.id`, the output of a Machine");
    check.text("machine");
    check.required("macAddress", '"1c:69:7a:00:00:01"');
    check.text("macAddress", macProblem);
    check.text("name", interfaceNameProblem);
    check.text("vlan", vlanProblem);
    checkMtu(check);
    checkTags(check);
    const mac = check.value("macAddress");
    if (typeof mac === "string" && macProblem(mac) === undefined) {
      claims(check, urn).claim(
        `card ${mac}`,
        "macAddress",
        (holder) => `${mac} is ${holder}'s already; put both into one`,
      );
    }
  },

  async create(context, inputs) {
    const found = await findInterface(context.services, inputs);
    const former = context.before(inputs.macAddress, formerInterface(found.machine, found.nic));
    const state = toState(inputs, found, former);
    const id = interfaceId(found.machine, found.nic);
    context.created(id, state);
    await sync(context, found, inputs, state);
    return { id, state };
  },

  async leftBehind(context, inputs) {
    const found = await lookForInterface(context.services, inputs);
    const former = context.recorded(inputs.macAddress) as FormerInterface | undefined;
    return found && former && { id: interfaceId(found.machine, found.nic), state: toState(inputs, found, former) };
  },

  inUse: ({ services }, state) => isAtWork(services, state.systemId),

  async read({ services }, _id, state) {
    const found = await lookForInterface(services, state);
    if (!found) return undefined;
    const { nic } = found;
    return {
      ...state,
      tags: state.tags.filter((tag) => nic.tags.includes(tag)),
      ...(state.name === undefined ? {} : { name: nic.name }),
      ...(state.vlan === undefined ? {} : { vlan: nic.vlan === null ? "" : String(nic.vlan.id) }),
      ...(state.mtu === undefined ? {} : { mtu: mtuOf(nic) ?? nic.effective_mtu }),
    };
  },

  async update(context, _id, old, inputs) {
    const found = await lookForInterface(context.services, old);
    if (!found) {
      throw new ProviderError(
        "gone",
        `The card ${old.macAddress} of machine ${old.machine} is not in MAAS any more: commissioning did not find it. Run ` +
          "`pulumi refresh`, then `pulumi up`.",
      );
    }
    await sync(context, found, inputs, old);
    return toState(inputs, found, old.former);
  },

  async delete(context, _id, state) {
    const { services, warn } = context;
    const found = await lookForInterface(services, state);
    if (!found) return;
    const { machine, nic } = found;
    if (isTaken(machine)) {
      warn(
        `${nic.name} stays as it is on machine ${machine.hostname}, which is ${machine.status_name}: somebody uses it.`,
      );
      return;
    }
    const vlan = numberOf(state.vlan);
    const now = await giveBack(services, state.systemId, nic, state.former, { name: state.name, mtu: state.mtu, vlan });
    // Its links went with the VLAN, to us and back.
    if (now.vlan?.id !== nic.vlan?.id) await restoreLinks(context, state.systemId, now, state.former.links);
    await syncInterfaceTags(services, state.systemId, now, [], state.tags);
  },
};

/** One request for what differs, none where nothing does. */
async function sync(context: Context<MaasServices>, found: Found, inputs: Inputs, old: State): Promise<void> {
  const { machine, nic } = found;
  const changes: InterfaceFields = {
    ...changeOf("name", inputs.name ?? noMore(old.name, nic.name, old.former.name), nic.name),
    ...changeOf(
      "vlan",
      numberOf(inputs.vlan) ?? noMore(numberOf(old.vlan), vlanOf(nic), old.former.vlan ?? ""),
      vlanOf(nic),
    ),
    ...changeOf("mtu", inputs.mtu ?? noMore(old.mtu, mtuOf(nic), old.former.mtu ?? ""), mtuOf(nic)),
  };
  if (Object.keys(changes).length > 0) {
    requireRest(machine, `change ${nic.name}`);
    context.progress(`Setting ${Object.keys(changes).join(", ")} of ${nic.name}`);
    await context.services.client.interfaces.update(machine.system_id, nic.id, changes);
  }
  await syncInterfaceTags(context.services, machine.system_id, nic, inputs.tags, old.tags);
}

const changeOf = (field: string, wanted: unknown, now: unknown): InterfaceFields =>
  wanted === undefined || wanted === now ? {} : { [field]: wanted };

/** What we do not ask for any more goes back to what it was, where it is still as we set it. */
const noMore = <Value>(ours: Value | undefined, now: Value | undefined, former: Value | ""): Value | "" | undefined =>
  ours !== undefined && now === ours ? former : undefined;

const vlanOf = (nic: Interface): number | undefined => nic.vlan?.id;

const numberOf = (id: string | undefined): number | undefined =>
  id === undefined || id === "" ? undefined : Number(id);

export const vlanProblem = (vlan: string): string | undefined =>
  /^\d+$/.test(vlan) ? undefined : `"${vlan}" is no VLAN's id; write \`vlan.id\``;

const toState = (inputs: Inputs, { machine, nic }: Found, former: FormerInterface): State => ({
  ...inputs,
  systemId: machine.system_id,
  interfaceId: nic.id,
  former,
});

export class NetworkInterface extends DynamicResource {
  declare readonly name: pulumi.Output<string | undefined>;
  declare readonly systemId: pulumi.Output<string>;

  constructor(name: string, args: NetworkInterfaceArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:NetworkInterface", name, { ...args }, OUTPUTS, options);
    const { macAddress, mtu } = args;
    noteOrigin(this.id, { machine: originOf(args.machine)?.machine, type: "physical", macAddress, mtu });
  }
}
