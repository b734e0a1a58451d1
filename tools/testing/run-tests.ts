/** Runs test files with Node's own runner, shows them, and counts. */
import { globSync } from "node:fs";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { run } from "node:test";
import { spec } from "node:test/reporters";
import { projectRoot } from "../project.ts";

export interface Counts {
  passed: number;
  /** Failed, cancelled, skipped and to-do ones: a test that does not run proves nothing. */
  failed: number;
}

/** What a test file may take; the longest drive a real engine. */
const fileTimeout = 15 * 60_000;

/** @param kinds folders of test/, e.g. ["unit", "client"]; each must hold tests @param concurrency files at a time */
export async function runTests(kinds: string[], concurrency: number | true): Promise<Counts> {
  const files = kinds.map((kind) => globSync(`test/${kind}/**/*.test.ts`, { cwd: projectRoot }));
  const empty = kinds.filter((_, index) => files[index]?.length === 0);
  const counts: Counts = { passed: 0, failed: 0 };
  const events = run({ files: files.flat(), cwd: projectRoot, concurrency, timeout: fileTimeout });
  events.on("test:summary", ({ file, counts: found }) => {
    // Those with a file are parts of the one without.
    if (file !== undefined) return;
    counts.passed = found.passed;
    counts.failed = found.tests - found.passed;
  });
  await pipeline(events.compose(new spec()), process.stdout, { end: false });
  // A suite that vanished is no success.
  for (const kind of empty) console.error(`There are no tests in test/${kind}.`);
  counts.failed += empty.length;
  return counts;
}

/** The last line of every run of tests. */
export const summary = ({ passed, failed }: Counts): string => `${String(passed)} passed, ${String(failed)} failed`;

/** All kinds but those that need the real engine or a browser. */
export const quickKinds = ["ansible", "client", "host", "lab", "lifecycle", "stack", "tools", "unit"];

/** One file at a time: each drives a browser of its own. Without Chromium they fail, and say what to install. */
export const browserKinds = ["browser"];

/** One file at a time: each drives an engine of its own. */
export const engineKinds = ["engine"];

/** Those that boot machines, which takes root. */
export const metalKinds = ["metal"];

/** "unit" of "test/unit" too, so that a shell completes it. */
export const kindOf = (argument: string): string => basename(argument);
