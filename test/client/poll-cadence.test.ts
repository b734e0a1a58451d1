import assert from "node:assert/strict";
import { test } from "node:test";
import { nextPollDelay } from "../../providers/maas/poll-cadence.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;

/** Polls a phase of this length and gives when its end was seen, and with how many polls. */
function follow(phaseMs: number, expectedMs?: number): { seenAt: number; polls: number } {
  let now = 0;
  let polls = 0;
  while (now < phaseMs) {
    now += nextPollDelay({ sinceChangeMs: now, expectedMs });
    polls++;
  }
  return { seenAt: now, polls };
}

test("a delay is 2.5 % of the phase so far, at least 200 ms and at most 10 s", () => {
  assert.equal(nextPollDelay({ sinceChangeMs: 0 }), 200);
  assert.equal(nextPollDelay({ sinceChangeMs: 8 * SECOND }), 200);
  assert.equal(nextPollDelay({ sinceChangeMs: MINUTE }), 1_500);
  assert.equal(nextPollDelay({ sinceChangeMs: 60 * MINUTE }), 10 * SECOND);
});

test("it is 1 % near the expected end, and the step before does not jump over that", () => {
  const expectedMs = 10 * MINUTE;
  assert.equal(nextPollDelay({ sinceChangeMs: 5 * MINUTE, expectedMs }), 7_500);
  assert.equal(nextPollDelay({ sinceChangeMs: 9 * MINUTE - 3 * SECOND, expectedMs }), 3 * SECOND);
  assert.equal(nextPollDelay({ sinceChangeMs: 9.5 * MINUTE, expectedMs }), 5_700);
  assert.equal(nextPollDelay({ sinceChangeMs: 12 * MINUTE, expectedMs }), 10 * SECOND);
});

test("an expectation that makes no sense does no harm", () => {
  for (const expectedMs of [0, -5, Number.NaN, Infinity]) {
    const delay = nextPollDelay({ sinceChangeMs: MINUTE, expectedMs });
    assert.ok(delay >= 200 && delay <= 10 * SECOND, `${String(expectedMs)}: ${String(delay)}`);
  }
});

for (const minutes of [0.2, 1, 3, 7, 8.7, 12, 44]) {
  test(`a phase of ${String(minutes)} minutes is seen to end at most 2.5 % late, 1 % when that was expected`, () => {
    const phase = minutes * MINUTE;
    const unexpected = follow(phase);
    assert.ok(unexpected.seenAt - phase <= Math.max(200, phase * 0.026), String(unexpected.seenAt - phase));
    const expected = follow(phase, phase);
    assert.ok(expected.seenAt - phase <= Math.max(200, phase * 0.011), String(expected.seenAt - phase));
    assert.ok(expected.polls < 450, String(expected.polls));
  });
}
