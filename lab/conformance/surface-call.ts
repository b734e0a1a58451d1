/** Calls an operation of the lab without HTTP. */
import { fieldsOf } from "../maas/fields.ts";
import { ApiError, type Operation, type Reply } from "../maas/operation.ts";
import type { LabState } from "../maas/state.ts";

/** What stands for a path parameter, by the path up to and including it: `tags/:name`. */
export type PathValues = Readonly<Record<string, string>>;

export type FormValues = Readonly<Record<string, string | readonly string[]>>;

/** As the superuser. A path parameter without a value is "1". */
export async function callOperation(
  operation: Operation,
  state: LabState,
  values: PathValues,
  form: FormValues,
): Promise<Reply> {
  const pairs = Object.entries(form).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : value).map((one): [string, string] => [name, one]),
  );
  const fields = fieldsOf(pairs);
  const params: Record<string, string> = {};
  for (const found of operation.path.matchAll(/:(\w+)\+?/g))
    params[found[1] ?? ""] = values[operation.path.slice(0, found.index + found[0].length)] ?? "1";
  const user = Object.values(state.users).find(({ isSuperuser }) => isSuperuser) ?? null;
  try {
    return await operation.handle({ user, params, query: fields, form: fields, isJson: false, state });
  } catch (error) {
    if (error instanceof ApiError) return error.reply;
    throw error;
  }
}
