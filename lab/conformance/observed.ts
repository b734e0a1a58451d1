/**
 * One long walk through another region of a real MAAS (test/fixtures/maas/observed.jsonl), record by record: status, type, Retry-After,
 * and the body, but for ids, dates and hardware.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { startLab } from "../lab.ts";
import type { Operation } from "../maas/operation.ts";
import { nodeToken } from "../maas/node-token.ts";
import { observedLayout } from "../maas/seed.ts";
import type { Json } from "../maas/state.ts";
import { Store } from "../store.ts";
import { Client } from "./client.ts";
import type { Difference } from "./compare.ts";
import { differencesOf, isOmitted, type ObservedAnswer } from "./observed-compare.ts";
import { ObservedIds } from "./observed-ids.ts";
import { foreign, happenedBefore } from "./observed-steps.ts";
import { Placeholders } from "./placeholders.ts";
import type { RequestRecord } from "./transcript.ts";

type Parameter = string | number;

export interface ObservedRecord {
  n: number;
  as: "admin" | "anonymous" | "badkey" | "bob" | "node";
  /** How the OAuth header was spoilt. */
  auth?: string;
  method: string;
  /** Below /MAAS/api/2.0/; `metadata:` stands for /MAAS/metadata/. */
  path: string;
  /** The query of a GET, else the form; a list is a repeated key. A text stands for a body that was not kept. */
  params: Record<string, Parameter | Parameter[]> | string | null;
  status: number;
  content_type: string | null;
  retry_after: number | string | null;
  body: Json;
}

const observedFile = fileURLToPath(new URL("../../test/fixtures/maas/observed.jsonl", import.meta.url));

const readObserved = (): ObservedRecord[] =>
  readFileSync(observedFile, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as ObservedRecord);

export interface ObservedVerdict {
  equal: number;
  different: { record: ObservedRecord; differences: Difference[] }[];
  /** With the reason for each. */
  notComparable: { record: ObservedRecord; reason: string }[];
}

/** State carries over from one record to the next, so all of them are sent, also those that cannot be compared. */
export async function replayObserved(operations?: readonly Operation[]): Promise<ObservedVerdict> {
  const store = new Store(undefined, observedLayout);
  const lab = await startLab({ mode: "explicit", store, warn: () => undefined, ...(operations ? { operations } : {}) });
  const placeholders = new Placeholders({ adminkey: lab.adminKey, userkey: lab.userKey });
  const client = new Client(lab.maasUrl, placeholders);
  const ids = new ObservedIds();
  const verdict: ObservedVerdict = { equal: 0, different: [], notComparable: [] };
  // Keys change with the owner, and not every fetch of one is recorded: a machine signs with the one it has.
  let talking = "";
  let nodeKeys = 0;
  const nodeKey = (): string => {
    const machine = store.writable.machines[talking];
    if (!machine) return "";
    const { consumerKey, key, secret } = nodeToken(machine);
    nodeKeys += 1;
    placeholders.matches(`$key${String(nodeKeys)}`, [consumerKey, key, secret].join(":"));
    return `$key${String(nodeKeys)}`;
  };
  try {
    for (const record of readObserved()) {
      happenedBefore(record.n, (recorded) => {
        const machine = store.writable.machines[ids.text(recorded)];
        if (!machine) throw new Error(`The lab has no machine for ${recorded}`);
        return { state: store.writable, machine };
      });
      const request = requestOf(record, ids, record.as === "node" ? nodeKey() : "");
      if (!request) {
        verdict.notComparable.push({ record, reason: "what the machine sent is not kept" });
        continue;
      }
      const answer = withJson(await client.send(request));
      ids.bind(record.body, answer.json);
      if (record.path.endsWith("op=get_token")) talking = ids.text(record.path.split("/")[1] ?? "");
      judge(verdict, record, differencesOf(record, answer, ids));
    }
  } finally {
    client.close();
    await lab.close();
  }
  return verdict;
}

function judge(verdict: ObservedVerdict, record: ObservedRecord, differences: Difference[]): void {
  const reason = foreign[record.n];
  const isAnswered = differences.every(({ where }) => where.startsWith("body"));
  if (reason !== undefined && isAnswered) verdict.notComparable.push({ record, reason });
  else if (differences.length > 0) verdict.different.push({ record, differences });
  else if (isOmitted(record.body))
    verdict.notComparable.push({
      record,
      reason: "its body is not kept; status, type and Retry-After are equal",
    });
  else verdict.equal += 1;
}

function withJson(answer: Awaited<ReturnType<Client["send"]>>): ObservedAnswer {
  const isJson = (answer.headers["content-type"] ?? "").startsWith("application/json");
  return { ...answer, json: isJson && answer.body !== "" ? (JSON.parse(answer.body) as unknown) : answer.body };
}

/** As the recording's names for a spoilt signature are called by the client. */
const spoilt: Readonly<Record<string, string>> = { incomplete: "without-nonce" };

/** The nonce of this record is used again by the next. */
const nonceRecord = 3;

/** Undefined for what only the machine knows. Other bodies that were not kept were JSON: an empty object stands for them. */
function requestOf(record: ObservedRecord, ids: ObservedIds, nodeKey: string): RequestRecord | undefined {
  const { n, params, method } = record;
  if (typeof params === "string" && record.as === "node") return undefined;
  const [before = "", query = ""] = record.path.split("?");
  const path = before.startsWith("metadata:")
    ? `/metadata/${ids.path(before.slice("metadata:".length))}`
    : ids.path(before);
  const pairs = typeof params === "object" ? pairsOf(params ?? {}, ids) : [];
  const auth = n === nonceRecord ? "fix-nonce" : record.auth && (spoilt[record.auth] ?? record.auth);
  const isForm = method !== "GET" && method !== "DELETE";
  return {
    kind: "request",
    as: { admin: "admin", anonymous: "anonymous", badkey: "badkey", bob: "user", node: nodeKey }[record.as],
    method,
    path,
    query: [...new URLSearchParams(query).entries(), ...(isForm ? [] : pairs)],
    ...(isForm && typeof params !== "string" ? { form: pairs } : {}),
    ...(typeof params === "string" ? { raw: "{}", raw_type: "application/json" } : {}),
    ...(auth === undefined ? {} : { auth }),
    status: record.status,
    content_type: record.content_type,
    body: record.body,
  };
}

const pairsOf = (params: Exclude<ObservedRecord["params"], string | null>, ids: ObservedIds): [string, string][] =>
  Object.entries(params).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name, ids.parameter(name, one)]),
  );
