/** The rack: every machine of the config, enlisted, commissioned and, when asked for, deployed. */
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { output } from "@pulumi/pulumi/output.js";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import { Deployment, InterfaceLink, Machine, ResourcePool, SshKey, Tag, Zone } from "../providers/index.ts";
import type { DeploymentArgs } from "../providers/index.ts";
import type { MachineConfig, RackConfig } from "./config.ts";
import { SingleNicOvsNode } from "./components/single-nic-ovs-node.ts";
import { RackNetwork } from "./rack-network.ts";
import { RackRegion } from "./rack-region.ts";
import { assignRoles } from "./roles.ts";

/** What a person wants to know of a machine when the run is over. */
export interface RackMachine {
  name: string;
  /** What it does, by the config's roles; "" for a spare one. */
  role: string;
  systemId: Output<string>;
  status: Output<string>;
  addresses: Output<string[]>;
  series: Output<string | undefined>;
  /** Its static address, where the config gives it one. */
  address: string | undefined;
  /** Another text after each installation. */
  installation: Output<string>;
  tests: Output<string[]>;
}

export class Rack extends ComponentResource {
  readonly machines: RackMachine[];

  constructor(name: string, config: RackConfig, options?: ComponentResourceOptions) {
    super("metalform:rack:Rack", name, {}, options);
    const parent = { parent: this };
    const tags = new Map(
      [...new Set(config.machines.flatMap((machine) => machine.tags))].map((tag) => [
        tag,
        new Tag(tag, { name: tag }, parent),
      ]),
    );
    const pool = config.pool === undefined ? undefined : new ResourcePool(config.pool, { name: config.pool }, parent);
    const zone = config.zone === undefined ? undefined : new Zone(config.zone, { name: config.zone }, parent);
    const keys = config.sshKeys.map((key, index) => new SshKey(`key${String(index + 1)}`, { key }, parent));

    const { images, settings, dashboard } = config.region;
    const asksRegion = images.length > 0 || Object.keys(settings).length > 0 || dashboard !== undefined;
    const region = asksRegion ? new RackRegion(name, config.region, parent) : undefined;
    const network = config.network && new RackNetwork(name, config.network, parent);
    const roles = assignRoles(config.roles, config.machines);
    const roleOf = ({ name: machine }: MachineConfig): string =>
      roles.find(({ machines }) => machines.includes(machine))?.role.name ?? "";

    this.machines = config.machines.map((machine) => {
      const enlisted = new Machine(
        machine.name,
        {
          hostname: machine.name,
          macAddresses: [machine.mac],
          ...(machine.power === undefined ? {} : { power: machine.power }),
          testingScripts: config.tests.scripts,
          onTestFailure: config.tests.onFailure,
          tags: machine.tags.map((tag) => tags.get(tag)?.name ?? tag),
          ...(pool ? { pool: pool.name } : {}),
          ...(zone ? { zone: zone.name } : {}),
        },
        { parent: this, dependsOn: [...(region?.serving ?? []), ...(network?.serving ?? [])] },
      );
      const place = this.place(machine, enlisted, config, network);
      const rackMachine = config.deploy
        ? this.deployed(machine, enlisted, config, { place, keys })
        : onlyReady(machine, enlisted);
      return { ...rackMachine, role: roleOf(machine) };
    });
    this.registerOutputs({});
  }

  /** Its address, on a bridge where the rack has one: what must be so before it is installed. */
  private place(
    { name, mac, address }: MachineConfig,
    enlisted: Machine,
    { network: config }: RackConfig,
    network: RackNetwork | undefined,
  ): Pick<DeploymentArgs, "acquiredBridges" | "staticAddresses"> {
    if (address === undefined || config === undefined || network === undefined) return {};
    const options = { parent: this, dependsOn: network.subnet };
    const place = { machine: enlisted.id, macAddress: mac, subnet: config.cidr, address };
    const { bridge, bridgeBelongsTo } = config;
    if (bridge !== undefined)
      return new SingleNicOvsNode(name, { ...place, bridge, bridgeBelongsTo }, options).deployment;
    return { staticAddresses: [new InterfaceLink(name, place, options).address] };
  }

  private deployed(
    machine: MachineConfig,
    enlisted: Machine,
    config: RackConfig,
    around: { place: Pick<DeploymentArgs, "acquiredBridges" | "staticAddresses">; keys: SshKey[] },
  ): Omit<RackMachine, "role"> {
    const { place, keys } = around;
    const deployment = new Deployment(
      machine.name,
      {
        machine: enlisted.id,
        hostname: machine.name,
        series: config.series,
        ...place,
      },
      { parent: this, dependsOn: keys },
    );
    return {
      name: machine.name,
      systemId: enlisted.id,
      status: deployment.status,
      addresses: deployment.addresses,
      series: deployment.series,
      address: machine.address,
      installation: deployment.installation,
      tests: enlisted.tests,
    };
  }
}

const onlyReady = (machine: MachineConfig, enlisted: Machine): Omit<RackMachine, "role"> => ({
  name: machine.name,
  systemId: enlisted.id,
  status: enlisted.status,
  addresses: output([]),
  series: output(undefined),
  address: machine.address,
  installation: output(""),
  tests: enlisted.tests,
});
