/** Host names: what MAAS accepts, and the ones it makes up (facts: maas.md 2.3). */
import { randomInt } from "node:crypto";
import { hostnameProblem } from "./dns-names.ts";
import type { FormErrors } from "./form.ts";
import type { LabState } from "./state.ts";

export interface NamedHost {
  hostname: string;
  domainId: number;
}

/** `name` or `name.domain`; the domain must exist. Errors stand under "hostname". */
export function readHostname(state: LabState, text: string, domainId: number, errors: FormErrors): NamedHost {
  const problem = hostnameProblem(text);
  if (problem !== undefined) {
    errors.add("hostname", problem);
    return { hostname: text, domainId };
  }
  const dot = text.indexOf(".");
  if (dot < 0) return { hostname: text, domainId };
  const domain = Object.values(state.domains).find(({ name }) => name === text.slice(dot + 1));
  if (!domain) errors.add("hostname", "Nonexistant domain.");
  return { hostname: text.slice(0, dot), domainId: domain?.id ?? domainId };
}

export const isHostnameTaken = (state: LabState, hostname: string, self?: { hostname: string }): boolean =>
  [...Object.values(state.machines), ...Object.values(state.devices), ...Object.values(state.controllers)].some(
    (node) => node !== self && node.hostname === hostname,
  );

/** A name that only repeats an address (`10-0-0-1`) is replaced by one that is made up. */
export const isAddressName = (hostname: string): boolean => /^\d{1,3}-\d{1,3}-\d{1,3}-\d{1,3}$/.test(hostname);

const adjectives = [
  "brave",
  "calm",
  "eager",
  "fair",
  "glad",
  "keen",
  "lucky",
  "merry",
  "neat",
  "proud",
  "quick",
  "sound",
];
const animals = [
  "bison",
  "crane",
  "dingo",
  "finch",
  "heron",
  "koala",
  "lemur",
  "moose",
  "otter",
  "quail",
  "robin",
  "stork",
];

export function madeUpHostname(state: LabState): string {
  const pick = (words: string[]): string => words[randomInt(words.length)] ?? "";
  for (;;) {
    const name = `${pick(adjectives)}-${pick(animals)}`;
    if (!isHostnameTaken(state, name)) return name;
    const numbered = `${name}-${String(randomInt(100_000))}`;
    if (!isHostnameTaken(state, numbered)) return numbered;
  }
}
