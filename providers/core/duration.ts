/** Durations as a person writes and reads them: "90 seconds", "30 minutes", "1 hour". */
import { ProviderError } from "./errors.ts";

type Unit = "second" | "seconds" | "minute" | "minutes" | "hour" | "hours";

/** A number and its unit, checked by the compiler. */
export type Duration = `${number} ${Unit}`;

const MILLISECONDS: Record<string, number> = { second: 1_000, minute: 60_000, hour: 3_600_000 };
const PATTERN = /^(\d+(?:\.\d+)?) (second|minute|hour)s?$/;

/** What is wrong with a text that should be a duration, or undefined when nothing is. */
export function durationProblem(text: unknown): string | undefined {
  if (typeof text === "string" && PATTERN.test(text)) return undefined;
  const bare = /^\s*(\d+(?:\.\d+)?)\s*$/.exec(String(text));
  if (bare) return `has no unit; write for example "${bare[1] ?? ""} minutes"`;
  return 'is not a duration; write a number and seconds, minutes or hours, for example "30 minutes"';
}

export function milliseconds(duration: Duration): number {
  const match = PATTERN.exec(duration);
  const factor = MILLISECONDS[match?.[2] ?? ""];
  if (!match || factor === undefined) {
    throw new ProviderError("bad-input", `"${duration}" ${durationProblem(duration) ?? ""}`);
  }
  return Number(match[1]) * factor;
}

/** "45 s", "3 min 05 s", "1 h 02 min": short enough for a status column. */
export function clockText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${String(seconds)} s`;
  const two = (n: number) => String(n).padStart(2, "0");
  if (seconds < 3600) return `${String(Math.floor(seconds / 60))} min ${two(seconds % 60)} s`;
  return `${String(Math.floor(seconds / 3600))} h ${two(Math.floor((seconds % 3600) / 60))} min`;
}
