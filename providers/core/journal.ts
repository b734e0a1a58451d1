/**
 * What creates have begun, on disk until it is given back or safe in the state. The engine notes the same in its state, but when only this
 * process dies, and the CLI lives on, it takes the create for failed and forgets it, whatever MAAS has done by then.
 * The commands read it after a crash (tools/stack/recover.ts); without a disk to write to all works but that.
 *
 * It also keeps the before-pictures that creates take, until the thing is deleted: a create that was interrupted finds its
 * own half-done work, and would take that for what was there before.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Begun {
  urn: string;
  inputs: Record<string, unknown>;
  /** The backend whose stack it is, as the environment names it; "" where that names none. */
  backend: string;
  /** Milliseconds since 1970. */
  at: number;
}

interface Entry extends Begun {
  /** Before-pictures, by the natural key of what they are of. */
  pictures: Record<string, object>;
}

export class Journal {
  private readonly folder: string;
  private readonly backend: string;

  constructor(folder: string, backend = process.env["PULUMI_BACKEND_URL"] ?? "") {
    this.folder = folder;
    this.backend = backend;
  }

  begin(urn: string, inputs: Record<string, unknown>): void {
    const pictures = this.entry(urn)?.pictures ?? {};
    this.write({ urn, inputs, backend: this.backend, at: Date.now(), pictures });
  }

  /** Keeps the first picture of each thing that a resource takes, and answers that one. */
  before<Found extends object>(urn: string, thing: string, found: Found): Found {
    if (urn === "") return found;
    const entry = this.entry(urn) ?? this.blank(urn);
    const first = entry.pictures[thing];
    if (first !== undefined) return first as Found;
    this.write({ ...entry, pictures: { ...entry.pictures, [thing]: found } });
    return found;
  }

  /** Nothing was made or changed after all. */
  retract(urn: string, thing: string): void {
    const entry = this.entry(urn);
    if (!entry) return;
    const others = Object.entries(entry.pictures).filter(([of]) => of !== thing);
    this.write({ ...entry, pictures: Object.fromEntries(others) });
  }

  recorded(urn: string, thing: string): object | undefined {
    return this.entry(urn)?.pictures[thing];
  }

  /** The thing is given back, or safe in the state: nothing of it needs to be remembered. That a create has come to its end is not enough: this process or the engine may die before that is written down. */
  forget(urn: string, backend = this.backend): void {
    this.remove({ urn, backend });
  }

  /** What a stack has begun on this backend and nobody has seen safe in its state, the last first. */
  begun(stack: string): Begun[] {
    return this.entries(stack)
      .map(({ urn, inputs, backend, at }) => ({ urn, inputs, backend, at }))
      .sort((a, b) => b.at - a.at);
  }

  private entries(stack: string): Entry[] {
    return this.files()
      .flatMap((name) => this.read(name))
      .filter(({ urn, backend }) => urn.startsWith(`urn:pulumi:${stack}::`) && ["", this.backend].includes(backend));
  }

  private entry(urn: string, backend = this.backend): Entry | undefined {
    return this.read(fileName({ urn, backend }))[0];
  }

  private blank = (urn: string): Entry => ({
    urn,
    inputs: {},
    backend: this.backend,
    at: Date.now(),
    pictures: {},
  });

  private files(): string[] {
    try {
      return readdirSync(this.folder).filter((name) => name.endsWith(".json"));
    } catch {
      return [];
    }
  }

  private read(name: string): Entry[] {
    try {
      return [JSON.parse(readFileSync(join(this.folder, name), "utf8")) as Entry];
    } catch {
      return [];
    }
  }

  /** In one step: a process killed in the middle leaves the entry of before. */
  private write(entry: Entry): void {
    const file = join(this.folder, fileName(entry));
    try {
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(`${file}.new`, JSON.stringify(entry), { mode: 0o600 });
      renameSync(`${file}.new`, file);
    } catch {
      // A read-only project folder costs the note, not the run.
    }
  }

  private remove(entry: Pick<Begun, "urn" | "backend">): void {
    try {
      rmSync(join(this.folder, fileName(entry)), { force: true });
    } catch {
      // As above.
    }
  }
}

const fileName = ({ urn, backend }: Pick<Begun, "urn" | "backend">): string =>
  `${createHash("sha256").update(`${backend} ${urn}`).digest("hex").slice(0, 16)}.json`;
