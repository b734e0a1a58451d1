import assert from "node:assert/strict";
import { test } from "node:test";
import { clockText, durationProblem, milliseconds } from "../../../providers/core/duration.ts";

test("a duration is a number and its unit, singular or plural", () => {
  assert.equal(milliseconds("90 seconds"), 90_000);
  assert.equal(milliseconds("1 minute"), 60_000);
  assert.equal(milliseconds("1.5 hours"), 5_400_000);
});

test("a number without unit is told which unit to write", () => {
  assert.match(durationProblem("30") ?? "", /no unit; write for example "30 minutes"/);
  assert.match(durationProblem(30) ?? "", /no unit/);
});

test("what is no duration is told what one looks like", () => {
  for (const text of ["30m", "soon", "", "-5 minutes", "5 days", "30  minutes"]) {
    assert.match(durationProblem(text) ?? "", /write a number and seconds, minutes or hours/, text);
  }
});

test("elapsed time is short and easy to read", () => {
  assert.equal(clockText(0), "0 s");
  assert.equal(clockText(59_400), "59 s");
  assert.equal(clockText(65_000), "1 min 05 s");
  assert.equal(clockText(3_725_000), "1 h 02 min");
});
