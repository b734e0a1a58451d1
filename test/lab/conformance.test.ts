import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { claimed, transcriptDirectory } from "../../lab/conformance/claimed.ts";
import { differences } from "../../lab/conformance/compare.ts";
import { replayObserved } from "../../lab/conformance/observed.ts";
import { Placeholders } from "../../lab/conformance/placeholders.ts";
import { checkSurface } from "../../lab/conformance/surface.ts";
import { UsageLog } from "../../lab/conformance/usage.ts";
import { replay } from "../../lab/conformance/replay.ts";
import type { RequestRecord } from "../../lab/conformance/transcript.ts";
import { startLab, type Lab } from "../../lab/lab.ts";
import { operations } from "../../lab/maas/operations.ts";
import { clientCoverage } from "../conformance/client-operations.ts";

const log = new UsageLog();
const watched = log.watched(operations);

describe("recordings of a real MAAS", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ mode: "explicit", operations: watched });
  });
  after(() => lab.close());

  for (const name of claimed)
    it(`are answered alike: ${name}`, async () => {
      const verdict = await replay(lab, join(transcriptDirectory, name));
      assert.ok(verdict.records > 0);
      assert.deepEqual(verdict.different, []);
    });
});

describe("the observed walk through another region", () => {
  it("is answered alike, but for what was not kept", async () => {
    const { equal, different, notComparable } = await replayObserved(watched);
    assert.deepEqual(
      different.map(({ record, differences }) => ({ n: record.n, differences })),
      [],
    );
    assert.equal(equal, 400);
    assert.equal(notComparable.length, 20);
  });
});

describe("MAAS's own list of operations", () => {
  it("has each of the lab's, with what it reads, wants and answers", async () => {
    const { covered, faults } = await checkSurface(log, operations);
    assert.deepEqual(faults, []);
    assert.ok(covered >= 307, `${String(covered)} operations`);
  });

  it("has a lab for each that the client can call", async () => {
    const { called, missing } = await clientCoverage(operations);
    assert.deepEqual(missing, []);
    assert.ok(called > 100);
  });
});

describe("the comparison", () => {
  const keys = { adminkey: "c:t:s", userkey: "d:u:v" };
  const record = (body: RequestRecord["body"], more: Partial<RequestRecord> = {}): RequestRecord => ({
    kind: "request",
    as: "admin",
    method: "GET",
    path: "x/",
    status: 200,
    content_type: "application/json; charset=utf-8",
    body,
    ...more,
  });
  const answer = (body: unknown) => ({
    status: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const where = (want: RequestRecord, got: unknown, placeholders = new Placeholders(keys)): string[] =>
    differences(want, answer(got), placeholders).map((difference) => difference.where);

  it("finds a wrong value, a missing key and one too many", () => {
    assert.deepEqual(where(record({ a: 1, b: 2 }), { a: 2, c: 3 }), ["body.a", "body.b", "body.c"]);
  });

  it("binds a placeholder once", () => {
    assert.deepEqual(where(record([{ id: "$tag1" }, { id: "$tag1" }]), [{ id: 4 }, { id: 5 }]), ["body[1].id"]);
    assert.deepEqual(where(record({ id: "$tag1", uri: "/x/$tag1/" }), { id: 4, uri: "/x/4/" }), []);
  });

  it("wants an integer for a row and a text for a machine", () => {
    assert.deepEqual(where(record({ id: "$subnet1", system_id: "$m1" }), { id: "1", system_id: "abcdef" }), [
      "body.id",
    ]);
  });

  it("tells true from 1, and null from $any", () => {
    assert.deepEqual(where(record({ a: true, b: "$any", c: "$time" }), { a: 1, b: null, c: "" }), [
      "body.a",
      "body.b",
      "body.c",
    ]);
  });

  it("cares for the order of lists, but for those that have none", () => {
    assert.deepEqual(where(record({ tag_names: ["a", "b"], list: [1, 2] }), { tag_names: ["b", "a"], list: [2, 1] }), [
      "body.list[0]",
      "body.list[1]",
    ]);
  });

  it("compares shapes by kinds and keys alone", () => {
    const shape = record({ count: 1, events: [{ id: "$ev1", level: "INFO" }] }, { compare: "shape" });
    assert.deepEqual(where(shape, { count: 9, events: [{ id: 3, level: "x" }, {}] }), []);
    assert.deepEqual(where(shape, { count: {}, events: [{ id: 3 }] }), ["body.count", "body.events[0].level"]);
  });

  it("looks at status, type and Retry-After", () => {
    const want = record("", { status: 409, content_type: "text/html", retry_after: "5", compare: "status" });
    assert.deepEqual(where(want, ""), ["status", "content_type", "retry_after"]);
  });

  it("looks only at the named blocks of a text", () => {
    const yaml = "a:\n  x: 1\nnetwork:\n  y: 2\n\n  z: 3\nend: 1\n";
    const want = record(yaml, { compare: "sections", sections: ["network"], content_type: "text/plain" });
    const got = { status: 200, headers: { "content-type": "text/plain" }, body: yaml.replace("x: 1", "x: 9") };
    assert.deepEqual(differences(want, got, new Placeholders(keys)), []);
    const other = { ...got, body: yaml.replace("z: 3", "z: 4") };
    assert.equal(differences(want, other, new Placeholders(keys)).length, 1);
  });
});
