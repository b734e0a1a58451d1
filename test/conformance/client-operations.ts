/** Every operation that the client (providers/maas/api) can send, found by calling each of its functions with something. */
import { readdirSync } from "node:fs";
import type { Operation as LabOperation } from "../../lab/maas/operation.ts";
import { findOperation, Routes } from "../../lab/maas/routes.ts";
import type { Operation, Send } from "../../providers/maas/operation.ts";

const directory = new URL("../../providers/maas/api/", import.meta.url);

type Api = Record<string, (...given: unknown[]) => unknown>;

/** Has whatever is asked for; nothing of it is sent. */
const fields: unknown = new Proxy(
  {},
  {
    get: (target, name) => (name in target || typeof name === "symbol" ? Reflect.get(target, name) : ["1"]) as unknown,
  },
);

/** What a function may want: ids and names, lists of them, and objects of fields. */
const attempts: readonly unknown[][] = [
  ["1", "1", "1", fields, fields],
  ["1", "1", fields],
  ["1", fields, fields],
  [fields, fields],
  [["1"], ["1"], fields],
  ["1", ["1"], fields],
];

interface ClientOperations {
  /** By `machinesApi.deploy`. */
  sent: { by: string; method: Operation["method"]; path: string; op?: string | undefined }[];
  /** Functions that sent nothing, whatever they were given. */
  silent: string[];
}

/** What of it the lab doesn't have, by the client's function. */
export async function clientCoverage(
  operations: readonly LabOperation[],
): Promise<{ called: number; missing: string[] }> {
  const routes = new Routes(operations);
  const { sent, silent } = await clientOperations();
  const missing = sent.filter(({ method, path, op }) => {
    const match = routes.match(decodeURIComponent(path));
    return !match || !findOperation(match.resource, method, op);
  });
  return {
    called: new Set(sent.map(({ by }) => by)).size,
    missing: [...silent.map((by) => `${by} could not be called`), ...new Set(missing.map(({ by }) => by))],
  };
}

async function clientOperations(): Promise<ClientOperations> {
  const found: ClientOperations = { sent: [], silent: [] };
  for (const file of readdirSync(directory).filter((name) => name.endsWith(".ts"))) {
    const module = (await import(new URL(file, directory).href)) as Record<string, unknown>;
    for (const [name, make] of Object.entries(module))
      if (name.endsWith("Api") && typeof make === "function") await callAll(name, make as (send: Send) => Api, found);
  }
  return found;
}

async function callAll(name: string, make: (send: Send) => Api, { sent, silent }: ClientOperations): Promise<void> {
  const note: Operation[] = [];
  const record = (operation: Operation): Promise<never> => {
    note.push(operation);
    return Promise.resolve([] as never);
  };
  const api = make(Object.assign(record, { orUndefined: record }) as Send);
  for (const [method, call] of Object.entries(api)) {
    note.length = 0;
    for (const given of attempts)
      try {
        await call(...given);
      } catch {
        // It wanted something else.
      }
    if (note.length === 0) silent.push(`${name}.${method}`);
    for (const { method: verb, path, op } of note) sent.push({ by: `${name}.${method}`, method: verb, path, op });
  }
}
