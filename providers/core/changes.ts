/**
 * What a change of an input means, as data: one rule an input, so that an input without a rule does not compile.
 *
 * - `"update"`: put right in place.
 * - `{ interrupts: "..." }`: put right in place too, but something that runs notices; the text tells in the preview what.
 * - `"ignore"`: takes effect by itself the next time it matters (a timeout, say); no step in the plan.
 * - `{ replace: "..." }`: the thing is made anew; the text tells in the preview what that costs.
 * - `{ redeploy: "..." }`: put right in place while the machine rests; while it is at work (`inUse` of the life cycle) the
 *   thing is made anew, and with it what rests on it: the machine is released first, and deployed again.
 *
 * With `evenUnknown` the last two hold also when the new value is not known yet: for what must be gone before the thing it
 * depends on can be made anew.
 */
import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "./unknown.ts";

export type ChangeRule =
  | "update"
  | "ignore"
  | { interrupts: string }
  | { replace: string; evenUnknown?: boolean }
  | { redeploy: string; evenUnknown?: boolean };

export type Changes<Inputs> = { readonly [Key in keyof Required<Inputs>]: ChangeRule };

/** One input whose change means more than an update, and what it means. */
export interface Consequence {
  input: string;
  because: string;
}

export interface Difference {
  /** Inputs whose change calls for an update or a replacement. */
  changed: string[];
  /** The ones among them that replace, that redeploy a machine at work, that something running notices. */
  replaces: Consequence[];
  redeploys: Consequence[];
  interrupts: Consequence[];
}

/** Compares what is (the state) with what is asked for. An unknown value decides on a replacement only by rule. */
export function difference<Inputs extends object>(
  changes: Changes<Inputs>,
  state: Record<string, unknown>,
  inputs: Record<string, unknown>,
): Difference {
  const result: Difference = { changed: [], replaces: [], redeploys: [], interrupts: [] };
  for (const [input, rule] of Object.entries<ChangeRule>(changes)) {
    if (rule === "ignore" || isDeepStrictEqual(state[input], inputs[input])) continue;
    result.changed.push(input);
    if (rule === "update") continue;
    if ("interrupts" in rule) result.interrupts.push({ input, because: rule.interrupts });
    else if (rule.evenUnknown !== true && isUnknown(inputs[input])) continue;
    else if ("replace" in rule) result.replaces.push({ input, because: rule.replace });
    else result.redeploys.push({ input, because: rule.redeploy });
  }
  return result;
}
