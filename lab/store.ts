/**
 * Holds the one state of the lab and, with a directory, keeps it on disk.
 *
 * A write's answer leaves only after what it wrote is on disk, so a lab killed at any moment forgets nothing it confirmed.
 * Requests that come while a save runs share the next one. Only the rows that were written are saved (journal.ts), so that
 * a write costs the same with five machines and with five hundred.
 */
import { Journal, type Entry } from "./journal.ts";
import { newToken, seedState, transcriptLayout, type SeedLayout } from "./maas/seed.ts";
import type { LabState, Token } from "./maas/state.ts";
import { Changes, tracked } from "./tracked.ts";

interface Keys {
  admin: Token;
  user: Token;
}

export class Store {
  readonly keys: Keys;
  readonly #journal: Journal | undefined;
  readonly #layout: SeedLayout;
  readonly #changes = new Changes();
  #state: LabState;
  #writable: LabState;
  /** The whole state must be written: at the start, after a reset, and when a save failed. */
  #replaces = true;
  #saving: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  readonly #watchers = new Set<() => void>();

  /**
   * @param directory Where the state is kept; undefined keeps nothing.
   * @param layout The network that a new region begins with.
   */
  constructor(directory?: string, layout: SeedLayout = transcriptLayout) {
    this.#layout = layout;
    this.#journal = directory === undefined ? undefined : new Journal(directory);
    const saved = this.#journal?.load() as { keys: Keys; state: LabState } | undefined;
    this.keys = saved?.keys ?? { admin: newToken(1, 1), user: newToken(2, 2) };
    // A file of an older lab may lack a table.
    this.#state = { ...seedState(this.keys, layout), ...saved?.state };
    this.#writable = this.#track();
  }

  /** To look at. What is written here is not saved. */
  get state(): LabState {
    return this.#state;
  }

  /** The same state, to write. */
  get writable(): LabState {
    return this.#writable;
  }

  /** Calls it after everything that may have changed the state; returns how to stop that. */
  watch(changed: () => void): () => void {
    this.#watchers.add(changed);
    return () => this.#watchers.delete(changed);
  }

  #track(): LabState {
    return this.#journal ? tracked(this.#state, this.#changes) : this.#state;
  }

  /** Back to the seed state, with the same API keys. */
  reset(): Promise<void> {
    const { metalPace, selfRunning } = this.#state;
    this.#state = { ...seedState(this.keys, this.#layout), metalPace, selfRunning };
    this.#writable = this.#track();
    this.#replaces = true;
    return this.changed();
  }

  /** Resolves once everything written so far is on disk (at once without a directory). */
  changed(): Promise<void> {
    for (const watcher of this.#watchers) watcher();
    if (!this.#journal || !(this.#replaces || this.#changes.any || this.#saving)) return Promise.resolve();
    if (!this.#saving) return (this.#saving = this.#save(this.#journal));
    // Whether the running save fails is told to those who wait for it.
    const saved = this.#saving.catch(() => undefined);
    this.#next ??= saved.then(() => {
      this.#next = undefined;
      return this.changed();
    });
    return this.#next;
  }

  async #save(journal: Journal): Promise<void> {
    const written = this.#changes.take();
    try {
      if (this.#replaces || journal.isLong) {
        this.#replaces = false;
        await journal.replace({ keys: this.keys, state: { ...this.#state } });
      } else if (written.length > 0) await journal.append(written.map(([table, id]) => this.#entry(table, id)));
    } catch (error) {
      this.#replaces = true;
      throw error;
    } finally {
      this.#saving = undefined;
    }
  }

  #entry(table: string, id: string): Entry {
    const value: unknown = Reflect.get(this.#state, table);
    if (id === "") return [table, id, value];
    const row: unknown = Reflect.get(value as object, id);
    return row === undefined ? [table, id] : [table, id, row];
  }
}
