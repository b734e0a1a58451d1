/** Which crashes there are: every write and each kind of read, before and after it, of the provider and of the CLI. */
import { isRead } from "./request-kind.ts";
import type { Moment } from "./proxy.ts";
import type { Victim } from "./victim.ts";

/** What is interrupted: an `up` of a new rack, an `up` that replaces what runs on it, a `destroy`. */
export type Plan = "up" | "redeploy" | "destroy";
export const plans: Plan[] = ["up", "redeploy", "destroy"];

export interface CrashCase {
  plan: Plan;
  victim: Victim;
  /** At which request, as RequestKinds names it. */
  kind: string;
  moment: Moment;
  /** What is typed next; "destroy" after an `up` has to give back what the state may never have heard of. */
  then: "up" | "destroy";
}

export interface CaseFilter {
  only?: Plan;
  victim?: Victim;
  /** So many, spread over all. */
  sample?: number;
}

const victims: Victim[] = ["provider", "cli"];
const moments: Moment[] = ["before", "after"];

export function crashCases(runs: Record<Plan, string[]>, filter: CaseFilter = {}): CrashCase[] {
  const all = [
    ...casesOf("up", runs.up, "up"),
    ...casesOf("redeploy", runs.redeploy, "up"),
    ...casesOf("destroy", runs.destroy, "destroy"),
    // The state of a killed `up` knows less than MAAS: what it asked for last must be found by other means.
    ...casesOf("up", lastOfEachShape(runs.up), "destroy"),
    ...casesOf("redeploy", lastOfEachShape(runs.redeploy), "destroy"),
  ];
  const wanted = all.filter(
    ({ plan, victim }) =>
      (filter.only === undefined || plan === filter.only) && (filter.victim === undefined || victim === filter.victim),
  );
  return filter.sample === undefined ? wanted : spread(wanted, filter.sample);
}

export const nameOfCase = ({ plan, victim, kind, moment, then }: CrashCase): string =>
  `${plan}: ${victim} killed ${moment} ${kind}; then ${then}`;

const casesOf = (plan: Plan, seen: string[], then: CrashCase["then"]): CrashCase[] =>
  [...new Set(seen)].flatMap((kind) =>
    victims.flatMap((victim) => moments.map((moment) => ({ plan, victim, kind, moment, then }))),
  );

/** Of two machines' equal writes the last one. */
function lastOfEachShape(seen: string[]): string[] {
  const writes = seen.filter((kind) => !isRead(kind));
  return [...new Map(writes.map((kind) => [kind.replace(/ #\d+$/, ""), kind])).values()];
}

/** In steps that meet every victim and moment, not always the same of them. */
function spread<Item>(items: Item[], count: number): Item[] {
  if (count >= items.length) return items;
  return Array.from({ length: count }, (_, i) => items[Math.floor((i * items.length) / count + (i % 4))]).filter(
    (item) => item !== undefined,
  );
}
