/** One call of MAAS's API as data: what the functions in api/ make and what the client sends. */
import { ProviderError } from "../core/errors.ts";

export type ParamValue = string | number | boolean | readonly (string | number)[];

/** Parameters by their names on the wire. Lists repeat the key; undefined is left out. */
export type Params = Readonly<Record<string, ParamValue | undefined>>;

export interface Operation {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/MAAS/api/2.0/`, made by `at`. */
  path: string;
  op?: string;
  query?: Params;
  form?: Params;
  /** For messages, after "while": "reading machine abc123". */
  doing: string;
  /**
   * What sending it a second time would do. "nothing": no more than the first time, so a lost answer is asked for again.
   * "harm": an error, or twice the effect, so a lost answer is an `ambiguous` error and the caller reads and compares.
   * @default "nothing"
   */
  repeating?: "nothing" | "harm";
  /** A few operations answer a plain sentence. @default "json" */
  answers?: "json" | "text";
  /** MAAS runs the machine's power inside the request, which may take minutes (facts: maas.md trap 14). @default false */
  power?: boolean;
  /** Tries altogether, for a caller that tries again by itself. @default 4 */
  tries?: number;
  signal?: AbortSignal | undefined;
}

/** Sends an operation and gives the parsed answer; throws a ProviderError. */
export interface Send {
  <Answer>(operation: Operation): Promise<Answer>;
  /** As above, but a thing that is not there is undefined. */
  orUndefined<Answer>(operation: Operation): Promise<Answer | undefined>;
}

/**
 * A path from its segments, with the slash at its end without which MAAS answers 404 (facts: maas.md trap 2). An empty
 * segment would silently turn one machine into the list of all (1.4), so it is refused.
 */
export const at = (...segments: (string | number)[]): string => `${withoutSlash(...segments)}/`;

/** The few paths that have no slash at their end: `scripts/{name}`. */
export const withoutSlash = (...segments: (string | number)[]): string =>
  segments
    .map((segment) => {
      const text = String(segment);
      if (text.trim() === "" || text === "." || text === "..") {
        throw new ProviderError(
          "unexpected",
          `An empty id in a path of MAAS: ${segments.join("/")}. Nothing was sent.`,
        );
      }
      return encodeURIComponent(text);
    })
    .join("/");
