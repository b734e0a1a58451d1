/** Reading and checking form fields as Django's forms do, with their words (facts: maas.md 1.4, 1.6). */
import type { ApiError, Fields } from "./operation.ts";
import { fieldErrors, refusal } from "./reply.ts";

export const requiredMessage = "This field is required.";
export const invalidChoice = "Select a valid choice. That choice is not one of the available choices.";

/** Collects the errors of one form, in the order they were found; MAAS tells them all at once. */
export class FormErrors {
  // Fields are named by whoever sends them: also "constructor" is none yet.
  readonly #errors = Object.create(null) as Record<string, string[]>;

  add(field: string, message: string): void {
    (this.#errors[field] ??= []).push(message);
  }

  has(field: string): boolean {
    return field in this.#errors;
  }

  get any(): boolean {
    return Object.keys(this.#errors).length > 0;
  }

  error(): ApiError {
    return fieldErrors({ ...this.#errors });
  }

  throwIfAny(): void {
    if (this.any) throw this.error();
  }
}

interface TextRules {
  /** The instance's value on an update: a field that was not sent keeps it. */
  current?: string | undefined;
  required?: boolean;
  /** Else "Enter a valid value." */
  pattern?: RegExp;
  max?: number;
}

/** A CharField: trimmed; "" when not sent and without `current`. */
export function readText(form: Fields, errors: FormErrors, name: string, rules: TextRules = {}): string {
  const value = (form.get(name) ?? rules.current ?? "").trim();
  if (value === "") {
    if (rules.required) errors.add(name, requiredMessage);
    return value;
  }
  const { max, pattern } = rules;
  if (max !== undefined && value.length > max)
    errors.add(name, `Ensure this value has at most ${String(max)} characters (it has ${String(value.length)}).`);
  if (pattern && !pattern.test(value)) errors.add(name, "Enter a valid value.");
  return value;
}

interface IntegerRules {
  current?: number | null | undefined;
  required?: boolean;
  min?: number;
  max?: number;
}

/** An IntegerField: null when empty. */
export function readInteger(form: Fields, errors: FormErrors, name: string, rules: IntegerRules = {}): number | null {
  const text = form.get(name)?.trim();
  if (text === undefined || text === "") {
    if (text === undefined && rules.current !== undefined) return rules.current;
    if (rules.required) errors.add(name, requiredMessage);
    return null;
  }
  if (!/^[+-]?\d+(\.0*)?$/.test(text)) {
    errors.add(name, "Enter a whole number.");
    return null;
  }
  const value = Number.parseInt(text, 10);
  if (rules.min !== undefined && value < rules.min)
    errors.add(name, `Ensure this value is greater than or equal to ${String(rules.min)}.`);
  if (rules.max !== undefined && value > rules.max)
    errors.add(name, `Ensure this value is less than or equal to ${String(rules.max)}.`);
  return value;
}

/** A checkbox: everything but "" and "false" is true, also "0" and "no" (facts: maas.md trap 1). */
export function readCheckbox(form: Fields, name: string, current: boolean): boolean {
  const text = form.get(name);
  if (text === undefined) return current;
  return text !== "" && text.toLowerCase() !== "false";
}

const truths = new Set(["true", "t", "yes", "y", "on", "1"]);
const falsehoods = new Set(["false", "f", "no", "n", "off", "0"]);

/** MAAS's StringBool parameters (`commission`, `dry_run`, ...): anything else is a 400 text. */
export function readStringBool(form: Fields, name: string, missing: boolean): boolean {
  const text = form.get(name);
  if (text === undefined) return missing;
  const word = text.trim().toLowerCase();
  if (truths.has(word)) return true;
  if (falsehoods.has(word)) return false;
  throw refusal(400, `Invalid ${name}: Value should be 'true' or 'false'`);
}

/** A parameter read before any form: its absence is a 400 text. */
export function mandatory(fields: Fields, name: string): string {
  const value = fields.get(name);
  if (value === undefined) throw refusal(400, `No provided ${name}!`);
  return value;
}

/** `'x' is not a valid mode.  It should be one of: 'a', 'b'.` */
export const invalidChoiceText = (field: string, value: string, choices: readonly string[]): string =>
  `'${value}' is not a valid ${field}.  It should be one of: ${choices.map((choice) => `'${choice}'`).join(", ")}.`;
