/**
 * Which resource of the API a path means, and which operations it has.
 *
 * known-operations.json lists what MAAS itself has (from its OpenAPI generator), so that an operation the lab lacks is told from one
 * that MAAS lacks: the first is 501 by name, the second MAAS's own 400 or 405.
 */
import { readFileSync } from "node:fs";
import type { Operation } from "./operation.ts";

export interface Resource {
  /** As in `Operation.path`. */
  path: string;
  pattern: RegExp;
  paramNames: string[];
  /** By `METHOD` or `METHOD op`. */
  operations: Map<string, Operation>;
  /** Every operation MAAS has here: `METHOD` or `METHOD op`. */
  known: Set<string>;
}

export interface Match {
  resource: Resource;
  params: Record<string, string>;
  /** From a path such as `users/op-whoami`. */
  op?: string;
}

const operationKey = (method: string, op?: string): string => (op ? `${method} ${op}` : method);

/** Methods that some operation of the resource uses, as the Allow header lists them. */
export const allowedMethods = (resource: Resource): string[] =>
  [...new Set([...resource.known].map((key) => key.split(" ")[0] ?? ""))].sort();

export class Routes {
  readonly #resources: Resource[];

  constructor(operations: readonly Operation[]) {
    const byShape = new Map<string, Resource>();
    const resourceAt = (path: string): Resource => {
      const shape = path.replace(/:\w+\+?/g, ":");
      let resource = byShape.get(shape);
      if (!resource) {
        resource = { path, ...compile(path), operations: new Map(), known: new Set() };
        byShape.set(shape, resource);
      }
      return resource;
    };
    for (const operation of operations) {
      const resource = resourceAt(operation.path);
      const key = operationKey(operation.method, operation.op);
      if (resource.operations.has(key)) throw new Error(`Two handlers for ${key} ${operation.path}`);
      resource.operations.set(key, operation);
      resource.known.add(key);
    }
    for (const { method, path, op } of knownOperations()) resourceAt(path).known.add(operationKey(method, op));
    // The one with the fewest parameters first: `account/prefs/sshkeys/` must not be taken for an item.
    this.#resources = [...byShape.values()].sort((a, b) => a.paramNames.length - b.paramNames.length);
  }

  /** `path` is decoded and stands below /MAAS/api/2.0/. */
  match(path: string): Match | undefined {
    for (const resource of this.#resources) {
      const found = resource.pattern.exec(path);
      if (found) return { resource, params: paramsOf(resource, found) };
    }
    const withOp = /^(.*\/)op-([a-z_]+)$/.exec(path);
    const base = withOp?.[1] === undefined ? undefined : this.match(withOp[1]);
    const op = withOp?.[2];
    if (!base || op === undefined) return undefined;
    const exists = [...base.resource.known].some((key) => key.endsWith(` ${op}`));
    return exists ? { ...base, op } : undefined;
  }
}

export const findOperation = (resource: Resource, method: string, op: string | undefined): Operation | undefined =>
  resource.operations.get(operationKey(method, op));

export const isKnown = (resource: Resource, method: string, op: string | undefined): boolean =>
  resource.known.has(operationKey(method, op));

/** `:name` is one segment; `:name+` may hold slashes (a subnet's CIDR). */
function compile(path: string): { pattern: RegExp; paramNames: string[] } {
  const paramNames: string[] = [];
  const source = path.replace(/[.]/g, "\\.").replace(/:(\w+)(\+?)/g, (_all, name: string, many: string) => {
    paramNames.push(name);
    return many ? "(.+)" : "([^/]+)";
  });
  return { pattern: new RegExp(`^${source}$`), paramNames };
}

function paramsOf(resource: Resource, found: RegExpExecArray): Record<string, string> {
  return Object.fromEntries(resource.paramNames.map((name, index) => [name, found[index + 1] ?? ""]));
}

function knownOperations(): { method: string; path: string; op: string | undefined }[] {
  const text = readFileSync(new URL("known-operations.json", import.meta.url), "utf8");
  return (JSON.parse(text) as string[]).map((line) => {
    const [method = "", path = "", op] = line.split(" ");
    return { method, path: path.replace(/\{(\w+)\}/g, ":$1"), op };
  });
}
