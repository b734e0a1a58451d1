/**
 * How long things took here before, so that a person can be told how long they should take. A small file in the
 * project's own folder; losing it costs nothing but an estimate.
 */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

const REMEMBERED = 9;

export class History {
  private readonly file: string | undefined;
  private durations: Record<string, number[]> | undefined;

  /** @param file where to keep it; without one nothing outlives the process */
  constructor(file?: string) {
    this.file = file;
  }

  /** The median of what it took lately, in milliseconds. */
  expected(what: string): number | undefined {
    const seen = [...(this.load()[what] ?? [])].sort((a, b) => a - b);
    return seen[Math.floor(seen.length / 2)];
  }

  record(what: string, ms: number): void {
    const durations = this.load();
    durations[what] = [...(durations[what] ?? []), Math.round(ms)].slice(-REMEMBERED);
    if (this.file === undefined) return;
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      const fresh = `${this.file}.${String(process.pid)}`;
      writeFileSync(fresh, JSON.stringify(durations));
      renameSync(fresh, this.file);
    } catch {
      // A read-only project folder costs the estimate, not the run.
    }
  }

  private load(): Record<string, number[]> {
    if (this.durations) return this.durations;
    this.durations = {};
    try {
      if (this.file !== undefined) {
        this.durations = JSON.parse(readFileSync(this.file, "utf8")) as Record<string, number[]>;
      }
    } catch {
      // Not there yet, or not readable: begin anew.
    }
    return this.durations;
  }
}
