/**
 * Many questions of the same kind, asked within a moment of each other, become one request: five machines that start
 * together cost one look-up, not five.
 */
import type { Clock } from "./clock.ts";

interface Waiter<Answer> {
  resolve(answer: Answer): void;
  reject(error: unknown): void;
}

export interface BatchOptions<Key, Answer> {
  /** Answers all keys at once. Keys without an answer get `missing`. */
  ask(keys: Key[]): Promise<Map<Key, Answer>>;
  missing: Answer;
  clock: Clock;
  /** How long to gather, in milliseconds. @default 15 */
  gatherMs?: number;
  /** At most this many keys a request. @default 100 */
  most?: number;
}

export class Batch<Key, Answer> {
  private readonly options: BatchOptions<Key, Answer>;
  private waiting = new Map<Key, Waiter<Answer>[]>();

  constructor(options: BatchOptions<Key, Answer>) {
    this.options = options;
  }

  ask(key: Key): Promise<Answer> {
    if (this.waiting.size === 0) void this.flushSoon();
    return new Promise((resolve, reject) => {
      this.waiting.set(key, [...(this.waiting.get(key) ?? []), { resolve, reject }]);
    });
  }

  private async flushSoon(): Promise<void> {
    await this.options.clock.sleep(this.options.gatherMs ?? 15);
    const waiting = this.waiting;
    this.waiting = new Map();
    const keys = [...waiting.keys()];
    const most = this.options.most ?? 100;
    const chunks = Array.from({ length: Math.ceil(keys.length / most) }, (_, i) =>
      keys.slice(i * most, (i + 1) * most),
    );
    await Promise.all(
      chunks.map(async (chunk) => {
        try {
          const answers = await this.options.ask(chunk);
          for (const key of chunk) {
            for (const waiter of waiting.get(key) ?? []) waiter.resolve(answers.get(key) ?? this.options.missing);
          }
        } catch (error) {
          for (const key of chunk) for (const waiter of waiting.get(key) ?? []) waiter.reject(error);
        }
      }),
    );
  }
}
