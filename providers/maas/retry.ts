/** How long to wait before a request is tried again. */
const FIRST_MS = 1_000;
const LONGEST_MS = 10_000;
/** What MAAS asks for is 5 or 10 s; more is not believed. */
const LONGEST_ASKED_MS = 60_000;

/**
 * 1, 2, 4 s … at most 10 s, less up to a half by chance, so that those that failed together do not come back together.
 * What the server asked for is waited at least.
 *
 * @param attempt the try that failed, 1 for the first
 * @param random 0 to 1
 */
export function retryDelay(attempt: number, retryAfterMs: number | undefined, random: () => number): number {
  const backoff = Math.min(LONGEST_MS, FIRST_MS * 2 ** (attempt - 1));
  if (retryAfterMs === undefined) return backoff * (1 - random() / 2);
  return Math.min(retryAfterMs, LONGEST_ASKED_MS) + (backoff * random()) / 2;
}

/** A Retry-After header, seconds or a date, in milliseconds; undefined when there is none that can be read. */
export function retryAfter(header: string | undefined, now = Date.now()): number | undefined {
  if (header === undefined) return undefined;
  if (/^\s*\d+\s*$/.test(header)) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
