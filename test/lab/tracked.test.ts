import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Changes, tracked } from "../../lab/tracked.ts";

interface Row {
  name: string;
  tags: string[];
  at?: { x: number };
}

describe("the view that notes what is written", () => {
  const setUp = () => {
    const state: { rows: Record<string, Row>; others: Record<string, Row>; flag: boolean } = {
      rows: { a: { name: "a", tags: ["t"], at: { x: 1 } }, b: { name: "b", tags: [] } },
      others: {},
      flag: false,
    };
    const changes = new Changes();
    return { state, changes, view: tracked(state, changes) };
  };

  it("notes nothing for looking, and shows one thing as one object", () => {
    const { changes, view } = setUp();
    assert.equal(view.rows["a"], view.rows["a"]);
    assert.equal(Object.values(view.rows).filter((row) => row.tags.includes("t")).length, 1);
    assert.equal(JSON.stringify(view.rows["a"]?.at), '{"x":1}');
    assert.equal(changes.any, false);
  });

  const writes: [string, (view: ReturnType<typeof setUp>["view"]) => void, [string, string][]][] = [
    ["a field", (view) => Object.assign(view.rows["a"] ?? {}, { name: "n" }), [["rows", "a"]]],
    ["a list inside", (view) => view.rows["b"]?.tags.push("x"), [["rows", "b"]]],
    ["an object inside", (view) => Object.assign(view.rows["a"]?.at ?? {}, { x: 2 }), [["rows", "a"]]],
    ["a field that goes", (view) => Reflect.deleteProperty(view.rows["a"] ?? {}, "at"), [["rows", "a"]]],
    ["a new row", (view) => (view.others["c"] = { name: "c", tags: [] }), [["others", "c"]]],
    ["a row that goes", (view) => Reflect.deleteProperty(view.rows, "a"), [["rows", "a"]]],
    ["a value that is no table", (view) => (view.flag = true), [["flag", ""]]],
    [
      "a new row, through what was stored",
      (view) => {
        view.others["c"] = { name: "c", tags: [] };
        view.others["c"].tags.push("x");
      },
      [["others", "c"]],
    ],
  ];
  for (const [what, write, noted] of writes)
    it(`notes ${what}`, () => {
      const { changes, view } = setUp();
      write(view);
      assert.deepEqual(changes.take(), noted);
      assert.equal(changes.any, false);
    });

  it("stores plain values, and never one object in two rows", () => {
    const { state, changes, view } = setUp();
    const [a, b] = [view.rows["a"], view.rows["b"]];
    assert.ok(a?.at && b);
    b.at = a.at;
    view.others["c"] = { ...a };
    changes.take();
    a.at.x = 7;
    assert.deepEqual(changes.take(), [["rows", "a"]]);
    assert.equal(state.rows["b"]?.at?.x, 1);
    assert.equal(state.others["c"]?.at?.x, 1);
    assert.doesNotThrow(() => structuredClone(state));
  });
});
