/** Whether an answer is the recorded one, by the rules of the transcripts' README. */
import type { Json } from "../maas/state.ts";
import type { Answer } from "./client.ts";
import type { Placeholders } from "./placeholders.ts";
import type { RequestRecord } from "./transcript.ts";

export interface Difference {
  where: string;
  want: unknown;
  got: unknown;
}

/** Lists whose order means nothing: sorted by name before they are compared. */
const unordered = new Set(["service_set", "tag_names", "capabilities"]);

export function differences(record: RequestRecord, answer: Answer, placeholders: Placeholders): Difference[] {
  const found: Difference[] = [];
  const comparison = new Comparison(placeholders, found);
  const expect = (where: string, want: unknown, got: unknown): void => {
    if (want !== got) found.push({ where, want, got });
  };
  expect("status", record.status, answer.status);
  expect("content_type", mediaType(record.content_type), mediaType(answer.headers["content-type"]));
  expect("retry_after", record.retry_after ?? null, answer.headers["retry-after"] ?? null);
  for (const [name, want] of Object.entries(record.headers ?? {}))
    comparison.equal(want, answer.headers[name.toLowerCase()], `header.${name}`);
  compareBody(record, parsed(answer), comparison);
  return found;
}

function compareBody(record: RequestRecord, got: unknown, comparison: Comparison): void {
  switch (record.compare ?? "full") {
    case "status":
      return;
    case "shape":
      comparison.shape(record.body, got, "body");
      return;
    case "sections":
      for (const name of record.sections ?? [])
        comparison.equal(section(record.body, name), section(got, name), `body.${name}`);
      return;
    case "full":
      comparison.equal(record.body, got, "body");
  }
}

const mediaType = (type: string | null | undefined): string => (type ?? "").split(";")[0]?.trim() ?? "";

function parsed({ headers, body }: Answer): unknown {
  if (body === "" || !(headers["content-type"] ?? "").startsWith("application/json")) return body;
  try {
    return JSON.parse(body) as unknown;
  } catch {
    return body;
  }
}

/** One top-level block of a YAML text, with its name. */
function section(text: unknown, name: string): string {
  if (typeof text !== "string") return "";
  const lines = text.split("\n");
  const start = lines.indexOf(`${name}:`);
  if (start < 0) return "";
  const length = lines.slice(start + 1).findIndex((line) => line !== "" && !/^[ -]/.test(line));
  const end = length < 0 ? lines.length - 1 : start + 1 + length;
  return lines
    .slice(start, end)
    .map((line) => `${line}\n`)
    .join("");
}

type JsonObject = Record<string, unknown>;

const isObject = (value: unknown): value is JsonObject =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const nameOf = (value: unknown): string => String(isObject(value) ? value["name"] : value);

const byName = (list: unknown[]): unknown[] =>
  list.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : 0));

class Comparison {
  readonly #placeholders: Placeholders;
  readonly #found: Difference[];

  constructor(placeholders: Placeholders, found: Difference[]) {
    this.#placeholders = placeholders;
    this.#found = found;
  }

  equal(want: unknown, got: unknown, where: string): void {
    if (typeof want === "string") this.#expect(this.#placeholders.matches(want, got), where, want, got);
    else if (Array.isArray(want)) this.#equalLists(want, got, where);
    else if (isObject(want)) this.#equalObjects(want, got, where);
    else this.#expect(want === got, where, want, got);
  }

  #expect(ok: boolean, where: string, want: unknown, got: unknown): void {
    if (!ok) this.#found.push({ where, want, got });
  }

  #equalLists(want: unknown[], got: unknown, where: string): void {
    this.#expect(Array.isArray(got) && got.length === want.length, where, want, got);
    if (!Array.isArray(got)) return;
    const anyOrder = unordered.has(where.split(".").at(-1) ?? "");
    const [left, right] = anyOrder ? [byName(want), byName(got)] : [want, got as unknown[]];
    for (let index = 0; index < Math.min(left.length, right.length); index += 1)
      this.equal(left[index], right[index], `${where}[${String(index)}]`);
  }

  #equalObjects(want: JsonObject, got: unknown, where: string): void {
    if (!isObject(got)) {
      this.#expect(false, where, want, got);
      return;
    }
    const wanted = new Map(Object.entries(want).map(([key, value]) => [this.#placeholders.key(key), value]));
    for (const [key, value] of wanted)
      if (key in got) this.equal(value, got[key], `${where}.${key}`);
      else this.#expect(false, `${where}.${key}`, value, "<missing>");
    for (const [key, value] of Object.entries(got)) this.#expect(wanted.has(key), `${where}.${key}`, "<absent>", value);
  }

  /** Kinds of values and key sets only; of lists the first element. */
  shape(want: Json, got: unknown, where: string): void {
    if (want === "$any" || want === "$time") return;
    if (isObject(want) && isObject(got)) {
      for (const key of new Set([...Object.keys(want), ...Object.keys(got)])) {
        const inBoth = key in want && key in got;
        this.#expect(inBoth, `${where}.${key}`, key in want ? "<present>" : "<absent>", got[key] ?? "<missing>");
        if (inBoth) this.shape((want as Record<string, Json>)[key] ?? null, got[key], `${where}.${key}`);
      }
    } else if (Array.isArray(want) && Array.isArray(got)) {
      if (want[0] !== undefined && got.length > 0) this.shape(want[0], got[0], `${where}[0]`);
    } else if (typeof want === "object" || typeof got === "object") {
      this.#expect(
        want === null && !isStructure(got) ? true : !isStructure(want) && !isStructure(got),
        where,
        want,
        got,
      );
    }
  }
}

const isStructure = (value: unknown): boolean => typeof value === "object" && value !== null;
