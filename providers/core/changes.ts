/**
 * What a change of an input means, as data: one rule an input, so that an input without a rule does not compile.
 *
 * - `"update"`: put right in place.
 * - `"ignore"`: takes effect by itself the next time it matters (a timeout, say); no step in the plan.
 * - `{ replace: "..." }`: the thing is made anew; the text tells in the preview what that costs. With `evenUnknown` also
 *   when the new value is not known yet: for what must be gone before the thing it depends on can be made anew.
 */
import { isDeepStrictEqual } from "node:util";
import { isUnknown } from "./unknown.ts";

export type ChangeRule = "update" | "ignore" | { replace: string; evenUnknown?: boolean };

export type Changes<Inputs> = { readonly [Key in keyof Required<Inputs>]: ChangeRule };

export interface Difference {
  /** Inputs whose change calls for an update or a replacement. */
  changed: string[];
  /** The ones among them that replace, and what that means. */
  replaces: { input: string; because: string }[];
}

/** Compares what is (the state) with what is asked for. An unknown value decides on a replacement only by rule. */
export function difference<Inputs extends object>(
  changes: Changes<Inputs>,
  state: Record<string, unknown>,
  inputs: Record<string, unknown>,
): Difference {
  const result: Difference = { changed: [], replaces: [] };
  for (const [input, rule] of Object.entries<ChangeRule>(changes)) {
    if (rule === "ignore" || isDeepStrictEqual(state[input], inputs[input])) continue;
    result.changed.push(input);
    if (typeof rule === "object" && (rule.evenUnknown === true || !isUnknown(inputs[input]))) {
      result.replaces.push({ input, because: rule.replace });
    }
  }
  return result;
}
