/** `scripts/`: commissioning and test scripts (facts: maas.md 2.9). */
import { at, withoutSlash } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface Script {
  id: number;
  name: string;
  title: string;
  /** 0 commissioning, 2 testing, 3 release. */
  type: number;
  type_name: string;
  tags: string[];
  destructive: boolean;
  /** "0:05:00". */
  timeout: string;
}

export const scriptsApi = (send: Send) => ({
  list: (filter: { type?: "commissioning" | "testing" | "release" } = {}) =>
    send<Script[]>({ method: "GET", path: at("scripts"), query: { ...filter }, doing: "listing scripts" }),

  read: (name: string) =>
    send.orUndefined<Script>({ method: "GET", path: withoutSlash("scripts", name), doing: `reading script ${name}` }),
});

export type ScriptsApi = ReturnType<typeof scriptsApi>;
