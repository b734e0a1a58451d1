/**
 * Holds the one state of the lab and, with a directory, keeps it on disk.
 *
 * A write's answer leaves only after the state that contains it is on disk, so a lab killed at any moment forgets nothing it confirmed.
 * Requests that come while a save runs share the next one. The file is replaced as a whole (written beside, then renamed).
 */
import { mkdirSync, readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { seedState, newToken } from "./maas/seed.ts";
import type { LabState, Token } from "./maas/state.ts";

interface Keys {
  admin: Token;
  user: Token;
}

interface Saved {
  keys: Keys;
  state: LabState;
}

export class Store {
  state: LabState;
  readonly keys: Keys;
  readonly #file: string | undefined;
  #saving: Promise<void> | undefined;
  #next: Promise<void> | undefined;

  /** @param directory Where state.json is kept; undefined keeps nothing. */
  constructor(directory?: string) {
    this.#file = directory === undefined ? undefined : join(directory, "state.json");
    if (directory !== undefined) mkdirSync(directory, { recursive: true, mode: 0o700 });
    const saved = this.#file === undefined ? undefined : readSaved(this.#file);
    this.keys = saved?.keys ?? { admin: newToken(1, 1), user: newToken(2, 2) };
    // A file of an older lab may lack a table.
    this.state = { ...seedState(this.keys), ...saved?.state };
  }

  /** Back to the seed state, with the same API keys. */
  reset(): Promise<void> {
    this.state = seedState(this.keys);
    return this.changed();
  }

  /** Resolves once everything written so far is on disk (at once without a directory). */
  changed(): Promise<void> {
    if (this.#file === undefined) return Promise.resolve();
    if (!this.#saving) return (this.#saving = this.#save(this.#file));
    // Whether the running save fails is told to those who wait for it.
    const saved = this.#saving.catch(() => undefined);
    this.#next ??= saved.then(() => {
      this.#next = undefined;
      return this.changed();
    });
    return this.#next;
  }

  async #save(file: string): Promise<void> {
    try {
      const beside = `${file}.new`;
      await writeFile(beside, JSON.stringify({ keys: this.keys, state: this.state } satisfies Saved), { mode: 0o600 });
      await rename(beside, file);
    } finally {
      this.#saving = undefined;
    }
  }
}

function readSaved(file: string): Saved | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
  return JSON.parse(text) as Saved;
}
