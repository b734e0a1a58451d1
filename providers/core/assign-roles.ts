/**
 * Which machine does what: one role a machine. Who has a role keeps it; a role that names its machines gets those; the rest is taken
 * in the order of the machines. Nothing of MAAS decides but who is out of order.
 */

export interface RoleWish {
  name: string;
  /** How many machines it wants. */
  count: number;
  /** Its machines by name, where it names them. */
  machines?: string[] | undefined;
  /** Tags that each of its machines has. @default none */
  tags?: string[];
}

export interface Candidate {
  name: string;
  /** @default none */
  tags?: string[];
}

/** role -> names of its machines, in the machines' order. */
export type Holders = Record<string, string[]>;

export interface Constraints {
  /** Who has a role now. A role that is not in it begins anew. */
  held?: Holders;
  /** Names of machines that can have none. */
  out?: string[];
}

/** @returns for each role its machines: fewer than it wants when there are not enough that fit */
export function assignRoles(
  roles: readonly RoleWish[],
  machines: readonly Candidate[],
  { held = {}, out = [] }: Constraints = {},
): Holders {
  const able = machines.filter(({ name }) => !out.includes(name));
  const isAble = (name: string): boolean => able.some((machine) => machine.name === name);
  const claimed = new Set<string>();
  const claim = (names: readonly string[], count: number): string[] => {
    const taken = names.filter((name) => isAble(name) && !claimed.has(name)).slice(0, count);
    for (const name of taken) claimed.add(name);
    return taken;
  };
  const fixed = new Map(
    roles.map((role) => {
      const fits = able.filter((machine) => role.machines !== undefined || fit(role, machine)).map(({ name }) => name);
      // What another role names is that one's.
      const others = roles.flatMap(({ machines: named = [] }, index) => (roles[index] === role ? [] : named));
      const kept = (held[role.name] ?? []).filter((name) => fits.includes(name) && !others.includes(name));
      return [role, claim(kept, role.count)];
    }),
  );
  for (const role of roles) {
    const has = fixed.get(role) ?? [];
    fixed.set(role, [...has, ...claim(role.machines ?? [], role.count - has.length)]);
  }
  const found = fill(roles, able, fixed);
  return Object.fromEntries(
    roles.map((role) => [role.name, machines.map(({ name }) => name).filter((name) => found.get(name) === role)]),
  );
}

const fit = (role: RoleWish, machine: Candidate): boolean =>
  (role.tags ?? []).every((tag) => machine.tags?.includes(tag));

/** Gives the places that are left to machines that have none; who has one gives way where that lets all have enough. */
function fill(
  roles: readonly RoleWish[],
  able: readonly Candidate[],
  fixed: Map<RoleWish, string[]>,
): Map<string, RoleWish> {
  /** A place is a role and a number in it. */
  const places = roles.flatMap((role) => Array.from({ length: role.count }, () => role));
  const holder = new Map<string, number>();
  const filled = new Set<number>();
  for (const [role, names] of fixed) {
    for (const name of names) {
      const index = places.findIndex((place, at) => place === role && !filled.has(at));
      filled.add(index);
      holder.set(name, index);
    }
  }
  const named = new Set(roles.flatMap((role) => (role.machines === undefined ? [] : (fixed.get(role) ?? []))));
  const free = able.filter(({ name }) => !named.has(name));
  const place = (index: number, tried: Set<string>): boolean => {
    const role = places[index];
    const fits = free.filter((machine) => role !== undefined && fit(role, machine));
    const idle = fits.find(({ name }) => !holder.has(name));
    const taken =
      idle ??
      fits.find(({ name }) => {
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
    .filter((index) => !filled.has(index))
    .sort((a, b) => Number(isChoosy(places[b])) - Number(isChoosy(places[a])));
  for (const index of order) place(index, new Set());
  return new Map([...holder].flatMap(([name, index]) => (places[index] ? [[name, places[index]] as const] : [])));
}

const isChoosy = (role: RoleWish | undefined): boolean => (role?.tags ?? []).length > 0;
