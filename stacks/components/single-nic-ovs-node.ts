/**
 * A node with one network card that is to host an OVN chassis: an OVS bridge over the card, the node's address and default
 * gateway on the bridge. One line, and what a Deployment has to know comes out of it:
 *
 * ```ts
 * const node = new SingleNicOvsNode("server1", { machine: server1.id, macAddress, subnet: "172.16.0.0/20", address: "172.16.0.11" });
 * new Deployment("server1", { machine: server1.id, ...node.deployment });
 * ```
 */
import type { ComponentResourceOptions, Input } from "@pulumi/pulumi";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import type { DeploymentArgs } from "../../providers/index.ts";
import { InterfaceLink, OvsBridge } from "../../providers/index.ts";

export interface SingleNicOvsNodeArgs {
  /** System ID of the machine (`machine.id`). */
  machine: Input<string>;
  /** MAC address of its card. */
  macAddress: Input<string>;
  /** CIDR or id of its subnet. */
  subnet: Input<string>;
  /** Its static address in the subnet. */
  address: Input<string>;
  /** Name of the bridge, the same on each node of a cloud. @default "br-ex" */
  bridge?: Input<string>;
  /**
   * "machine": the bridge is made once and stays over releases. "deployment": it comes and goes with the operating system,
   * and the machine is given back as it was (docs/decisions/0010-two-lives-of-a-bridge.md). @default "machine"
   */
  bridgeBelongsTo?: "machine" | "deployment";
}

export class SingleNicOvsNode extends ComponentResource {
  /** The bridge, when it belongs to the machine. */
  readonly bridge: OvsBridge | undefined;
  readonly link: InterfaceLink;
  /** What its Deployment is to be given. */
  readonly deployment: Pick<DeploymentArgs, "acquiredBridges" | "staticAddresses">;

  constructor(name: string, args: SingleNicOvsNodeArgs, options?: ComponentResourceOptions) {
    super("metalform:rack:SingleNicOvsNode", name, {}, options);
    const { machine, macAddress, subnet, address, bridge: bridgeName = "br-ex" } = args;
    const parent = { parent: this };
    const card = { machine, macAddress };
    const staysWithMachine = (args.bridgeBelongsTo ?? "machine") === "machine";
    this.bridge = staysWithMachine ? new OvsBridge(name, { ...card, name: bridgeName }, parent) : undefined;
    const place = this.bridge ? { interface: this.bridge.id } : card;
    this.link = new InterfaceLink(name, { ...place, subnet, address, defaultGateway: true }, parent);
    this.deployment = {
      staticAddresses: [this.link.address],
      ...(staysWithMachine ? {} : { acquiredBridges: [{ name: bridgeName, macAddress, defaultGateway: subnet }] }),
    };
    this.registerOutputs({});
  }
}
