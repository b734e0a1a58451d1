/**
 * Tells a person what goes on: the phase, how long it has lasted and how long it should. On a terminal the line is
 * drawn anew each second; elsewhere it is printed when the phase changes and twice a minute.
 */
import type { Clock } from "./clock.ts";
import { clockText } from "./duration.ts";

const LIVE_MS = 1_000;
const LINES_MS = 30_000;

export class PhaseReporter {
  private phase = "";
  private detail = "";
  private since: number;
  private expectedMs: number | undefined;
  private readonly stopped = new AbortController();
  private readonly options: { show: (text: string) => void; clock: Clock; live: boolean };

  constructor(options: { show: (text: string) => void; clock: Clock; live: boolean }) {
    this.options = options;
    this.since = options.clock.now();
    void this.tick();
  }

  /** Enters a phase, or refines the one that runs: the elapsed time starts anew only when its name changes. */
  enter(phase: string, options: { detail?: string; expectedMs?: number | undefined } = {}): void {
    const detail = options.detail ?? "";
    if (phase === this.phase && detail === this.detail) return;
    if (phase !== this.phase) this.since = this.options.clock.now();
    this.phase = phase;
    this.detail = detail;
    this.expectedMs = options.expectedMs;
    this.options.show(this.text());
  }

  /** How long the phase has lasted, in milliseconds. */
  elapsed(): number {
    return this.options.clock.now() - this.since;
  }

  stop(): void {
    this.stopped.abort(new Error("no more to tell"));
  }

  private text(): string {
    const detail = this.detail === "" || this.detail === this.phase ? "" : `: ${this.detail}`;
    const expected = this.expectedMs === undefined ? "" : ` of about ${clockText(this.expectedMs)}`;
    return `${this.phase}${detail} (${clockText(this.elapsed())}${expected})`;
  }

  private async tick(): Promise<void> {
    const { clock, live, show } = this.options;
    try {
      for (;;) {
        await clock.sleep(live ? LIVE_MS : LINES_MS, this.stopped.signal);
        if (this.phase !== "") show(this.text());
      }
    } catch {
      // Stopped: the resource is done.
    }
  }
}
