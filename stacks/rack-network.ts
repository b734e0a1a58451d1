/**
 * The network that the rack's machines boot from and run in: the subnet with gateway and name servers, its ranges, DHCP.
 * All of it may be there already, MAAS finds the subnets of its racks by itself; then it is changed as asked, and given back
 * as it was.
 */
import type { ComponentResourceOptions, Resource } from "@pulumi/pulumi";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import { IpRange, Subnet, VlanDhcp } from "../providers/index.ts";
import type { NetworkConfig } from "./network-config.ts";

export class RackNetwork extends ComponentResource {
  readonly subnet: Subnet;
  /** What must be there before a machine boots from the network. */
  readonly serving: Resource[];

  constructor(name: string, config: NetworkConfig, options?: ComponentResourceOptions) {
    super("metalform:rack:Network", name, {}, options);
    const parent = { parent: this };
    this.subnet = new Subnet(
      name,
      {
        cidr: config.cidr,
        ...(config.gateway === undefined ? {} : { gateway: config.gateway }),
        ...(config.dnsServers === undefined ? {} : { dnsServers: config.dnsServers }),
      },
      parent,
    );
    const ranges = config.ranges.map(({ type, start, end, comment }) => ({
      type,
      range: new IpRange(`${type}-${start}`, { type, start, end, subnet: this.subnet.id, comment }, parent),
    }));
    const dhcp =
      config.dhcp === true
        ? [
            new VlanDhcp(
              name,
              {
                subnet: this.subnet.id,
                ranges: ranges.filter(({ type }) => type === "dynamic").map(({ range }) => range.id),
              },
              parent,
            ),
          ]
        : [];
    // Also the ranges that DHCP does not serve: MAAS must know them before it gives a machine an address.
    this.serving = [...dhcp, ...ranges.map(({ range }) => range)];
    this.registerOutputs({});
  }
}
