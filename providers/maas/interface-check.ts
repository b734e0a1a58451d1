/** What is wrong with names, MTUs and parents of interfaces; MAAS itself takes some that no Linux does. */
import type { Check } from "../core/check.ts";
import { isUnknown } from "../core/unknown.ts";
import { macProblem } from "./addresses.ts";
import { claims } from "./claims.ts";
import type { Claims } from "./claims.ts";
import type { Origin } from "./origin.ts";
import { cardKey, machineKey } from "./interface-reference.ts";
import type { Reference } from "./interface-reference.ts";

/** Linux's limit, in bytes; MAAS takes longer ones, which fail on the host (facts: maas.md trap 11). */
const LONGEST_NAME = 15;

export function interfaceNameProblem(name: string): string | undefined {
  if (!/^[\w\-_.:]+$/.test(name) || name === "." || name === "..") {
    return `"${name}" is no name for an interface; write letters, digits, dashes, underscores, dots and colons, for example "br-ex"`;
  }
  const bytes = Buffer.byteLength(name);
  return bytes > LONGEST_NAME
    ? `"${name}" has ${String(bytes)} bytes; Linux allows ${String(LONGEST_NAME)}: write "${name.slice(0, LONGEST_NAME)}" or shorter`
    : undefined;
}

/** MAAS's own smallest, and the largest that an IPv4 packet can be. */
const MTU = { least: 552, most: 65_535 };

/** @param parents what the program says of the parents */
export function checkMtu(check: Check, parents: Origin[] = []): void {
  check.wholeNumber("mtu", MTU.least, MTU.most, "1500 is usual, 9000 with jumbo frames");
  const mtu = check.value("mtu");
  if (typeof mtu !== "number") return;
  const least = Math.min(...parents.flatMap((parent) => (typeof parent.mtu === "number" ? parent.mtu : [])));
  if (mtu > least) {
    check.fail(
      "mtu",
      `${String(mtu)} is larger than its parent's, ${String(least)}; write at most that, or give the parent more`,
    );
  }
}

export const checkTags = (check: Check): void => {
  check.texts("tags", (tag) =>
    /^[\w.-]+$/.test(tag) ? undefined : `"${tag}" is no tag; write letters, digits, dots, dashes and underscores`,
  );
};

interface Parents {
  /** As written; `origin` stands beside them by position. */
  references: { path: string; reference: Reference; origin: Origin }[];
  /** Set where MAAS drops the links of what is below: what the kind calls itself, "bridge" or "bond". */
  kind?: string;
}

/**
 * A name is there once a machine, and a card is under one bridge or bond at most. Links belong on what is on top: MAAS
 * drops those of a card below without a word (facts: maas.md trap 9).
 */
export function claimInterface(check: Check, urn: string, { references, kind }: Parents): Claims {
  const mine = claims(check, urn);
  for (const { path, reference, origin } of references) {
    const key = cardKey(reference, origin);
    if (key === undefined || isUnknown(key)) continue;
    if (reference.macAddress !== undefined && macProblem(reference.macAddress) !== undefined) continue;
    mine.claim(
      `below ${key}`,
      path,
      (holder) => `is under ${holder} already; an interface is in one bridge or bond at most`,
    );
    if (kind === undefined) continue;
    mine.note(`over ${key}`);
    const linked = mine.holder(`link on ${key}`);
    if (linked !== undefined) {
      check.fail(
        path,
        `has the link ${linked}, which MAAS drops when there is a ${kind} over it; link the ${kind} instead (\`interface: ${kind}.id\`)`,
      );
    }
  }
  const [first] = references;
  if (first) claimName(check, mine, machineKey(check, first.reference));
  return mine;
}

export function claimName(check: Check, mine: Claims, machine: string | undefined): void {
  const name = check.value("name");
  if (typeof name !== "string" || machine === undefined || isUnknown(machine)) return;
  mine.claim(
    `interface ${name} of ${machine}`,
    "name",
    (holder) => `"${name}" is the name of ${holder} on the same machine; each has its own`,
  );
}
