/**
 * Which machine has which role, remembered: who has one keeps it while others come and go, since a database does not move because a
 * line of the config did. What a machine that is out of order had goes to a spare one, and stays there when the first is repaired.
 */
import { isDeepStrictEqual } from "node:util";
import type * as pulumi from "@pulumi/pulumi";
import { assignRoles } from "./assign-roles.ts";
import type { Candidate, Holders, RoleWish } from "./assign-roles.ts";
import { DynamicResource } from "./dynamic-resource.ts";
import { ProviderError } from "./errors.ts";
import type { Lifecycle } from "./lifecycle.ts";

export interface RoleAssignmentArgs {
  /** Roles, in the order in which they choose. A change moves only what has to be moved. */
  roles: pulumi.Input<RoleWish[]>;
  /** All machines, in the order in which they are taken. */
  machines: pulumi.Input<Candidate[]>;
  /** Machines that are out of order: name -> why. @default none */
  failures?: pulumi.Input<Record<string, string>>;
}

interface Inputs {
  roles: RoleWish[];
  machines: Candidate[];
  failures: Record<string, string>;
}

/** What a machine that is out of order would do, and who does it. */
interface Place {
  role: string;
  by: string;
}

interface State extends Inputs {
  assigned: Holders;
  /** Of each machine that is out of order and would have a role. */
  places: Record<string, Place>;
  notes: string[];
}

const OUTPUTS = ["assigned", "places", "notes"] as const;

export const roleAssignment: Lifecycle<unknown, Inputs, State> = {
  changes: { roles: "update", machines: "update", failures: "update" },
  deleteBeforeReplace: false,
  normalise: (inputs) => ({ ...inputs, failures: inputs.failures ?? {} }),
  check: (check) => {
    check.onlyKnown([...Object.keys(roleAssignment.changes), ...OUTPUTS]);
    check.required("roles", '[{ name: "app", count: 2, tags: [] }]');
    check.required("machines", '[{ name: "server1", tags: [] }]');
  },
  create: (context, inputs) => Promise.resolve({ id: "roles", state: assign(context.warn, inputs) }),
  read: (_context, _id, state) => Promise.resolve(state),
  update: (context, _id, old, inputs) => Promise.resolve(assign(context.warn, inputs, old)),
  delete: () => Promise.resolve(),
};

/** @throws ProviderError when a role gets fewer machines than it wants */
function assign(warn: (text: string) => void, inputs: Inputs, old?: State): State {
  const { roles, machines, failures } = inputs;
  // What it would be if all were well: who is well keeps it, also in a first run.
  const before = assignRoles(roles, machines, { held: heldStill(roles, old) });
  const assigned = assignRoles(roles, machines, { held: before, out: Object.keys(failures) });
  const short = roles.filter(({ name, count }) => (assigned[name] ?? []).length < count);
  if (short.length > 0) throw shortOf(short, assigned, failures);
  const places: Record<string, Place> = {};
  for (const { name: role } of roles) {
    const has = assigned[role] ?? [];
    const come = has.filter((machine) => before[role]?.includes(machine) !== true);
    for (const machine of Object.keys(failures)) {
      const former = old?.places[machine];
      if (former?.role === role && has.includes(former.by)) places[machine] = former;
      else if (before[role]?.includes(machine) === true) places[machine] = { role, by: come.shift() ?? "another one" };
    }
  }
  const notes = Object.entries(failures).map(([machine, why]) => {
    const place = places[machine];
    return `${machine} is out of order (${why.replace(/\.$/, "")}); ${place ? `${place.by} is ${place.role} in its place` : "it would have no role"}.`;
  });
  for (const note of notes) if (old?.notes.includes(note) !== true) warn(note);
  return { ...inputs, assigned, places, notes };
}

/** A role whose machines are named otherwise than before begins anew: somebody moves it. */
function heldStill(roles: RoleWish[], old: State | undefined): Holders {
  const isSame = ({ name, machines }: RoleWish): boolean =>
    old?.roles.some((role) => role.name === name && isDeepStrictEqual(role.machines, machines)) === true;
  return Object.fromEntries(roles.filter(isSame).map(({ name }) => [name, old?.assigned[name] ?? []]));
}

function shortOf(short: RoleWish[], assigned: Holders, failures: Record<string, string>): ProviderError {
  const lines = short.map(({ name, count }) => {
    const has = assigned[name] ?? [];
    return `role ${name} wants ${String(count)} and gets ${String(has.length)}${has.length === 0 ? "" : ` (${has.join(", ")})`}`;
  });
  const broken = Object.entries(failures).map(([name, why]) => `${name} is out of order: ${why}`);
  return new ProviderError(
    "wrong-state",
    `There are not enough machines: ${[...lines, ...broken].join("; ")}. Add a machine to the config, ask for fewer, or ` +
      "repair one: mark it as fixed in MAAS, then `pulumi up --refresh`.",
  );
}

export class RoleAssignment extends DynamicResource {
  /** role -> names of its machines. */
  declare readonly assigned: pulumi.Output<Holders>;
  /** Sentences: which machine is out of order, and who is there in its place. */
  declare readonly notes: pulumi.Output<string[]>;

  constructor(name: string, args: RoleAssignmentArgs, options?: pulumi.CustomResourceOptions) {
    super("metalform:RoleAssignment", name, { ...args }, OUTPUTS, options);
  }
}
