/** Replays one transcript against a running lab and tells what differs. */
import type { Lab } from "../lab.ts";
import { Client } from "./client.ts";
import { differences, type Difference } from "./compare.ts";
import { Placeholders, UnboundPlaceholder } from "./placeholders.ts";
import { readTranscript, type BootRecord, type TranscriptRecord } from "./transcript.ts";

export interface RecordVerdict {
  /** Line in the file. */
  line: number;
  what: string;
  differences: Difference[];
}

export interface Verdict {
  /** Records that can be equal or different: notes don't count. */
  records: number;
  different: RecordVerdict[];
}

/** The lab is put back into the seed state first; it must be in explicit mode. */
export async function replay(lab: Lab, file: string): Promise<Verdict> {
  await post(`${lab.controlUrl}/reset`);
  const placeholders = new Placeholders({ adminkey: lab.adminKey, userkey: lab.userKey });
  const client = new Client(lab.maasUrl, placeholders);
  const verdict: Verdict = { records: 0, different: [] };
  try {
    for (const [index, record] of readTranscript(file).entries()) {
      if (record.kind === "note") continue;
      verdict.records += 1;
      const found = await play(record, client, placeholders, lab);
      if (found.length > 0) verdict.different.push({ line: index + 1, what: describe(record), differences: found });
    }
  } finally {
    client.close();
  }
  return verdict;
}

async function play(
  record: Exclude<TranscriptRecord, { kind: "note" }>,
  client: Client,
  placeholders: Placeholders,
  lab: Lab,
): Promise<Difference[]> {
  try {
    if (record.kind === "boot") return await boot(record, placeholders, lab);
    return differences(record, await client.send(record), placeholders);
  } catch (error) {
    if (error instanceof UnboundPlaceholder)
      return [{ where: "request", want: "a bound placeholder", got: error.message }];
    throw error;
  }
}

async function boot(record: BootRecord, placeholders: Placeholders, lab: Lab): Promise<Difference[]> {
  const { machine, outcome, ip } = record;
  const response = await post(`${lab.controlUrl}/boot`, {
    machine: placeholders.fill(machine),
    outcome,
    ...(ip === undefined ? {} : { ip }),
  });
  return response.ok ? [] : [{ where: "boot", want: 200, got: `${String(response.status)} ${await response.text()}` }];
}

const post = (url: string, body?: unknown): Promise<Response> =>
  fetch(
    url,
    body === undefined
      ? { method: "POST" }
      : { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) },
  );

function describe(record: Exclude<TranscriptRecord, { kind: "note" }>): string {
  if (record.kind === "boot") return `boot ${record.outcome}`;
  const fields = record.query?.length ? record.query : (record.form ?? []);
  return `${record.method} ${record.path} ${fields.length > 0 ? JSON.stringify(fields).slice(0, 160) : ""}`.trim();
}
