/** `scripts/`: commissioning, test and release scripts, by name (facts: maas.md 2.9). Writes are for administrators. */
import { at, withoutSlash } from "../operation.ts";
import type { Send } from "../operation.ts";

export type ScriptType = "commissioning" | "testing" | "release";

export interface Script {
  id: number;
  name: string;
  title: string;
  /** 0 commissioning, 2 testing, 3 release. */
  type: number;
  type_name: string;
  /** MAAS adds the kind of hardware, and "destructive". */
  tags: string[];
  destructive: boolean;
  /** "0:05:00". */
  timeout: string;
  /** MAAS brings it along: it can be neither deleted nor rewritten. */
  default: boolean;
  /** The newest first. */
  history: { id: number; comment: string | null; /** Base64; only when it was asked for. */ data?: string }[];
}

export interface ScriptFields {
  script: string;
  /** Of this version; at most 255 characters. */
  comment: string;
  type?: ScriptType;
  /** Comma list. The YAML in a new version does not change them, only this does (forms/script.py). */
  tags?: string;
  /** Seconds. As with tags. */
  timeout?: string;
}

export const scriptsApi = (send: Send) => ({
  list: (filter: { type?: ScriptType } = {}) =>
    send<Script[]>({ method: "GET", path: at("scripts"), query: { ...filter }, doing: "listing scripts" }),

  read: (name: string) =>
    send.orUndefined<Script>({ method: "GET", path: withoutSlash("scripts", name), doing: `reading script ${name}` }),

  /** With the text of each of its versions. */
  readWithContent: (name: string) =>
    send.orUndefined<Script>({
      method: "GET",
      path: withoutSlash("scripts", name),
      query: { include_script: true },
      doing: `reading script ${name}`,
    }),

  /** A name that exists is `refused` with `fields.name`. */
  create: (fields: ScriptFields & { name: string }) =>
    send<Script>({
      method: "POST",
      path: at("scripts"),
      form: { ...fields },
      doing: `uploading script ${fields.name}`,
      repeating: "harm",
    }),

  /** A new version; the same text again is none. */
  update: (name: string, fields: ScriptFields) =>
    send<Script>({
      method: "PUT",
      path: withoutSlash("scripts", name),
      form: { ...fields },
      doing: `uploading a new version of script ${name}`,
    }),

  /** Gone already is fine. */
  delete: async (name: string): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: withoutSlash("scripts", name),
      doing: `deleting script ${name}`,
    });
  },
});

export type ScriptsApi = ReturnType<typeof scriptsApi>;
