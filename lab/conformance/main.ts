/**
 * `npm run conformance -- [--all] [FILE.jsonl ...]`: replays recordings of a real MAAS against the lab.
 * One line a file and a total go to stdout, what differs to stderr. Exit 0 only when every record is equal.
 */
import { basename } from "node:path";
import { parseArgs } from "node:util";
import { startLab } from "../lab.ts";
import { allTranscripts, claimed } from "./claimed.ts";
import { replay, type RecordVerdict } from "./replay.ts";

/** Differences shown of one record. */
const shownPerRecord = 8;

function tell({ line, what, differences }: RecordVerdict): void {
  process.stderr.write(`  line ${String(line)} ${what}\n`);
  for (const { where, want, got } of differences.slice(0, shownPerRecord))
    process.stderr.write(`    ${where}: want ${short(want)}, got ${short(got)}\n`);
}

const short = (value: unknown): string => (value === undefined ? "nothing" : JSON.stringify(value)).slice(0, 200);

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { all: { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const byName = positionals.length > 0;
  const files = byName ? positionals : allTranscripts();
  const lab = await startLab({ mode: "explicit", warn: () => undefined });
  let [equal, different] = [0, 0];
  try {
    for (const file of files) {
      const name = basename(file);
      if (!byName && !values.all && !claimed.includes(name)) {
        process.stdout.write(`${name}: not claimed yet (run it with --all or by name)\n`);
        continue;
      }
      const verdict = await replay(lab, file);
      process.stdout.write(`${name}: ${String(verdict.records)} records, ${String(verdict.different.length)} differ\n`);
      verdict.different.forEach(tell);
      different += verdict.different.length;
      equal += verdict.records - verdict.different.length;
    }
  } finally {
    await lab.close();
  }
  process.stdout.write(`total: ${String(equal)} records equal, ${String(different)} different\n`);
  process.exitCode = different === 0 ? 0 : 1;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
