/**
 * The lab's own time, in milliseconds, `timeScale` times as fast as real time. It stands still while no lab runs: a lab that is
 * started again, with the same scale or another, finds its machines in the phase in which they were.
 */
export class LabClock {
  readonly #from: number;
  readonly #timeScale: number;
  readonly #real: () => number;
  readonly #started: number;

  /**
   * @param from Where the clock was when it stopped.
   * @param timeScale Simulated seconds per real second.
   * @param real Real milliseconds, counting up.
   */
  constructor(from: number, timeScale: number, real: () => number = () => performance.now()) {
    this.#from = from;
    this.#timeScale = timeScale;
    this.#real = real;
    this.#started = real();
  }

  now(): number {
    return this.#from + (this.#real() - this.#started) * this.#timeScale;
  }
}
