/** One after the other, for those that change the same thing: each begins when the one before it has ended, well or not. */
export class Turns {
  private readonly last = new Map<string, Promise<unknown>>();

  async take<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const mine = (this.last.get(thing) ?? Promise.resolve()).then(work, work);
    this.last.set(thing, mine);
    try {
      return await mine;
    } finally {
      if (this.last.get(thing) === mine) this.last.delete(thing);
    }
  }
}
