/** The rack: every machine of the config, enlisted, commissioned and, when asked for, deployed. */
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { output } from "@pulumi/pulumi/output.js";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import {
  Deployment,
  InterfaceLink,
  Machine,
  ResourcePool,
  RoleAssignment,
  SshKey,
  Tag,
  Zone,
} from "../providers/index.ts";
import type { DeploymentArgs, Holders } from "../providers/index.ts";
import type { MachineConfig, RackConfig } from "./config.ts";
import { SingleNicOvsNode } from "./components/single-nic-ovs-node.ts";
import { RackNetwork } from "./rack-network.ts";
import { RackRegion } from "./rack-region.ts";

/** What a person wants to know of a machine when the run is over. */
export interface RackMachine {
  name: string;
  /** What it does, by the config's roles; "" for one that is spare or out of order. */
  role: Output<string>;
  systemId: Output<string>;
  status: Output<string>;
  addresses: Output<string[]>;
  series: Output<string | undefined>;
  /** Its static address, where the config gives it one. */
  address: string | undefined;
  /** Another text after each installation. */
  installation: Output<string>;
  /** Why it could not be deployed (`onDeployFailure: spare`); "" when it could. */
  failure: Output<string>;
  tests: Output<string[]>;
}

export class Rack extends ComponentResource {
  readonly machines: RackMachine[];
  /** What a person should know of the machines: who is out of order, and who is in its place. */
  readonly notes: Output<string[]>;

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

    const machines = config.machines.map((machine) => {
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
      return config.deploy ? this.deployed(machine, enlisted, config, { place, keys }) : onlyReady(machine, enlisted);
    });
    const { assigned, notes } = this.roles(name, config, machines);
    this.notes = notes;
    this.machines = machines.map((machine) => ({
      ...machine,
      role: assigned.apply(
        (roles) => Object.entries(roles).find(([, holders]) => holders.includes(machine.name))?.[0] ?? "",
      ),
    }));
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

  /** Who does what; asks for nothing where the config has no roles. */
  private roles(
    name: string,
    { roles, machines, onDeployFailure }: RackConfig,
    made: Pick<RackMachine, "failure" | "name">[],
  ): { assigned: Output<Holders>; notes: Output<string[]> } {
    if (roles.length === 0) return { assigned: output<Holders>({}), notes: output([]) };
    const failures = output(made.map(({ name: machine, failure }) => ({ machine, failure }))).apply((all) =>
      Object.fromEntries(all.flatMap(({ machine, failure }) => (failure ? [[machine, failure]] : []))),
    );
    return new RoleAssignment(
      name,
      {
        roles: roles.map(({ name: role, count, machines: named, tags }) => ({
          name: role,
          count,
          machines: named,
          ...whereAny(tags),
        })),
        machines: machines.map(({ name: machine, tags }) => ({ name: machine, ...whereAny(tags) })),
        // Otherwise there are none, and who does what is known before anything is deployed.
        ...(onDeployFailure === "spare" ? { failures } : {}),
      },
      { parent: this },
    );
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
        ...(config.onDeployFailure === "spare" ? { onFailure: "broken" } : {}),
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
      failure: deployment.failure,
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
  failure: output(""),
  tests: enlisted.tests,
});

/** As little of it in the state as can be. */
const whereAny = (tags: string[]): { tags?: string[] } => (tags.length === 0 ? {} : { tags });
