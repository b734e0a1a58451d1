/** "Did you mean ...?": the choice closest to what was written. */
import { closest, distance } from "fastest-levenshtein";

/** The nearest choice when it is near enough to be a slip of the fingers. */
export function nearest(written: string, choices: readonly string[]): string | undefined {
  if (choices.length === 0) return undefined;
  const best = closest(written, choices);
  return distance(written.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.floor(written.length / 3))
    ? best
    : undefined;
}

/** `; did you mean "jammy"?` where something is near, else the list of choices. */
export function suggestion(written: string, choices: readonly string[]): string {
  const best = nearest(written, choices);
  return best === undefined ? `; write one of ${choices.join(", ")}` : `; did you mean "${best}"?`;
}
