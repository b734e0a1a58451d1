/** A clock on which sleeping costs nothing: `advance` moves time and wakes the sleepers in their order. */
import type { Clock } from "../../providers/core/clock.ts";

interface Sleeper {
  at: number;
  wake: () => void;
}

export class FakeClock implements Clock {
  /** Every sleep asked for, in milliseconds, in order. */
  readonly sleeps: number[] = [];
  private time = 0;
  private sleepers: Sleeper[] = [];
  private readonly auto: boolean;

  /** With `auto`, a sleep moves the time by itself and returns at once. */
  constructor(options: { auto?: boolean } = {}) {
    this.auto = options.auto ?? false;
  }

  now(): number {
    return this.time;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.sleeps.push(ms);
    if (this.auto) {
      this.time += ms;
      await Promise.resolve();
      signal?.throwIfAborted();
      return;
    }
    await new Promise<void>((resolve, reject) => {
      const sleeper = { at: this.time + ms, wake: resolve };
      this.sleepers.push(sleeper);
      signal?.addEventListener("abort", () => {
        this.sleepers = this.sleepers.filter((s) => s !== sleeper);
        reject(signal.reason instanceof Error ? signal.reason : new Error("aborted"));
      });
    });
  }

  /** Moves time on by `ms`, waking whoever is due, and lets what they do settle. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const next = this.sleepers.filter((s) => s.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!next) break;
      this.sleepers = this.sleepers.filter((s) => s !== next);
      this.time = Math.max(this.time, next.at);
      next.wake();
      await settle();
    }
    this.time = end;
    await settle();
  }
}

/** Lets promise chains and immediate callbacks run until they rest. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
};
