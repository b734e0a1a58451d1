/**
 * The state on disk: `state.json`, a whole state, and `journal-N.jsonl`, the rows written since. N is the number of the
 * state that the journal goes on from, so a journal that is left over from an older one is never taken for the newer's.
 */
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { appendFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Table, id ("" for a value that is no table of rows), row; no row: it is deleted. */
export type Entry = [table: string, id: string] | [table: string, id: string, row: unknown];

/** A state is written anew once its journal is twice as long, and at least this long. */
const SHORTEST_TO_REPLACE = 4 * 1024 * 1024;

/** What `state.json` holds, beside its number. */
type Saved = Record<string, unknown> & { state: Record<string, unknown> };

export class Journal {
  readonly #directory: string;
  #generation = 0;
  #stateBytes = 0;
  #journalBytes = 0;

  /** @param directory Made when it is missing. */
  constructor(directory: string) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  get #stateFile(): string {
    return join(this.#directory, "state.json");
  }

  get #journalFile(): string {
    return join(this.#directory, `journal-${String(this.#generation)}.jsonl`);
  }

  /** True when it is time to write the whole state again. */
  get isLong(): boolean {
    return this.#journalBytes > Math.max(SHORTEST_TO_REPLACE, 2 * this.#stateBytes);
  }

  /** What was saved last, or undefined in an empty directory. */
  load(): Saved | undefined {
    const text = readIfThere(this.#stateFile);
    if (text === undefined) return undefined;
    const { generation, ...saved } = JSON.parse(text) as Saved & { generation?: number };
    this.#generation = generation ?? 0;
    this.#stateBytes = text.length;
    // A line without an end was being written when the lab died: nobody was told that it is saved.
    const lines = (readIfThere(this.#journalFile) ?? "").split("\n").slice(0, -1);
    for (const line of lines) for (const entry of JSON.parse(line) as Entry[]) applyEntry(saved.state, entry);
    return saved;
  }

  /** Replaces the file as a whole (written beside, then renamed), and begins a new journal. */
  async replace(saved: Saved): Promise<void> {
    const text = JSON.stringify({ generation: this.#generation + 1, ...saved });
    const beside = `${this.#stateFile}.new`;
    await writeFile(beside, text, { mode: 0o600 });
    await rename(beside, this.#stateFile);
    this.#generation += 1;
    this.#stateBytes = text.length;
    this.#journalBytes = 0;
    const isOld = (name: string): boolean =>
      name.startsWith("journal-") && join(this.#directory, name) !== this.#journalFile;
    await Promise.all(
      readdirSync(this.#directory)
        .filter(isOld)
        .map((name) => rm(join(this.#directory, name), { force: true })),
    );
  }

  /** One line, whatever the number of entries: after a crash all of them are there, or none. */
  async append(entries: readonly Entry[]): Promise<void> {
    const line = `${JSON.stringify(entries)}\n`;
    await appendFile(this.#journalFile, line, { mode: 0o600 });
    this.#journalBytes += line.length;
  }
}

function applyEntry(state: Record<string, unknown>, [table, id, row]: Entry): void {
  if (id === "") {
    state[table] = row;
    return;
  }
  const rows = (state[table] ??= {}) as Record<string, unknown>;
  if (row === undefined) Reflect.deleteProperty(rows, id);
  else rows[id] = row;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}
