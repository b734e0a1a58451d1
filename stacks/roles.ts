/**
 * Which machine does what. A role names its machines, or says how many it wants and what they must have; those are taken in
 * the config's order. Nothing of MAAS decides: the same config gives the same machines their roles on every run.
 */
import { suggestion } from "../providers/index.ts";
import type { Check } from "../providers/index.ts";
import type { MachineConfig } from "./config.ts";

export interface Role {
  name: string;
  /** How many machines it wants. */
  count: number;
  /** Its machines by name, where the config names them. */
  machines: string[] | undefined;
  /** Tags that each of its machines has in the config. */
  tags: string[];
  /** At least so many cores. */
  cores: number;
  /** At least so many MiB of memory. */
  memory: number;
}

export interface Assigned {
  role: Role;
  /** Names; fewer than `role.count` when there are not enough. */
  machines: string[];
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

/**
 * Roles that name their machines get those; the others take what is left in the config's order, and give way to one another
 * where that lets all of them have enough (each machine has one role).
 */
export function assignRoles(roles: Role[], machines: Pick<MachineConfig, "name" | "tags">[]): Assigned[] {
  const places = roles.flatMap((role) =>
    role.machines === undefined ? Array.from({ length: role.count }, () => role) : [],
  );
  const named = new Set(roles.flatMap((role) => role.machines ?? []));
  const free = machines.filter(({ name }) => !named.has(name));
  const holder = new Map<string, number>();
  const place = (index: number, tried: Set<string>): boolean => {
    const fit = free.filter(({ tags }) => places[index]?.tags.every((tag) => tags.includes(tag)) === true);
    const idle = fit.find(({ name }) => !holder.has(name));
    const taken =
      idle ??
      fit.find(({ name }) => {
        if (tried.has(name)) return false;
        tried.add(name);
        // Whoever has it finds another one.
        return place(holder.get(name) ?? -1, tried);
      });
    if (taken) holder.set(taken.name, index);
    return taken !== undefined;
  };
  // The choosy ones first: of too few machines those that suit nobody else are not wasted on others.
  const order = places
    .map((_, index) => index)
    .sort((a, b) => Number(isChoosy(places[b])) - Number(isChoosy(places[a])));
  for (const index of order) place(index, new Set());
  return roles.map((role) => ({
    role,
    machines: role.machines ?? free.map(({ name }) => name).filter((name) => places[holder.get(name) ?? -1] === role),
  }));
}

const isChoosy = (role: Role | undefined): boolean => role !== undefined && role.tags.length > 0;
