/**
 * `npm run conformance -- [--all] [FILE.jsonl ...]`: holds the lab to recordings of a real MAAS, and to MAAS's own list of operations.
 * One line a file and a total go to stdout, what differs to stderr. Exit 0 only when everything is equal.
 */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { allTranscripts, claimed } from "../../lab/conformance/claimed.ts";
import type { Difference } from "../../lab/conformance/compare.ts";
import { replayObserved } from "../../lab/conformance/observed.ts";
import { replay } from "../../lab/conformance/replay.ts";
import { checkSurface } from "../../lab/conformance/surface.ts";
import { UsageLog } from "../../lab/conformance/usage.ts";
import { startLab, type Lab } from "../../lab/lab.ts";
import type { Operation } from "../../lab/maas/operation.ts";
import { operations } from "../../lab/maas/operations.ts";
import { clientCoverage } from "./client-operations.ts";

/** Differences shown of one record. */
const shownPerRecord = 8;

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function complain(what: string, differences: Difference[]): void {
  process.stderr.write(`  ${what}\n`);
  for (const { where, want, got } of differences.slice(0, shownPerRecord))
    process.stderr.write(`    ${where}: want ${short(want)}, got ${short(got)}\n`);
}

const short = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value)).slice(0, 200);

/** Number of differences. */
async function transcripts(lab: Lab, files: string[], all: boolean): Promise<number> {
  let [equal, different] = [0, 0];
  for (const file of files) {
    const name = basename(file);
    if (!all && !claimed.includes(name)) {
      say(`${name}: not claimed yet (run it with --all or by name)`);
      continue;
    }
    const verdict = await replay(lab, file);
    say(`${name}: ${String(verdict.records)} records, ${String(verdict.different.length)} differ`);
    for (const { line, what, differences } of verdict.different) complain(`line ${String(line)} ${what}`, differences);
    different += verdict.different.length;
    equal += verdict.records - verdict.different.length;
  }
  say(`total: ${String(equal)} records equal, ${String(different)} different`);
  return different;
}

async function observed(watched: readonly Operation[]): Promise<number> {
  const { equal, different, notComparable } = await replayObserved(watched);
  say(
    `observed.jsonl: ${String(equal)} equal, ${String(different.length)} different, ${String(notComparable.length)} not comparable:`,
  );
  const byReason = new Map<string, number[]>();
  for (const { record, reason } of notComparable) byReason.set(reason, [...(byReason.get(reason) ?? []), record.n]);
  for (const [reason, numbers] of byReason) say(`  ${reason}: ${numbers.join(", ")}`);
  for (const { record, differences } of different)
    complain(`record ${String(record.n)} ${record.as} ${record.method} ${record.path}`, differences);
  return different.length;
}

async function surface(log: UsageLog): Promise<number> {
  const { covered, total, beyond, faults } = await checkSurface(log, operations);
  say(
    `operations: ${String(covered)} of MAAS's ${String(total)} covered, and ${String(beyond)} that its list does not name`,
  );
  for (const fault of faults) process.stderr.write(`  ${fault}\n`);
  const { called, missing } = await clientCoverage(operations);
  say(`operations of the client: ${String(called)} called, ${String(missing.length)} not covered`);
  for (const one of missing) process.stderr.write(`  ${one}\n`);
  return faults.length + missing.length;
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { all: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const byName = positionals.length > 0;
  const log = new UsageLog();
  const watched = log.watched(operations);
  const lab = await startLab({ mode: "explicit", warn: () => undefined, operations: watched });
  let different = 0;
  try {
    different += await transcripts(lab, byName ? positionals : allTranscripts(), byName || values.all);
  } finally {
    await lab.close();
  }
  if (!byName) different += (await observed(watched)) + (await surface(log));
  process.exitCode = different === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
