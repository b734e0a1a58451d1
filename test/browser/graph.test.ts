/** The picture of the rack in a real browser: everything can be read, and nothing lies over anything else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { declaredInPreview, declaredInState, type Declared } from "../../tools/graph/declared.ts";
import { svgOf } from "../../tools/graph/draw.ts";
import { pictureOf } from "../../tools/graph/picture.ts";
import { browserOfTests } from "../support/browser.ts";
import { bondedMachine, exportedStack, network, ovsMachine, ovsRack } from "../support/rack-state.ts";

interface Box {
  label: string;
  left: number;
  top: number;
  right: number;
  bottom: number;
}

interface Drawn {
  picture: Box;
  texts: Box[];
  cards: Box[];
  /** Texts of the cards, each with its card. */
  held: { text: Box; card: Box }[];
  /** Points along each line, 60 a line, with the cards that it joins. */
  lines: { joins: string[]; points: { x: number; y: number }[] }[];
}

const browser = browserOfTests();

async function draw(declared: Declared[]): Promise<Drawn> {
  const page = await browser().newPage();
  try {
    await page.setContent(`<!doctype html><body style="margin:0">${await svgOf(pictureOf(declared, "dev"))}`);
    return await page.evaluate(measure);
  } finally {
    await page.close();
  }
}

/** Runs in the browser. */
const measure = `(() => {
  const boxOf = (element, label) => {
    const { left, top, right, bottom } = element.getBoundingClientRect();
    return { label, left, top, right, bottom };
  };
  const svg = document.querySelector("svg");
  const shape = (node) => {
    const boxes = [...node.querySelectorAll("path, polygon")].map((each) => boxOf(each, node.querySelector("title").textContent));
    return boxes.reduce((a, b) => ({ ...a, left: Math.min(a.left, b.left), top: Math.min(a.top, b.top), right: Math.max(a.right, b.right), bottom: Math.max(a.bottom, b.bottom) }));
  };
  const nodes = [...svg.querySelectorAll("g.node")];
  const toPage = svg.querySelector("g.graph").getScreenCTM();
  return {
    picture: boxOf(svg, "picture"),
    texts: [...svg.querySelectorAll("text")].filter((each) => each.textContent.trim() !== "").map((each) => boxOf(each, each.textContent)),
    cards: nodes.map(shape),
    held: nodes.flatMap((node) => [...node.querySelectorAll("text")].filter((each) => each.textContent.trim() !== "").map((each) => ({ text: boxOf(each, each.textContent), card: shape(node) }))),
    lines: [...svg.querySelectorAll("g.edge")].map((edge) => {
      const path = edge.querySelector("path");
      const length = path.getTotalLength();
      return {
        joins: edge.querySelector("title").textContent.split("--").map((end) => end.split(":")[0]),
        points: Array.from({ length: 60 }, (_, index) => {
          const { x, y } = path.getPointAtLength((length * index) / 59).matrixTransform(toPage);
          return { x, y };
        }),
      };
    }),
  };
})()` as unknown as () => Drawn;

/** A line of text reaches a little below its letters. */
const tolerance = 2;

const overlap = (a: Box, b: Box): boolean =>
  Math.min(a.right, b.right) - Math.max(a.left, b.left) > tolerance &&
  Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > tolerance;

const inside = (inner: Box, outer: Box): boolean =>
  inner.left >= outer.left - 1 &&
  inner.top >= outer.top - 1 &&
  inner.right <= outer.right + 1 &&
  inner.bottom <= outer.bottom + 1;

const pairs = (boxes: Box[]): [Box, Box][] =>
  boxes.flatMap((box, index) => boxes.slice(index + 1).map((other): [Box, Box] => [box, other]));

function assertReadable({ picture, texts, cards, held, lines }: Drawn): void {
  const labels = (found: [Box, Box][]) => found.map(([a, b]) => `${a.label} / ${b.label}`);
  assert.deepEqual(labels(pairs(texts).filter(([a, b]) => overlap(a, b))), [], "texts lie over each other");
  assert.deepEqual(labels(pairs(cards).filter(([a, b]) => overlap(a, b))), [], "cards lie over each other");
  const outside = [...texts, ...cards].filter((box) => !inside(box, picture)).map(({ label }) => label);
  assert.deepEqual(outside, [], "something is outside of the picture");
  const spilt = held.filter(({ text, card }) => !inside(text, card)).map(({ text }) => text.label);
  assert.deepEqual(spilt, [], "a text is wider than its card");
  assert.deepEqual(
    texts.filter(({ top, bottom }) => bottom - top < 11).map(({ label }) => label),
    [],
    "too small to read",
  );
  const crossed = lines.flatMap(({ joins, points }) =>
    cards.filter(
      (card) =>
        !joins.includes(card.label) &&
        points.some(({ x, y }) => x > card.left + 2 && x < card.right - 2 && y > card.top + 2 && y < card.bottom - 2),
    ),
  );
  assert.deepEqual(crossed, [], "a line passes behind a card");
}

for (const machines of [1, 5, 30]) {
  test(`a rack of ${String(machines)} is readable, and every address is in it`, async () => {
    const drawn = await draw(declaredInState(exportedStack(ovsRack(machines))));
    assertReadable(drawn);
    const texts = drawn.texts.map(({ label }) => label.trim());
    for (let number = 1; number <= machines; number++) {
      for (const wanted of [`server${String(number)}`, `172.16.0.${String(10 + number)}`])
        assert.ok(texts.includes(wanted), `${wanted} is drawn`);
    }
    assert.equal(texts.filter((text) => text === "Deployed").length, machines);
    assert.equal(drawn.lines.filter(({ joins }) => joins.includes("n0")).length, machines);
  });
}

test("bonds, VLANs, two subnets and kinds that nobody knows are readable too", async () => {
  const drawn = await draw(declaredInState(exportedStack([...ovsRack(9), ...bondedMachine()])));
  assertReadable(drawn);
  const texts = drawn.texts.map(({ label }) => label.trim());
  for (const wanted of ["bond0.30", "10.30.0.9", "Failed testing", 'Model: web <&"> app', "Storage layout: lvm"])
    assert.ok(texts.includes(wanted), `${wanted} is drawn`);
});

test("a preview shows what is to be made beside what is there", async () => {
  const state = exportedStack([...network(), ...ovsMachine(1)]);
  const steps = ovsMachine(2).map((newState) => ({ op: "create", urn: newState.urn, newState }));
  const drawn = await draw(declaredInPreview(steps, state));
  assertReadable(drawn);
  assert.ok(drawn.texts.some(({ label }) => label.trim() === "+ create"));
});

test("names of any length stay inside", async () => {
  const [machine, ...others] = ovsMachine(1);
  assert.ok(machine?.inputs && machine.outputs);
  const hostname = `rack-${"w".repeat(58)}`;
  const tags = Array.from({ length: 12 }, (_, index) => `a-tag-of-this-rack-${String(index)}`);
  Object.assign(machine.inputs, { hostname, tags });
  Object.assign(machine.outputs, { hostname, tags });
  assertReadable(await draw(declaredInState(exportedStack([...network(), machine, ...others]))));
});
