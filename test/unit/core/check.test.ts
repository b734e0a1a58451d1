import assert from "node:assert/strict";
import { test } from "node:test";
import { Check } from "../../../providers/core/check.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const failuresOf = (inputs: Record<string, unknown>, rules: (check: Check) => void) => {
  const check = new Check(inputs);
  rules(check);
  return check.failures.map((failure) => `${failure.property} ${failure.reason}`);
};

test("everything wrong is told at once, each with its path", () => {
  const failures = failuresOf(
    { series: "jamy", power: { type: "amt" }, timeout: "30", tags: ["a", "a", 3] },
    (check) => {
      check.oneOf("series", ["jammy", "noble"]);
      check.required("power.address", '"172.16.15.1"');
      check.duration("timeout");
      check.texts("tags");
      check.required("hostname", '"server1"');
    },
  );
  assert.deepEqual(failures, [
    'series "jamy" is unknown; did you mean "jammy"?',
    'power.address is missing; write for example "172.16.15.1"',
    'timeout "30" has no unit; write for example "30 minutes"',
    'tags[1] "a" is there twice; take one out',
    "tags[2] must be a text, not a number",
    'hostname is missing; write for example "server1"',
  ]);
});

test("a value that is not known yet passes, and counts as written", () => {
  const failures = failuresOf({ series: UNKNOWN, tags: [UNKNOWN] }, (check) => {
    check.required("series", "x");
    check.oneOf("series", ["jammy"]);
    check.texts("tags", () => "never asked");
  });
  assert.deepEqual(failures, []);
});

test("a name that nobody reads is told the nearest right one; the engine's own keys pass", () => {
  const failures = failuresOf({ __provider: "x", tag: [], power: { adress: "1" } }, (check) => {
    check.onlyKnown(["tags", "power"]);
    check.onlyKnown(["address", "type"], "power");
  });
  assert.deepEqual(failures, [
    'tag is not known here; did you mean "tags"?',
    'power.adress is not known here; did you mean "address"?',
  ]);
});

test("flags are true or false, never words", () => {
  const rule = (check: Check) => {
    check.flag("erase");
  };
  assert.deepEqual(failuresOf({ erase: "yes" }, rule), ["erase must be true or false, not a string"]);
  assert.deepEqual(failuresOf({ erase: false }, rule), []);
});

test("whole numbers have a least and a most, and are no texts", () => {
  const reasons = (vid: unknown) => {
    const check = new Check({ vid });
    check.wholeNumber("vid", 0, 4094, "0 is untagged");
    return check.failures.map(({ reason }) => reason);
  };
  for (const fine of [undefined, 0, 4094]) assert.deepEqual(reasons(fine), []);
  for (const wrong of [-1, 4095, 1.5])
    assert.match(String(reasons(wrong)), /write a whole number from 0 to 4094 \(0 is untagged\)/);
  assert.match(String(reasons("20")), /must be a whole number from 0 to 4094 .* not a string/);
});

test("a number that is none, or out of range, is told with the range", () => {
  const told = (ttl: unknown) =>
    failuresOf({ ttl }, (check) => {
      check.integer("ttl", { from: 1, to: 60, unit: "seconds" });
    });
  assert.deepEqual(told("30"), ["ttl must be a number of seconds, not a string"]);
  assert.deepEqual(told(61), ["ttl 61 cannot be; write a whole number from 1 to 60"]);
  assert.deepEqual(told(1.5), ["ttl 1.5 cannot be; write a whole number from 1 to 60"]);
  assert.deepEqual([told(1), told(60), told(undefined), told(UNKNOWN)], [[], [], [], []]);
});

test("a name that is not known may have an explanation of its own", () => {
  const told = failuresOf({ ttl: 1, tlt: 1, url: "x" }, (check) => {
    check.onlyKnown(["ttl"], "", (name) => (name === "url" ? "is in a file" : undefined));
  });
  assert.deepEqual(told, ['tlt is not known here; did you mean "ttl"?', "url is in a file"]);
});
