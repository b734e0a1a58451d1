/**
 * Resources of a program, made and deleted in their order without an engine, and interrupted at a request: what a kill or an
 * error leaves of them is what the engine would have kept.
 */
import assert from "node:assert/strict";
import { checked } from "./explicit-lab.ts";
import type { ExplicitLab } from "./explicit-lab.ts";

export type Provider = ReturnType<ExplicitLab["provider"]>;
type Outputs = Record<string, unknown>;

export interface Declared {
  kind: string;
  name: string;
  provider: Provider;
  /** @param id of what was made before, by its name here */
  inputs(id: (name: string) => string): Outputs;
}

/** What the engine would keep: a kill loses what was being made, an error hands over what there is of it. */
export class DeclaredStack {
  readonly made = new Map<string, { id: string; outs: Outputs; half: boolean }>();
  private readonly declared: Declared[];
  private readonly failing: "kill" | "error";

  constructor(declared: Declared[], failing: "kill" | "error") {
    this.declared = declared;
    this.failing = failing;
  }

  async up(): Promise<void> {
    for (const { kind, name, provider, inputs } of this.declared) {
      const news = await checked(
        provider,
        kind,
        `${kind}-${name}`,
        inputs((other) => this.idOf(other)),
      );
      const known = this.made.get(`${kind}-${name}`);
      if (known && !known.half) continue;
      try {
        const { id, outs } = known
          ? { id: known.id, ...(await provider.update(known.id, known.outs, news)) }
          : await provider.create(news);
        this.made.set(`${kind}-${name}`, { id, outs, half: false });
      } catch (error) {
        if (this.failing === "error" && error instanceof Error && "id" in error) {
          const { id, properties } = error as unknown as { id: string; properties: Outputs };
          this.made.set(`${kind}-${name}`, { id, outs: properties, half: true });
        }
        throw error;
      }
    }
  }

  async destroy(): Promise<void> {
    for (const { kind, name, provider } of this.declared.toReversed()) {
      const known = this.made.get(`${kind}-${name}`);
      if (!known) continue;
      await provider.delete(known.id, known.outs);
      this.made.delete(`${kind}-${name}`);
    }
  }

  private idOf(name: string): string {
    const key = name.endsWith("-subnet")
      ? `maas:Subnet-${name.replace("-subnet", "")}`
      : [...this.made.keys()].find((made) => made.endsWith(`-${name}`));
    return this.made.get(key ?? "")?.id ?? assert.fail(`${name} was made`);
  }
}

class Interrupted extends Error {}

/** Throws in place of the answer to the n-th request; `again` runs something a second time when that is what stopped it. */
export function interruptAt(
  lab: ExplicitLab,
  request: number,
): { again: (run: () => Promise<void>) => Promise<void>; at: () => string } {
  let requests = 0;
  let at = "";
  lab.interrupt = (what) => {
    requests += 1;
    if (requests !== request) return;
    at = what;
    throw new Interrupted(what);
  };
  const again = async (run: () => Promise<void>) => {
    try {
      await run();
    } catch (error) {
      if (at === "" || !String(error).includes(at)) throw error;
      await run();
    }
  };
  return { again, at: () => at };
}
