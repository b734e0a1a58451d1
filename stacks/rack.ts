/** The rack: every machine of the config, enlisted, commissioned and, when asked for, deployed. */
import type { ComponentResourceOptions, Output } from "@pulumi/pulumi";
import { output } from "@pulumi/pulumi/output.js";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import { Deployment, InterfaceLink, Machine, ResourcePool, SshKey, Tag, Zone } from "../providers/index.ts";
import type { MachineConfig, RackConfig } from "./config.ts";

/** What a person wants to know of a machine when the run is over. */
export interface RackMachine {
  name: string;
  systemId: Output<string>;
  status: Output<string>;
  addresses: Output<string[]>;
  series: Output<string | undefined>;
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

    this.machines = config.machines.map((machine) => {
      const enlisted = new Machine(
        machine.name,
        {
          hostname: machine.name,
          macAddresses: [machine.mac],
          power: machine.power,
          testingScripts: config.tests.scripts,
          onTestFailure: config.tests.onFailure,
          tags: machine.tags.map((tag) => tags.get(tag)?.name ?? tag),
          ...(pool ? { pool: pool.name } : {}),
          ...(zone ? { zone: zone.name } : {}),
        },
        parent,
      );
      return config.deploy ? this.deployed(machine, enlisted, config, keys) : onlyReady(machine, enlisted);
    });
    this.registerOutputs({});
  }

  private deployed(machine: MachineConfig, enlisted: Machine, config: RackConfig, keys: SshKey[]): RackMachine {
    const links =
      machine.address === undefined || config.subnet === undefined
        ? []
        : [
            new InterfaceLink(
              machine.name,
              {
                machine: enlisted.id,
                macAddress: machine.mac,
                subnet: config.subnet,
                address: machine.address,
              },
              { parent: this },
            ),
          ];
    const deployment = new Deployment(
      machine.name,
      {
        machine: enlisted.id,
        hostname: machine.name,
        series: config.series,
        staticAddresses: links.map((link) => link.address),
      },
      { parent: this, dependsOn: keys },
    );
    return {
      name: machine.name,
      systemId: enlisted.id,
      status: deployment.status,
      addresses: deployment.addresses,
      series: deployment.series,
      tests: enlisted.tests,
    };
  }
}

const onlyReady = (machine: MachineConfig, enlisted: Machine): RackMachine => ({
  name: machine.name,
  systemId: enlisted.id,
  status: enlisted.status,
  addresses: output([]),
  series: output(undefined),
  tests: enlisted.tests,
});
