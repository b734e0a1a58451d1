/** What each operation of the lab was asked while recordings were replayed: which parameters its handler looked at, how it answered. */
import { ApiError, type Fields, type Operation } from "../maas/operation.ts";

export interface Usage {
  parameters: Set<string>;
  statuses: Set<number>;
}

/** `POST machines/{system_id}/ deploy`, with the path as MAAS's own list of operations writes it. */
export type OperationKey = string;

export const operationKey = ({ method, path, op }: Pick<Operation, "method" | "path" | "op">): OperationKey =>
  [method, path.replace(/:(\w+)\+?/g, "{$1}"), ...(op === undefined ? [] : [op])].join(" ");

/** The names of path parameters differ from list to list. */
export const shapeOf = (key: OperationKey): string => key.replace(/\{\w+\}/g, "{}");

export class UsageLog {
  readonly #byOperation = new Map<OperationKey, Usage>();

  /** The same operations, which tell this log what they are asked. */
  watched(operations: readonly Operation[]): Operation[] {
    return operations.map((operation) => ({ ...operation, handle: this.#watch(operation) }));
  }

  usageOf(key: OperationKey): Usage {
    const usage = this.#byOperation.get(key) ?? { parameters: new Set(), statuses: new Set() };
    this.#byOperation.set(key, usage);
    return usage;
  }

  #watch(operation: Operation): Operation["handle"] {
    const usage = this.usageOf(operationKey(operation));
    return async (call) => {
      try {
        const [query, form] = [watchedFields(call.query, usage), watchedFields(call.form, usage)];
        const reply = await operation.handle({ ...call, query, form });
        usage.statuses.add(reply.status);
        return reply;
      } catch (error) {
        usage.statuses.add(error instanceof ApiError ? error.reply.status : 500);
        throw error;
      }
    };
  }
}

function watchedFields(fields: Fields, { parameters }: Usage): Fields {
  const seen = (name: string): string => {
    parameters.add(name);
    return name;
  };
  return {
    get: (name) => fields.get(seen(name)),
    all: (name) => fields.all(seen(name)),
    has: (name) => fields.has(seen(name)),
    names: () => fields.names(),
    isFile: (name) => fields.isFile(name),
  };
}
