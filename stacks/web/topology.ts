/**
 * Which machine does what in the web topology: a stack's output `topology`, of which Ansible's inventory is made
 * (ansible/inventory/rack.ts). It holds no secret.
 */

/** What a machine can be in the web topology. */
export const roles = ["main", "db", "app", "balancer", "spare"] as const;
export type Role = (typeof roles)[number];

export interface Topology {
  /** Who signs in, by key, and may become root. @example "ubuntu" */
  user: string;
  /** File for `ssh -F`, which knows the way to every address (through main); "" for the user's own ~/.ssh/config. */
  ssh: string;
  /** role -> name of the machine -> its address. A machine may have several roles; a role may have none. */
  roles: Record<Role, Record<string, string>>;
}

/** What is wrong with something that should be a topology; undefined when nothing is. */
export function topologyProblem(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null) return "it is no object";
  const { user, ssh, roles: given } = value as Partial<Record<keyof Topology, unknown>>;
  if (typeof user !== "string" || user === "") return "`user` is missing";
  if (typeof ssh !== "string") return "`ssh` is missing";
  if (typeof given !== "object" || given === null) return "`roles` is missing";
  const addresses = new Map<string, unknown>();
  for (const role of roles) {
    const machines = (given as Record<string, unknown>)[role];
    if (typeof machines !== "object" || machines === null) return `\`roles.${role}\` is missing`;
    for (const [name, address] of Object.entries(machines)) {
      if (typeof address !== "string" || address === "") return `${name} (${role}) has no address`;
      if ((addresses.get(name) ?? address) !== address) return `${name} has two addresses`;
      addresses.set(name, address);
    }
  }
  return undefined;
}
