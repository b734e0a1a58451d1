/**
 * What resources of one program claim for themselves (an address, a card, a name): two that claim the same are told in
 * the preview, before any call. One memory a process, since one process checks all resources of a run.
 */
import type { Check } from "../core/check.ts";

/** What is claimed, and by which resource. */
const holders = new Map<string, string>();

export interface Claims {
  /** Fails the check of `path` when another resource of the program has it already. */
  claim(what: string, path: string, problem: (holder: string) => string): void;
  /** Says that this resource is about it, which others may be too. */
  note(what: string): void;
  /** The name of another resource that has claimed or noted it. */
  holder(what: string): string | undefined;
}

/** The claims of one resource; those that an earlier check of it made are forgotten. */
export function claims(check: Check, urn: string): Claims {
  for (const [what, holder] of holders) if (holder === urn) holders.delete(what);
  const other = (what: string): string | undefined => {
    const holder = holders.get(what);
    return holder === undefined || holder === urn ? undefined : (holder.split("::").at(-1) ?? holder);
  };
  return {
    claim: (what, path, problem) => {
      if (urn === "") return;
      const holder = other(what);
      if (holder === undefined) holders.set(what, urn);
      else check.fail(path, problem(holder));
    },
    note: (what) => {
      if (urn !== "") holders.set(what, urn);
    },
    holder: other,
  };
}
