/**
 * What creates have begun, on disk until their end is known. The engine notes the same in its state, but when only this
 * process dies, and the CLI lives on, it takes the create for failed and forgets it, whatever MAAS has done by then.
 * The commands read it after a crash (tools/stack/recover.ts); without a disk to write to all works but that.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export interface Begun {
  urn: string;
  inputs: Record<string, unknown>;
  /** The backend whose stack it is, as the environment names it; "" where that names none. */
  backend: string;
  /** Milliseconds since 1970. */
  at: number;
}

export class Journal {
  private readonly folder: string;
  private readonly backend: string;

  constructor(folder: string, backend = process.env["PULUMI_BACKEND_URL"] ?? "") {
    this.folder = folder;
    this.backend = backend;
  }

  begin(urn: string, inputs: Record<string, unknown>): void {
    try {
      mkdirSync(this.folder, { recursive: true });
      const begun = { urn, inputs, backend: this.backend, at: Date.now() } satisfies Begun;
      writeFileSync(this.file(begun), JSON.stringify(begun), { mode: 0o600 });
    } catch {
      // A read-only project folder costs the note, not the run.
    }
  }

  /** The engine knows the thing now, or there is none. */
  end(begun: Pick<Begun, "urn"> & Partial<Begun>): void {
    try {
      rmSync(this.file({ backend: this.backend, ...begun }), { force: true });
    } catch {
      // As above.
    }
  }

  /** What a stack has begun on this backend and not ended, the last first. */
  begun(stack: string): Begun[] {
    return this.files()
      .flatMap((name) => this.read(name))
      .filter(({ urn, backend }) => urn.startsWith(`urn:pulumi:${stack}::`) && ["", this.backend].includes(backend))
      .sort((a, b) => b.at - a.at);
  }

  private file({ urn, backend }: Pick<Begun, "urn" | "backend">): string {
    const name = createHash("sha256").update(`${backend} ${urn}`).digest("hex").slice(0, 16);
    return join(this.folder, `${name}.json`);
  }

  private files(): string[] {
    try {
      return readdirSync(this.folder);
    } catch {
      return [];
    }
  }

  private read(name: string): Begun[] {
    try {
      return [JSON.parse(readFileSync(join(this.folder, name), "utf8")) as Begun];
    } catch {
      // Cut off by the crash, so before the first request.
      return [];
    }
  }
}
