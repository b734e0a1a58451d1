/** How often to look. */

export const SHORTEST_MS = 200;
export const LONGEST_MS = 10_000;

/** Of the time that a phase has lasted: so late is its end seen at most. */
const SHARE = 0.025;
/** The same while the expected end is near. */
const SHARE_NEAR = 0.01;
/** Near is within this part of the expected time, before and after. */
const NEAR = 0.1;

/**
 * The time until the next poll of a machine, in milliseconds: in proportion to the time since it last changed, since
 * what has lasted long may last long, and shorter when the end is expected.
 *
 * @param expectedMs how long the phase should last altogether, when that is known
 */
export function nextPollDelay({
  sinceChangeMs,
  expectedMs,
}: {
  sinceChangeMs: number;
  expectedMs?: number | undefined;
}) {
  const untilNear = expectedMs === undefined ? Infinity : expectedMs * (1 - NEAR) - sinceChangeMs;
  const isNear = untilNear <= 0 && sinceChangeMs <= (expectedMs ?? 0) * (1 + NEAR);
  const proportional = sinceChangeMs * (isNear ? SHARE_NEAR : SHARE);
  // Not past the moment from which on to look more closely.
  const delay = untilNear > 0 ? Math.min(proportional, untilNear) : proportional;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, delay));
}
