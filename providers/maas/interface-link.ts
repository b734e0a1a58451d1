/**
 * The address of a machine's network card in a subnet. MAAS allows the change only while no operating system runs, so
 * a new address redeploys the machine. Deleting it gives the card back the automatic address that commissioning gave.
 *
 * The card is found by its MAC address: its name and id change with commissioning (facts: maas.md trap 16, 2.14).
 */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { addressProblem, cidrProblem, macProblem, normaliseMac, outsideProblem } from "./addresses.ts";
import type { Interface, Link } from "./api/interfaces.ts";
import type { MaasServices } from "./services.ts";

export interface InterfaceLinkArgs {
  /** System ID of the machine. Changing this replaces. */
  machine: pulumi.Input<string>;
  /** MAC address of the card. Changing this replaces. */
  macAddress: pulumi.Input<string>;
  /** CIDR of the subnet, which MAAS must have. Changing this replaces. */
  subnet: pulumi.Input<string>;
  /** The static address, inside the subnet and nobody else's. Changing this replaces, and redeploys the machine. */
  address: pulumi.Input<string>;
}

interface Inputs {
  machine: string;
  macAddress: string;
  subnet: string;
  address: string;
}

type State = Inputs;

const REPLACES = { replace: "MAAS changes it only while nothing runs: the machine is redeployed", evenUnknown: true };

export const interfaceLink: Lifecycle<MaasServices, Inputs, State> = {
  changes: { machine: REPLACES, macAddress: REPLACES, subnet: REPLACES, address: REPLACES },
  deleteBeforeReplace: true,

  normalise: (inputs) => ({
    ...inputs,
    ...(typeof inputs.macAddress === "string" ? { macAddress: normaliseMac(inputs.macAddress) } : {}),
  }),

  check(check) {
    check.onlyKnown(["machine", "macAddress", "subnet", "address"]);
    check.required("machine", "`server1.id`, the output of a Machine");
    check.required("macAddress", '"1c:69:7a:00:00:01"');
    check.text("macAddress", macProblem);
    check.required("subnet", '"172.16.0.0/20"');
    check.text("subnet", cidrProblem);
    check.required("address", '"172.16.0.11"');
    const subnet = check.value("subnet");
    check.text("address", (address) => {
      return addressProblem(address) ?? outsideProblem(address, typeof subnet === "string" ? subnet : undefined);
    });
  },

  async create({ services, progress }, inputs) {
    const card = await findCard(services, inputs);
    if (!linkTo(card, inputs)) {
      progress(`Giving ${card.name} the address ${inputs.address}`);
      await link(services, card, inputs);
    }
    await unlinkOthers(services, card, inputs);
    return { id: idOf(inputs), state: inputs };
  },

  async leftBehind({ services }, inputs) {
    const card = (await services.machineById(inputs.machine))?.interface_set.find(hasMac(inputs.macAddress));
    return card && linkTo(card, inputs) ? { id: idOf(inputs), state: inputs } : undefined;
  },

  async read({ services }, _id, state) {
    const card = (await services.machineById(state.machine))?.interface_set.find(hasMac(state.macAddress));
    return card && linkTo(card, state) ? state : undefined;
  },

  update: (_context, _id, old) => Promise.resolve(old),

  async delete({ services, warn }, _id, state) {
    const card = (await services.machineById(state.machine))?.interface_set.find(hasMac(state.macAddress));
    const ours = card && linkTo(card, state);
    if (!card || !ours) return;
    const { interfaces } = services.client;
    try {
      // First the new link, then away with the old: a machine without any cannot be deployed.
      if (!card.links.some((other) => other.mode === "auto")) {
        await interfaces.linkSubnet(state.machine, card.id, { mode: "AUTO", subnet: `cidr:${state.subnet}` });
      }
      await interfaces.unlinkSubnet(state.machine, card.id, ours.id);
    } catch (error) {
      if (!isError(error, "wrong-state")) throw error;
      warn(`The address ${state.address} stays on machine ${state.machine}, which somebody uses: ${messageOf(error)}`);
    }
  },
};

const idOf = (inputs: Inputs): string => `${inputs.machine}/${inputs.macAddress}/${inputs.address}`;

const hasMac = (mac: string) => (card: Interface) => card.mac_address === mac;

const linkTo = (card: Interface, inputs: Inputs): Link | undefined =>
  card.links.find((link) => link.mode === "static" && link.ip_address === inputs.address);

async function findCard(services: MaasServices, inputs: Inputs): Promise<Interface> {
  const machine = await services.machineById(inputs.machine);
  if (!machine) throw new ProviderError("gone", `There is no machine ${inputs.machine} in MAAS.`);
  const card = machine.interface_set.find(hasMac(inputs.macAddress));
  if (card) return card;
  const known = machine.interface_set.map((other) => `${other.name} ${other.mac_address}`).join(", ");
  throw new ProviderError(
    "bad-input",
    `machine ${machine.hostname} has no network card ${inputs.macAddress}; it has ${known === "" ? "none" : known}.`,
  );
}

async function link(services: MaasServices, card: Interface, inputs: Inputs): Promise<void> {
  try {
    await services.client.interfaces.linkSubnet(inputs.machine, card.id, {
      mode: "STATIC",
      subnet: `cidr:${inputs.subnet}`,
      ip_address: inputs.address,
    });
  } catch (error) {
    // The answer to an earlier try may have been lost: "in use" by this very card is what was wanted.
    if (linkTo(await findCard(services, inputs), inputs)) return;
    if (!isError(error, "ip-in-use")) throw error;
    throw new ProviderError(
      "ip-in-use",
      `The address ${inputs.address} is in use already (by another machine, a BMC, a rack controller, or given by DHCP). ` +
        "Choose a free one outside the dynamic range.",
      { cause: error },
    );
  }
}

/** MAAS keeps the automatic address beside the static one: two addresses on one card, unless it is taken away. */
async function unlinkOthers(services: MaasServices, seen: Interface, inputs: Inputs): Promise<void> {
  const others = seen.links.filter((link) => link.mode === "auto" || link.mode === "dhcp");
  for (const other of others) {
    try {
      await services.client.interfaces.unlinkSubnet(inputs.machine, seen.id, other.id);
    } catch (error) {
      const card = await findCard(services, inputs);
      if (card.links.some((link) => link.id === other.id)) throw error;
    }
  }
}

export class InterfaceLink extends DynamicResource {
  declare readonly address: pulumi.Output<string>;

  constructor(name: string, args: InterfaceLinkArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:InterfaceLink", name, { ...args }, [], options);
  }
}
