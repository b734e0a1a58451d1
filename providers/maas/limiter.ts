/** Lets at most so many run at once; the others wait in the order in which they came. */
export type Limiter = <T>(work: () => Promise<T>) => Promise<T>;

export function limiter(atMost: number): Limiter {
  const waiting: (() => void)[] = [];
  let running = 0;
  return async (work) => {
    if (running >= atMost) await new Promise<void>((go) => waiting.push(go));
    else running++;
    try {
      return await work();
    } finally {
      // A slot is handed on, not freed and fought for.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}
