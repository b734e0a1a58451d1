/**
 * Remembers for which config the last `up` of a stack ended well. As long as that is the config, nothing has to be asked of
 * MAAS before a run; the provider process forgets it as soon as it changes anything, so that whatever ends badly is asked
 * after again. Without a disk to write to, MAAS is asked on every run.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

export class Settled {
  private readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
  }

  /** @param fingerprint of the config, as `set` got it */
  is(stack: string, fingerprint: string): boolean {
    try {
      return readFileSync(this.file(stack), "utf8") === fingerprint;
    } catch {
      return false;
    }
  }

  set(stack: string, fingerprint: string): void {
    try {
      mkdirSync(this.folder, { recursive: true });
      writeFileSync(this.file(stack), fingerprint);
    } catch {
      // A read-only project folder costs a few requests.
    }
  }

  clear(stack: string): void {
    try {
      rmSync(this.file(stack), { force: true });
    } catch {
      // As above: it could not be written either.
    }
  }

  private readonly file = (stack: string): string => join(this.folder, encodeURIComponent(stack));
}

/** This project's, whichever process asks. */
export const settled = new Settled(join(import.meta.dirname, "..", "..", ".metalform", "settled"));
