/**
 * An Open vSwitch bridge over an interface of a machine, over its only card even: an OVN chassis needs one under the same
 * name on each node. It belongs to the machine; link it (`InterfaceLink`), not its parent. One that comes and goes with
 * the operating system is the Deployment's (`acquiredBridges`). Why two: docs/decisions/0009-two-lives-of-a-bridge.md.
 */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, messageOf } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import type { Machine } from "./api/machines.ts";
import { bridgeChanges, bridgeLifecycle, checkBridge, normaliseBridge } from "./bridging.ts";
import type { BridgeInputs } from "./bridging.ts";
import { MADE_OUTPUTS } from "./made-interface.ts";
import type { Made } from "./made-interface.ts";
import { noteOrigin, originOf } from "./origin.ts";
import type { MaasServices } from "./services.ts";

export interface OvsBridgeArgs {
  /** Its name: at most 15 bytes. Changed in place on a machine at rest; redeploys one at work. */
  name: pulumi.Input<string>;
  /** Id of the interface it is over: `nic.id`, `bond.id`, `vlanInterface.id`. Changing this replaces. */
  parent?: pulumi.Input<string>;
  /** Instead of `parent`: system ID of the machine (`server1.id`). Changing this replaces. */
  machine?: pulumi.Input<string>;
  /** Instead of `parent`: MAC address of the card it is over. Changing this replaces. */
  macAddress?: pulumi.Input<string>;
  /** 552 to 65535; its parent gets at least as much. Like `name`. @default its VLAN's */
  mtu?: pulumi.Input<number>;
  /** Tags that it has in MAAS; others' stay. Changed in place. @default [] */
  tags?: pulumi.Input<pulumi.Input<string>[]>;
}

let toldOfAmt = false;

/**
 * Before 3.5.5 deployments with an OVS bridge hang: MAAS renders it so that nobody waits for it; and 3.5.5 itself may lose
 * its racks' way to BMCs (facts: maas.md 4, 11).
 *
 * @throws ProviderError too-old
 */
export async function requireOvs({ services, warn }: Context<MaasServices>, machine: Machine): Promise<void> {
  await services.client.requires("OVS bridges", "3.5.5");
  if (machine.power_type !== "amt" || toldOfAmt) return;
  try {
    await services.client.requires("machines with AMT", "3.5.6");
  } catch (error) {
    if (!isError(error, "too-old")) throw error;
    toldOfAmt = true;
    warn(`${messageOf(error)} Until then MAAS may say that no rack controller can reach a BMC.`);
  }
}

export const ovsBridge: Lifecycle<MaasServices, BridgeInputs, Made<BridgeInputs>> = {
  changes: bridgeChanges,
  // One card is under one bridge.
  deleteBeforeReplace: true,
  normalise: (inputs) => normaliseBridge(inputs, "ovs"),
  check(check, context) {
    check.onlyKnown([...Object.keys(bridgeChanges), ...MADE_OUTPUTS]);
    return checkBridge(check, context);
  },
  ...bridgeLifecycle<BridgeInputs>(requireOvs),
};

export class OvsBridge extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly systemId: pulumi.Output<string>;

  constructor(name: string, args: OvsBridgeArgs, options?: pulumi.CustomResourceOptions) {
    const origin = originOf(args.parent ?? args.machine);
    super("maas:OvsBridge", name, { ...args, ...(origin ? { origin } : {}) }, MADE_OUTPUTS, options);
    noteOrigin(this.id, { machine: origin?.machine, type: "bridge", mtu: args.mtu });
  }
}
