/** Whether a text is an XPath 1.0 expression, as far as a tag's definition needs it: nothing is evaluated. */

const token =
  /\s*(?:(?<string>"[^"]*"|'[^']*')|(?<number>\d+(?:\.\d*)?|\.\d+)|(?<name>\*|(?:[\p{L}_][\p{L}\p{N}_.-]*)(?::(?!:)(?:[\p{L}_][\p{L}\p{N}_.-]*|\*))?)|(?<sign>\/\/|::|\.\.|!=|<=|>=|[/()[\]@,.$|+\-=<>]))/uy;

interface Token {
  kind: "string" | "number" | "name" | "sign" | "end";
  text: string;
}

function tokens(text: string): Token[] | undefined {
  const found: Token[] = [];
  token.lastIndex = 0;
  while (token.lastIndex < text.trimEnd().length) {
    const groups = token.exec(text)?.groups;
    if (!groups) return undefined;
    for (const kind of ["string", "number", "name", "sign"] as const) {
      const value = groups[kind];
      if (value !== undefined) found.push({ kind, text: value });
    }
  }
  return found;
}

export function isXPath(text: string): boolean {
  const all = tokens(text);
  if (!all || all.length === 0) return false;
  const reader = new XPathReader(all);
  return reader.expression() && reader.atEnd;
}

const operators = new Set(["or", "and", "div", "mod", "*", "=", "!=", "<", "<=", ">", ">=", "+", "-", "|"]);

class XPathReader {
  readonly #tokens: Token[];
  #at = 0;

  constructor(all: Token[]) {
    this.#tokens = all;
  }

  get atEnd(): boolean {
    return this.#at === this.#tokens.length;
  }

  expression(): boolean {
    while (this.#take("-"));
    if (!this.#operand()) return false;
    while (operators.has(this.#peek().text) && this.#peek().kind !== "string") {
      this.#at += 1;
      while (this.#take("-"));
      if (!this.#operand()) return false;
    }
    return true;
  }

  #operand(): boolean {
    const { kind, text } = this.#peek();
    const called = kind === "name" && this.#peek(1).text === "(" && this.#peek(1).kind === "sign";
    const isPrimary = kind === "string" || kind === "number" || text === "(" || text === "$" || called;
    if (!isPrimary) return this.#path();
    if (!this.#primary()) return false;
    while (this.#peek().text === "[") if (!this.#predicate()) return false;
    return this.#take("/") || this.#take("//") ? this.#steps() : true;
  }

  #primary(): boolean {
    const { kind, text } = this.#peek();
    this.#at += 1;
    if (kind === "string" || kind === "number") return true;
    if (text === "$") return this.#takeName();
    if (text === "(") return this.expression() && this.#take(")");
    this.#at += 1;
    if (this.#take(")")) return true;
    do if (!this.expression()) return false;
    while (this.#take(","));
    return this.#take(")");
  }

  #path(): boolean {
    if (this.#take("//")) return this.#steps();
    if (this.#take("/")) return this.#startsStep() ? this.#steps() : true;
    return this.#steps();
  }

  #steps(): boolean {
    do if (!this.#step()) return false;
    while (this.#take("/") || this.#take("//"));
    return true;
  }

  #startsStep(): boolean {
    const { kind, text } = this.#peek();
    return kind === "name" || text === "@" || text === "." || text === "..";
  }

  #step(): boolean {
    if (this.#take(".") || this.#take("..")) return true;
    if (!this.#take("@") && this.#peek(1).text === "::") this.#at += 2;
    if (!this.#takeName()) return false;
    if (this.#take("(")) {
      if (this.#peek().kind === "string") this.#at += 1;
      if (!this.#take(")")) return false;
    }
    while (this.#peek().text === "[") if (!this.#predicate()) return false;
    return true;
  }

  #predicate(): boolean {
    return this.#take("[") && this.expression() && this.#take("]");
  }

  #peek(ahead = 0): Token {
    return this.#tokens[this.#at + ahead] ?? { kind: "end", text: "" };
  }

  #take(sign: string): boolean {
    const next = this.#peek();
    if (next.kind !== "sign" || next.text !== sign) return false;
    this.#at += 1;
    return true;
  }

  #takeName(): boolean {
    if (this.#peek().kind !== "name") return false;
    this.#at += 1;
    return true;
  }
}
