/**
 * Checks of inputs that report everything wrong at once, each with the property's path and what to write instead.
 * A value that is unknown in a preview passes: it is checked when it is known. The engine prints the value of a
 * property that fails, so no secret may ever be an input.
 */
import { durationProblem } from "./duration.ts";
import { suggestion } from "./nearest.ts";
import { isUnknown } from "./unknown.ts";

export interface CheckFailure {
  property: string;
  reason: string;
}

/** What is wrong with a value, or undefined when nothing is. */
export type Problem = (value: string) => string | undefined;

export class Check {
  readonly failures: CheckFailure[] = [];
  private readonly inputs: Record<string, unknown>;

  constructor(inputs: Record<string, unknown>) {
    this.inputs = inputs;
  }

  fail(path: string, reason: string): void {
    this.failures.push({ property: path, reason });
  }

  /** The value at a path such as "power.address" or "bridges[0].name", or undefined. Unknown values come back as undefined too. */
  value(path: string): unknown {
    let value: unknown = this.inputs;
    for (const key of path.split(/[.[\]]+/).filter((key) => key !== "")) {
      if (typeof value !== "object" || value === null) return undefined;
      value = (value as Record<string, unknown>)[key];
    }
    return isUnknown(value) ? undefined : value;
  }

  /** True when nothing was written at this path (an unknown value counts as written). */
  absent(path: string): boolean {
    const dot = path.lastIndexOf(".");
    const parent = dot < 0 ? this.inputs : this.value(path.slice(0, dot));
    if (typeof parent !== "object" || parent === null) return true;
    const value = (parent as Record<string, unknown>)[path.slice(dot + 1)];
    return value === undefined || value === null || value === "";
  }

  required(path: string, example: string): void {
    if (this.absent(path)) this.fail(path, `is missing; write for example ${example}`);
  }

  /** A text with something wrong about it, told by `problem`. */
  text(path: string, problem?: Problem): void {
    const value = this.value(path);
    if (value === undefined || value === null) return;
    if (typeof value !== "string") this.fail(path, `must be a text, not ${kindOf(value)}`);
    else this.tell(path, problem?.(value));
  }

  /** A list of texts, each judged by itself and against the ones before it. */
  texts(path: string, problem?: Problem): void {
    const value = this.value(path);
    if (value === undefined || value === null) return;
    if (!Array.isArray(value)) {
      this.fail(path, `must be a list of texts, not ${kindOf(value)}`);
      return;
    }
    value.forEach((item: unknown, index) => {
      const here = `${path}[${String(index)}]`;
      if (typeof item !== "string") this.fail(here, `must be a text, not ${kindOf(item)}`);
      else if (value.indexOf(item) < index) this.fail(here, `"${item}" is there twice; take one out`);
      else this.tell(here, problem?.(item));
    });
  }

  /** How many items a list has, also of unknown ones; undefined when there is none, or the list itself is unknown. */
  listed(path: string): number | undefined {
    const list = this.inputs[path];
    return Array.isArray(list) ? list.length : undefined;
  }

  oneOf(path: string, choices: readonly string[]): void {
    this.text(path, (value) =>
      choices.includes(value) ? undefined : `"${value}" is unknown${suggestion(value, choices)}`,
    );
  }

  /** A whole number from `least` to `most`. @param hint what they mean, e.g. "0 is untagged" */
  wholeNumber(path: string, least: number, most: number, hint?: string): void {
    const value = this.value(path);
    if (value === undefined || value === null) return;
    const range = `a whole number from ${String(least)} to ${String(most)}${hint === undefined ? "" : ` (${hint})`}`;
    if (typeof value !== "number") this.fail(path, `must be ${range}, not ${kindOf(value)}`);
    else if (!Number.isInteger(value) || value < least || value > most) {
      this.fail(path, `is ${String(value)}; write ${range}`);
    }
  }

  flag(path: string): void {
    const value = this.value(path);
    if (value !== undefined && value !== null && typeof value !== "boolean") {
      this.fail(path, `must be true or false, not ${kindOf(value)}`);
    }
  }

  /** A whole number from one to another, e.g. `check.integer("ttl", { from: 1, to: 604800, unit: "seconds" })`. */
  integer(path: string, { from, to, unit }: { from: number; to: number; unit?: string }): void {
    const value = this.value(path);
    if (value === undefined || value === null) return;
    if (typeof value !== "number") {
      this.fail(path, `must be a number${unit === undefined ? "" : ` of ${unit}`}, not ${kindOf(value)}`);
    } else if (!Number.isInteger(value) || value < from || value > to) {
      this.fail(path, `${String(value)} cannot be; write a whole number from ${String(from)} to ${String(to)}`);
    }
  }

  duration(path: string): void {
    const value = this.value(path);
    if (value === undefined || value === null) return;
    const problem = durationProblem(value);
    const written = typeof value === "string" || typeof value === "number" ? `"${String(value)}"` : kindOf(value);
    if (problem !== undefined) this.fail(path, `${written} ${problem}`);
  }

  /** Names that nobody reads are slips: tell the nearest right one. @param explain says more about some of them */
  onlyKnown(known: readonly string[], path = "", explain?: (name: string) => string | undefined): void {
    const value = path === "" ? this.inputs : this.value(path);
    if (typeof value !== "object" || value === null || Array.isArray(value)) return;
    for (const key of Object.keys(value)) {
      if (key.startsWith("__") || known.includes(key)) continue;
      const reason = explain?.(key) ?? `is not known here${suggestion(key, known)}`;
      this.fail(path === "" ? key : `${path}.${key}`, reason);
    }
  }

  private tell(path: string, problem: string | undefined): void {
    if (problem !== undefined) this.fail(path, problem);
  }
}

const kindOf = (value: unknown): string => (Array.isArray(value) ? "a list" : `a ${typeof value}`);
