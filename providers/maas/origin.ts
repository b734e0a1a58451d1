/**
 * What the program says about a resource that another one names by `id`. Before the first `up` ids are not known, and
 * `parent: bridge.id` could be anything; but the output handed on is the very one of the resource, whose class has noted
 * here what it is. So a preview can tell a bridge on a bridge without asking MAAS.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";

export interface Origin {
  /** URN of the machine it belongs to. */
  machine?: string;
  type?: "physical" | "bond" | "bridge" | "vlan";
  macAddress?: string;
  mtu?: number;
  /** Of the VLAN that it is to be in. */
  vid?: number;
  /** Of the subnet that it is to be linked to. */
  cidr?: string;
}

type Facts = { [Key in keyof Origin]: pulumi.Input<NonNullable<Origin[Key]>> | undefined };

const facts = new WeakMap<object, Facts>();

export function noteOrigin(id: pulumi.Output<string>, what: Facts): void {
  facts.set(id, what);
}

/** Both as one; undefined where the program says nothing. */
export const bothOf = (one: Facts | undefined, other: Facts | undefined): Facts | undefined =>
  one && other ? { ...other, ...one } : (one ?? other);

/** Undefined for a plain text, and for an output that somebody has computed. */
export const originOf = (reference: unknown): Facts | undefined =>
  typeof reference === "object" && reference !== null ? facts.get(reference) : undefined;

const KEYS = ["machine", "type", "macAddress", "mtu", "vid", "cidr"] as const satisfies (keyof Origin)[];

/** What of it is known already. @param path "origin", or "origin[1]" */
export const originAt = (check: Check, path = "origin"): Origin =>
  Object.fromEntries(
    KEYS.flatMap((key) => {
      const value = check.value(`${path}.${key}`);
      return value === undefined ? [] : [[key, value]];
    }),
  );
