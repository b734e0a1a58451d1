/** Which crashes there are: every write and each kind of read, before and after it, of the provider and of the CLI. */
import { isRead } from "./request-kind.ts";
import type { Moment } from "./proxy.ts";
import type { Undisturbed } from "./rig.ts";
import type { Victim } from "./victim.ts";

export interface CrashCase {
  /** What is interrupted. */
  command: "up" | "destroy";
  victim: Victim;
  /** At which request, as RequestKinds names it. */
  kind: string;
  moment: Moment;
  /** What is typed next; "destroy" after an `up` has to give back what the state never heard of. */
  then: "up" | "destroy";
}

export interface CaseFilter {
  only?: "up" | "destroy";
  victim?: Victim;
  /** So many, spread over all. */
  sample?: number;
}

const victims: Victim[] = ["provider", "cli"];
const moments: Moment[] = ["before", "after"];

export function crashCases(runs: Pick<Undisturbed, "up" | "destroy">, filter: CaseFilter = {}): CrashCase[] {
  const all = [
    ...casesOf("up", runs.up, "up"),
    ...casesOf("destroy", runs.destroy, "destroy"),
    // The state of a killed `up` knows less than MAAS: what it asked for last must be found by other means.
    ...casesOf("up", lastOfEachShape(runs.up), "destroy"),
  ];
  const wanted = all.filter(
    ({ command, victim }) =>
      (filter.only === undefined || command === filter.only) &&
      (filter.victim === undefined || victim === filter.victim),
  );
  return filter.sample === undefined ? wanted : spread(wanted, filter.sample);
}

export const nameOfCase = ({ command, victim, kind, moment, then }: CrashCase): string =>
  `${command}: ${victim} killed ${moment} ${kind}${then === command ? "" : `, then ${then}`}`;

const casesOf = (command: CrashCase["command"], seen: string[], then: CrashCase["then"]): CrashCase[] =>
  [...new Set(seen)].flatMap((kind) =>
    victims.flatMap((victim) => moments.map((moment) => ({ command, victim, kind, moment, then }))),
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
