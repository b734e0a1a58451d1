/** A bridge of the Linux kernel over an interface of a machine. Open vSwitch's is an `OvsBridge`; all else is the same. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { bridgeChanges, bridgeLifecycle, checkBridge, normaliseBridge } from "./bridging.ts";
import type { BridgeInputs } from "./bridging.ts";
import { MADE_OUTPUTS } from "./made-interface.ts";
import type { Made } from "./made-interface.ts";
import { REDEPLOYS } from "./machine-rest.ts";
import { noteOrigin, originOf } from "./origin.ts";
import type { MaasServices } from "./services.ts";

export interface BridgeArgs {
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
  /** Spanning tree protocol. Like `name`. @default false */
  stp?: pulumi.Input<boolean>;
  /** Seconds that a port listens and learns before it forwards. Like `name`. @default 15, MAAS's own */
  forwardDelay?: pulumi.Input<number>;
}

interface Inputs extends BridgeInputs {
  stp: boolean;
  forwardDelay: number;
}

/** The kernel's largest, in seconds. */
const LONGEST_DELAY = 30;

export const bridge: Lifecycle<MaasServices, Inputs, Made<Inputs>> = {
  changes: { ...bridgeChanges, stp: { redeploy: REDEPLOYS }, forwardDelay: { redeploy: REDEPLOYS } },
  // One card is under one bridge.
  deleteBeforeReplace: true,
  normalise: (inputs) => ({
    ...normaliseBridge<Inputs>(inputs, "standard"),
    stp: inputs.stp ?? false,
    forwardDelay: inputs.forwardDelay ?? 15,
  }),
  check(check, context) {
    check.onlyKnown([...Object.keys(bridge.changes), ...MADE_OUTPUTS]);
    check.flag("stp");
    check.wholeNumber("forwardDelay", 0, LONGEST_DELAY, "seconds");
    return checkBridge(check, context);
  },
  ...bridgeLifecycle<Inputs>(),
};

export class Bridge extends DynamicResource {
  declare readonly name: pulumi.Output<string>;
  declare readonly systemId: pulumi.Output<string>;

  constructor(name: string, args: BridgeArgs, options?: pulumi.CustomResourceOptions) {
    const origin = originOf(args.parent ?? args.machine);
    super("maas:Bridge", name, { ...args, ...(origin ? { origin } : {}) }, MADE_OUTPUTS, options);
    noteOrigin(this.id, { machine: origin?.machine, type: "bridge", mtu: args.mtu });
  }
}
