/**
 * The web topology on machines that answer SSH: PostgreSQL, Django on one or more machines, NGINX in front of them, main as
 * the way in and out. What is on the machines is Ansible's work (ansible/site.yml); this runs it when something it depends on has
 * changed, and makes the two secrets that it needs.
 *
 * One machine that is `db` and `app`, without a balancer, is the smallest form.
 */
import type { ComponentResourceOptions, Input, Output, UnwrappedObject } from "@pulumi/pulumi";
import { RunError } from "@pulumi/pulumi/errors.js";
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

/** What is known of who does what when the program's machines are. */
type Machines = Partial<Record<Role, UnwrappedObject<WebMachine>[]>>;

export interface WebTopologyArgs {
  /** role -> its machines. `db` has exactly one, `app` at least one, `balancer` and `main` at most one. */
  machines: Input<Partial<Record<Role, WebMachine[]>>>;
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

  /** @throws RunError (shown without a stack) when the machines' roles make no web topology */
  constructor(name: string, args: WebTopologyArgs, options?: ComponentResourceOptions) {
    super("metalform:web:WebTopology", name, {}, options);
    const machines = output(args.machines).apply(checked);
    const parent = { parent: this };
    this.databasePassword = new GeneratedSecret(`${name}-database-password`, {}, parent).value;
    this.secretKey = new GeneratedSecret(`${name}-secret-key`, { length: 64 }, parent).value;
    this.topology = topologyOf(machines, args);
    this.url = machines.apply(({ balancer, app }) => {
      const front = balancer?.[0];
      return front ? `http://${front.address}/` : `http://${app?.[0]?.address ?? ""}:8000/`;
    });

    const site = new LocalCommand(
      `${name}-site`,
      {
        create: 'ansible-playbook ansible/site.yml --extra-vars "$METALFORM_VARIABLES"',
        environment: {
          METALFORM_TOPOLOGY: this.topology.apply((topology) => JSON.stringify(topology)),
          METALFORM_VARIABLES: variablesOf(machines, args),
          METALFORM_DATABASE_PASSWORD: this.databasePassword,
          METALFORM_SECRET_KEY: this.secretKey,
        },
        // An edited role, playbook or site shows in the preview; without a change nothing is run.
        triggers: machines.apply((known) => [contentHash("ansible"), ...installations(known)]),
      },
      parent,
    );
    this.registerOutputs({ site: site.id });
  }
}

/** What is wrong with how many do what; undefined when nothing is. */
export function rolesProblem(counts: Partial<Record<Role, number>>): string | undefined {
  const { db = 0, app = 0, balancer = 0, main = 0 } = counts;
  if (db !== 1) return `one machine is to be the database (db); there are ${String(db)}`;
  if (app === 0) return "at least one machine is to serve the site (app)";
  if (balancer > 1) return `one machine can be the balancer; there are ${String(balancer)}`;
  if (main > 1) return `one machine can be main; there are ${String(main)}`;
  if (app > 1 && balancer === 0)
    return `${String(app)} machines serve the site, and none balances between them (balancer)`;
  return undefined;
}

function checked(machines: Machines): Machines {
  const problem = rolesProblem(Object.fromEntries(roles.map((role) => [role, machines[role]?.length ?? 0])));
  if (problem !== undefined) throw new RunError(`The web topology can't be built: ${problem}`);
  return machines;
}

function topologyOf(machines: Output<Machines>, { ssh = "", user = "ubuntu" }: WebTopologyArgs): Output<Topology> {
  const addresses = (known: Machines): Topology["roles"] =>
    Object.fromEntries(
      roles.map((role) => [role, Object.fromEntries((known[role] ?? []).map(({ name, address }) => [name, address]))]),
    ) as Topology["roles"];
  return output([machines, ssh] as const).apply(([known, file]) => ({ user, ssh: file, roles: addresses(known) }));
}

function installations(machines: Machines): string[] {
  const known = new Map(
    roles.flatMap((role) => machines[role] ?? []).map(({ name, installation }) => [name, installation]),
  );
  return [...known].flatMap(([name, installation]) => (installation === undefined ? [] : [`${name} ${installation}`]));
}

function variablesOf(machines: Output<Machines>, args: WebTopologyArgs): Output<string> {
  const { hosts = [], nat, variables = {} } = args;
  return output([machines, hosts] as const).apply(([{ main, app, balancer }, more]) => {
    const site = `${app?.[0]?.address ?? ""}:8000`;
    const front = balancer?.[0] ? `${balancer[0].address}:80` : site;
    const wanted = nat ?? main !== undefined;
    const forwards = [
      { port: 80, to: front },
      { port: 8000, to: site },
    ];
    return JSON.stringify({
      django_more_hosts: more,
      nat_forwards: wanted ? forwards : [],
      nat_wanted: wanted,
      ...variables,
    });
  });
}
