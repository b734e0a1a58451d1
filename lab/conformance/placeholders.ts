/**
 * `$m1`, `$subnet2`, ...: bound to the value in the answer where they first occur, equal from then on, filled into requests.
 * `$any` and `$time` stand for anything and are never bound.
 */

const placeholder = /\$(any|opt|time|(?:adminkey|userkey|key|tok)\d*(?:\.(?:consumer|token|secret))?|[a-z]+\d+)/g;

/** Kinds whose values are texts; all others are integers when they stand alone. */
const textKinds = new Set(["m", "rack", "key", "tok", "mac", "host", "adminkey", "userkey"]);

const kindOf = (name: string): string => /^[a-z]+/.exec(name)?.[0] ?? name;

const isText = (name: string): boolean => textKinds.has(kindOf(name)) || name.includes(".");

export type Bound = string | number | boolean;

export class UnboundPlaceholder extends Error {}

export class Placeholders {
  readonly #values = new Map<string, Bound>();

  constructor(keys: { adminkey: string; userkey: string }) {
    for (const [name, key] of Object.entries(keys)) {
      const [consumer = "", token = "", secret = ""] = key.split(":");
      this.#values.set(name, key);
      this.#values.set(`${name}.consumer`, consumer);
      this.#values.set(`${name}.token`, token);
      this.#values.set(`${name}.secret`, secret);
    }
  }

  /** A request's text with every placeholder replaced. */
  fill(text: string): string {
    return text.replace(placeholder, (_all, name: string) => String(this.value(name)));
  }

  value(name: string): Bound {
    const value = this.#values.get(name);
    if (value === undefined) throw new UnboundPlaceholder(`placeholder $${name} is not bound by an earlier answer`);
    return value;
  }

  /** An object's key may be one: a system_id. */
  key(text: string): string {
    return text.startsWith("$") ? String(this.#values.get(text.slice(1)) ?? text) : text;
  }

  /** Whether `got` is what the text `want` stands for; binds what it meets for the first time. */
  matches(want: string, got: unknown): boolean {
    const names = [...want.matchAll(placeholder)];
    const [first] = names;
    if (!first) return want === got;
    if (names.length === 1 && first[0] === want) return this.#matchesWhole(first[1] ?? "", got);
    return typeof got === "string" && this.#matchesWithin(want, got);
  }

  #matchesWhole(name: string, got: unknown): boolean {
    if (name === "any") return got !== null && got !== undefined;
    if (name === "time") return typeof got === "number" || (typeof got === "string" && got !== "");
    if (!isText(name) && !Number.isInteger(got)) return false;
    const known = this.#values.get(name);
    if (known !== undefined) return known === got;
    if (typeof got !== "string" && typeof got !== "number" && typeof got !== "boolean") return false;
    this.#values.set(name, got);
    return true;
  }

  #matchesWithin(want: string, got: string): boolean {
    const fresh: string[] = [];
    // A line that is nothing but "- $opt" is a list item that may be missing.
    const pieces = want.replace(/^ *- \$opt\n/gm, "$opt").split(placeholder);
    const pattern = pieces.map((piece, index) => (index % 2 === 0 ? escape(piece) : this.#pattern(piece, fresh)));
    const found = new RegExp(`^${pattern.join("")}$`, "s").exec(got);
    if (!found) return false;
    for (const [index, name] of fresh.entries()) {
      const value = found[index + 1] ?? "";
      this.#values.set(name, !isText(name) && /^\d+$/.test(value) ? Number(value) : value);
    }
    return true;
  }

  #pattern(name: string, fresh: string[]): string {
    if (name === "any") return ".*?";
    if (name === "time") return ".+?";
    if (name === "opt") return "(?: *- \\S+\\n)?";
    const known = this.#values.get(name);
    if (known !== undefined) return escape(String(known));
    const at = fresh.indexOf(name);
    if (at >= 0) return `\\${String(at + 1)}`;
    fresh.push(name);
    return "([^/\\s'\"(),&]+)";
  }
}

const escape = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
