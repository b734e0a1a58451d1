/** A sample of `npm run crash`, spread over all kinds of request; all of them take many minutes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { playCases } from "../crash/harness.ts";

const SAMPLE = 8;

test(`killed at ${String(SAMPLE)} of all requests, each next run converges`, async () => {
  const outcomes = await playCases({ sample: SAMPLE }, () => undefined);
  const failures = outcomes.filter(({ failure }) => failure !== undefined);
  assert.deepEqual(failures, []);
  assert.equal(outcomes.length, SAMPLE);
});
