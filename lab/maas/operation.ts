/**
 * What one operation of the simulated MAAS API is: a method, a path, perhaps an `op`, who may call it, and a handler.
 *
 * The server (server.ts) finds the operation, checks the OAuth header and the access, parses query and body into `Fields`,
 * and calls the handler, which works on plain tables (state.ts) and returns a `Reply`. Handlers never see HTTP.
 */
import type { LabState, User } from "./state.ts";

/** Repeatable string parameters, as MAAS reads them from a query or a form. */
export interface Fields {
  /** The last value sent under this name, or undefined when the name was not sent at all. */
  get(name: string): string | undefined;
  /** Every value sent under this name, in order. */
  all(name: string): string[];
  has(name: string): boolean;
  names(): string[];
  /** Whether it came as a file part of a multipart body; MAAS keeps those apart from fields. */
  isFile(name: string): boolean;
}

export interface Call {
  /** null where the operation allows anonymous calls and no valid OAuth header came. */
  user: User | null;
  /** Decoded path parameters by the names used in `Operation.path`. */
  params: Record<string, string>;
  query: Fields;
  form: Fields;
  /** True for a JSON request body: a few operations of MAAS answer 500 to it (facts: maas.md trap 18). */
  isJson: boolean;
  state: LabState;
}

export interface Reply {
  status: number;
  /** Media type with charset, as MAAS sends it. */
  contentType: string;
  /** A JSON value when contentType is JSON, else text. */
  body: unknown;
  headers?: Record<string, string>;
}

export type Access = "anonymous" | "user" | "admin";

export interface Operation {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below /MAAS/api/2.0/, with `:name` for a path parameter, e.g. "machines/:system_id/". */
  path: string;
  /** The value of `op`; absent for the plain verb. */
  op?: string;
  access: Access;
  /** A GET that writes; the other methods are taken to. */
  writes?: true;
  handle(call: Call): Reply | Promise<Reply>;
}

/** Thrown anywhere in a handler to answer with an error; the server turns it into the reply. */
export class ApiError extends Error {
  readonly reply: Reply;
  constructor(reply: Reply) {
    super(`${String(reply.status)} ${JSON.stringify(reply.body)}`);
    this.reply = reply;
  }
}
