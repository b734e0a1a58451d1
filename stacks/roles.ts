/**
 * What machines are to do, as the config says it: a role names its machines, or says how many it wants and what they must have. Who
 * gets it is RoleAssignment's to say, which remembers who has it.
 */
import { suggestion } from "../providers/index.ts";
import type { Check, RoleWish } from "../providers/index.ts";
import type { MachineConfig } from "./config.ts";

export interface Role extends RoleWish {
  tags: string[];
  /** At least so many cores. */
  cores: number;
  /** At least so many MiB of memory. */
  memory: number;
}

/** `{ database: [server1], app: 2, balancer: { count: 1, memory: 4096, cores: 2, tags: [edge] } }`. */
export function rolesConfig(check: Check, written: Record<string, unknown>, machines: MachineConfig[]): Role[] {
  const names = machines.map(({ name }) => name);
  const taken = new Map<string, string>();
  return Object.entries(written).map(([name, wish]) => {
    const path = `roles.${name}`;
    const role: Role = { name, count: 1, machines: undefined, tags: [], cores: 0, memory: 0 };
    if (typeof wish === "number") return { ...role, count: countOf(check, path, wish) };
    if (Array.isArray(wish)) {
      const chosen = wish.map(String);
      for (const machine of chosen) {
        const holder = taken.get(machine);
        if (!names.includes(machine))
          check.fail(path, `"${machine}" is no machine of the config${suggestion(machine, names)}`);
        else if (holder !== undefined) check.fail(path, `"${machine}" has the role ${holder} already; choose another`);
        taken.set(machine, name);
      }
      return { ...role, count: chosen.length, machines: chosen };
    }
    if (typeof wish !== "object" || wish === null) {
      check.fail(path, "must be a number, a list of machines, or { count, memory, cores, tags }");
      return role;
    }
    check.onlyKnown(["count", "memory", "cores", "tags"], path);
    const { count = 1, memory = 0, cores = 0, tags = [] } = wish as Record<string, unknown>;
    return {
      ...role,
      count: countOf(check, `${path}.count`, count),
      memory: countOf(check, `${path}.memory`, memory, 0),
      cores: countOf(check, `${path}.cores`, cores, 0),
      tags: Array.isArray(tags) ? tags.map(String) : [],
    };
  });
}

function countOf(check: Check, path: string, value: unknown, least = 1): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= least) return value;
  check.fail(path, `must be a whole number, ${String(least)} or more`);
  return least;
}
