/** The one waiter: follows a stream of observations until one is good, one is bad, or the time is over. */
import type { Clock } from "./clock.ts";
import { clockText } from "./duration.ts";
import { ProviderError } from "./errors.ts";

export interface Wait<T> {
  /** What is waited for, for messages: "machine server1 to be Ready". */
  what: string;
  /** Observations, as often as their source finds right. It must end or throw when the signal aborts. */
  observe(signal: AbortSignal): AsyncIterable<T>;
  /** True when the wait is over and well. */
  done(seen: T): boolean;
  /** The error to end with, when this observation means that it will never be well. */
  failed(seen: T): Promise<ProviderError | undefined> | ProviderError | undefined;
  /** A short text of what was seen, for progress and for the message of a time-out. */
  describe(seen: T): string;
  timeoutMs: number;
  clock: Clock;
  /** How many times running `done` must hold. @default 1 */
  successes?: number;
  /** Called with each observation. */
  onSeen?(seen: T): void;
}

export async function waitFor<T>(wait: Wait<T>): Promise<T> {
  const started = wait.clock.now();
  const stop = new AbortController();
  const overdue = new AbortController();
  let last: T | undefined;
  let running = 0;
  const timer = wait.clock.sleep(wait.timeoutMs, overdue.signal).then(
    () => {
      stop.abort(new ProviderError("timeout", "out of time"));
    },
    () => undefined, // the wait ended first
  );
  try {
    for await (const seen of wait.observe(stop.signal)) {
      last = seen;
      wait.onSeen?.(seen);
      running = wait.done(seen) ? running + 1 : 0;
      if (running >= (wait.successes ?? 1)) return seen;
      const failure = running > 0 ? undefined : await wait.failed(seen);
      if (failure) throw failure;
      if (stop.signal.aborted) break;
    }
  } catch (error) {
    if (!stop.signal.aborted) throw error;
  } finally {
    overdue.abort(new Error("the wait is over"));
    await timer;
  }
  const seen = last === undefined ? "nothing was seen" : `last seen: ${wait.describe(last)}`;
  throw new ProviderError(
    "timeout",
    `Waited ${clockText(wait.clock.now() - started)} for ${wait.what}; ${seen}. ` +
      "Run `pulumi up` again to go on waiting, or allow more time.",
  );
}
