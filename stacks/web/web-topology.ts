/**
 * The web topology on machines that answer SSH: PostgreSQL, Django on one or more machines, NGINX in front of them, main as
 * the way in and out. What is on the machines is Ansible's work (ansible/site.yml); this runs it when something it depends on has
 * changed, and makes the two secrets that it needs.
 *
 * One machine that is `db` and `app`, without a balancer, is the smallest form.
 */
import type { ComponentResourceOptions, Input, Output } from "@pulumi/pulumi";
import { output } from "@pulumi/pulumi/output.js";
import { ComponentResource } from "@pulumi/pulumi/resource.js";
import { GeneratedSecret } from "../../providers/index.ts";
import { contentHash } from "./content-hash.ts";
import { LocalCommand } from "./local-command.ts";
import { roles, type Role, type Topology } from "./topology.ts";

export interface WebMachine {
  name: string;
  /** Where it answers SSH, by the way that `ssh` knows. */
  address: Input<string>;
  /** Anything that is different after every installation of the machine: what was set up on it is then set up again. */
  installation?: Input<string>;
}

export interface WebTopologyArgs {
  /** role -> its machines. `db` has exactly one, `app` at least one, `balancer` and `main` at most one. */
  machines: Partial<Record<Role, WebMachine[]>>;
  /** File for `ssh -F`, which knows the way to every address. @default the user's own ~/.ssh/config */
  ssh?: Input<string>;
  /** Who signs in. @default "ubuntu" */
  user?: string;
  /** Names and addresses, beside those of the machines, under which browsers ask for the site. @default none */
  hosts?: Input<string>[];
  /** Whether main is set up as the rack's router, with ports 80 and 8000 forwarded. @default true where there is a main */
  nat?: boolean;
  /** More variables for the playbook, none of them secret; the roles' defaults say which there are. @default none */
  variables?: Record<string, unknown>;
}

export class WebTopology extends ComponentResource {
  readonly topology: Output<Topology>;
  /** Of the site, as the rack sees it: the balancer's, or that of the one machine. */
  readonly url: Output<string>;
  /** Secret; for running the playbooks by hand (docs/topologies/web.md). */
  readonly databasePassword: Output<string>;
  /** Secret; for running the playbooks by hand. */
  readonly secretKey: Output<string>;

  /** @throws Error when the machines' roles make no web topology */
  constructor(name: string, args: WebTopologyArgs, options?: ComponentResourceOptions) {
    super("metalform:web:WebTopology", name, {}, options);
    const problem = rolesProblem(args.machines);
    if (problem !== undefined) throw new Error(`The web topology can't be built: ${problem}`);
    const parent = { parent: this };
    this.databasePassword = new GeneratedSecret(`${name}-database-password`, {}, parent).value;
    this.secretKey = new GeneratedSecret(`${name}-secret-key`, { length: 64 }, parent).value;
    this.topology = topologyOf(args);
    const front = args.machines.balancer?.[0];
    const address = output((front ?? args.machines.app?.[0])?.address ?? "");
    this.url = address.apply((known) => `http://${known}${front ? "" : ":8000"}/`);

    const site = new LocalCommand(
      `${name}-site`,
      {
        create: 'ansible-playbook ansible/site.yml --extra-vars "$METALFORM_VARIABLES"',
        environment: {
          METALFORM_TOPOLOGY: this.topology.apply((topology) => JSON.stringify(topology)),
          METALFORM_VARIABLES: variablesOf(args),
          METALFORM_DATABASE_PASSWORD: this.databasePassword,
          METALFORM_SECRET_KEY: this.secretKey,
        },
        // An edited role, playbook or site shows in the preview; without a change nothing is run.
        triggers: [contentHash("ansible"), ...installations(args)],
      },
      parent,
    );
    this.registerOutputs({ site: site.id });
  }
}

/** What is wrong with who does what; undefined when nothing is. */
export function rolesProblem(machines: WebTopologyArgs["machines"]): string | undefined {
  const count = (role: Role): number => machines[role]?.length ?? 0;
  if (count("db") !== 1) return `one machine is to be the database (db); there are ${String(count("db"))}`;
  if (count("app") === 0) return "at least one machine is to serve the site (app)";
  if (count("balancer") > 1) return `one machine can be the balancer; there are ${String(count("balancer"))}`;
  if (count("main") > 1) return `one machine can be main; there are ${String(count("main"))}`;
  if (count("app") > 1 && count("balancer") === 0)
    return `${String(count("app"))} machines serve the site, and none balances between them (balancer)`;
  return undefined;
}

const machinesOf = ({ machines }: WebTopologyArgs): WebMachine[] => roles.flatMap((role) => machines[role] ?? []);

function topologyOf({ machines, ssh = "", user = "ubuntu" }: WebTopologyArgs): Output<Topology> {
  const addresses = roles.map((role) => {
    const ofRole = machines[role] ?? [];
    return [role, Object.fromEntries(ofRole.map(({ name, address }) => [name, address]))] as const;
  });
  return output({ user, ssh, roles: Object.fromEntries(addresses) }) as unknown as Output<Topology>;
}

function installations(args: WebTopologyArgs): Input<string>[] {
  const known = new Map(machinesOf(args).map(({ name, installation }) => [name, installation]));
  return [...known].flatMap(([name, installation]) =>
    installation === undefined ? [] : [output(installation).apply((id) => `${name} ${id}`)],
  );
}

function variablesOf(args: WebTopologyArgs): Output<string> {
  const { machines, hosts = [], nat = machines.main !== undefined, variables = {} } = args;
  const app = output(machines.app?.[0]?.address ?? "");
  const balancer = machines.balancer?.[0]?.address;
  const front =
    balancer === undefined
      ? app.apply((address) => `${address}:8000`)
      : output(balancer).apply((address) => `${address}:80`);
  const forwards = output([front, app]).apply(([web, site]) => [
    { port: 80, to: web },
    { port: 8000, to: `${String(site)}:8000` },
  ]);
  return output({ django_more_hosts: hosts, nat_forwards: nat ? forwards : [], nat_wanted: nat, ...variables }).apply(
    (all) => JSON.stringify(all),
  );
}
