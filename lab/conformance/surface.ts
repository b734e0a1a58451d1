/**
 * The lab's operations against MAAS's own list of them (test/fixtures/maas/api-operations.json, made by the OpenAPI generator of 3.5.13):
 * path, op, method, which parameters are read and which are required, and with what they answer.
 *
 * Each is called in a region that has everything, once with nothing and once with all that it is said to take; what recordings made the
 * lab look at is added. The exceptions stand in surface-reasons.ts.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Operation } from "../maas/operation.ts";
import { beyondTheList, notRequired, otherStatuses, readsLess, readsMore, type Excuse } from "./surface-reasons.ts";
import { callOperation, type FormValues } from "./surface-call.ts";
import { fullRegion, probesOf } from "./surface-state.ts";
import { operationKey, shapeOf, type OperationKey, type UsageLog } from "./usage.ts";

interface Parameter {
  name: string;
  in: "path" | "query" | "form";
  type?: string;
  required?: boolean;
}

interface Described {
  method: string;
  path: string;
  op: string | null;
  params: Parameter[];
  documented_statuses: string[];
}

const file = fileURLToPath(new URL("../../test/fixtures/maas/api-operations.json", import.meta.url));

/** The generator writes the operations of a partition as paths: `partition/{id}op-format`. */
function described(): Map<OperationKey, Described> {
  const { operations } = JSON.parse(readFileSync(file, "utf8")) as { operations: Described[] };
  return new Map(
    operations.map((one) => {
      const [path = "", glued] = one.path.slice(1).split("op-");
      const op = one.op ?? glued;
      return [shapeOf([one.method, path, ...(op === undefined ? [] : [op])].join(" ")), one];
    }),
  );
}

export interface SurfaceVerdict {
  covered: number;
  total: number;
  /** Operations of the lab that the list does not have. */
  beyond: number;
  faults: string[];
}

export async function checkSurface(log: UsageLog, operations: readonly Operation[]): Promise<SurfaceVerdict> {
  const list = described();
  const region = await fullRegion(operations);
  const probes = probesOf(region.values);
  const used = new Set<Excuse>();
  const verdict: SurfaceVerdict = { covered: 0, total: list.size, beyond: 0, faults: [] };
  for (const operation of log.watched(operations)) {
    const key = operationKey(operation);
    const entry = list.get(shapeOf(key));
    const fault = (text: string): void => void verdict.faults.push(`${key}: ${text}`);
    if (!entry) {
      if (key in beyondTheList) verdict.beyond += 1;
      else fault("MAAS has no such operation");
      continue;
    }
    verdict.covered += 1;
    const parameters = entry.params.filter((one) => one.in !== "path");
    const call = async (form: FormValues, at: Readonly<Record<string, string>> = {}) =>
      callOperation(operation, structuredClone(region.state), { ...region.values, ...at }, form);
    const bare = await call({});
    const isRequired =
      parameters.some(({ required }) => required) && !notRequired.some((one) => one.operations.test(key));
    if (isRequired && bare.status < 400) fault(`answers ${String(bare.status)} without what it requires`);
    const everything = Object.fromEntries(parameters.map(({ name, type }) => [name, valueOf(name, type)]));
    const replies = [bare, await call(everything)];
    for (const { at, form } of probes.filter((one) => one.operation === key))
      replies.push(await call({ ...everything, ...form }, at));
    for (const { status, body } of replies)
      if (status >= 500) fault(`answers ${String(status)}: ${JSON.stringify(body)}`);
    const { parameters: read, statuses } = log.usageOf(key);
    const names = new Set(parameters.map(({ name }) => name));
    const excused = (excuses: readonly Excuse[], name: string): boolean => {
      const excuse = excuses.find((one) => one.operations.test(key) && one.names.test(name));
      if (excuse) used.add(excuse);
      return excuse !== undefined;
    };
    for (const name of read) if (!names.has(name) && !excused(readsMore, name)) fault(`reads ${name}`);
    for (const name of names) if (!read.has(name) && !excused(readsLess, name)) fault(`does not read ${name}`);
    const good = otherStatuses.filter(({ operations }) => operations.test(key)).flatMap((one) => one.statuses);
    for (const one of statuses)
      if (one < 400 && !entry.documented_statuses.includes(String(one)) && !good.includes(one))
        fault(`answers ${String(one)}`);
  }
  for (const excuse of [...readsMore, ...readsLess])
    if (!used.has(excuse)) verdict.faults.push(`${String(excuse.operations)}: nothing needs "${excuse.reason}"`);
  return verdict;
}

/** What must be more than a word or a one for a form to be read on. */
const special: Readonly<Record<string, string>> = { is_superuser: "0", mtu: "1500", accept_ra: "true" };

function valueOf(name: string, type: string | undefined): string {
  const words = type === "boolean" ? "true" : name;
  return special[name] ?? (type === "integer" ? "1" : words);
}
