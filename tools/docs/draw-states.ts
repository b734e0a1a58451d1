/**
 * Draws docs/states.svg: a machine's way through MAAS, and who takes it there. The labels are MAAS's own, from
 * providers/maas/node-status.ts; a test compares the file with what this draws. Anew: `node tools/docs/draw-states.ts`.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { NodeStatus, statusLabel } from "../../providers/maas/node-status.ts";
import { projectRoot } from "../project.ts";

type Look = "machine" | "deployment" | "release" | "failed";

interface Box {
  states: NodeStatus[];
  column: number;
  row: number;
  look: Look;
}

const COLUMN = 138;
const ROW = 96;
const WIDTH = 112;
const HEIGHT = 40;
const MARGIN = 20;
const LEGEND = 34;

const S = NodeStatus;
const boxes = {
  new: { states: [S.new], column: 0, row: 1, look: "machine" },
  commissioning: { states: [S.commissioning], column: 1, row: 1, look: "machine" },
  testing: { states: [S.testing], column: 2, row: 1, look: "machine" },
  ready: { states: [S.ready], column: 3, row: 1, look: "machine" },
  allocated: { states: [S.allocated], column: 4, row: 1, look: "deployment" },
  deploying: { states: [S.deploying], column: 5, row: 1, look: "deployment" },
  deployed: { states: [S.deployed], column: 6, row: 1, look: "deployment" },
  releasing: { states: [S.releasing, S.diskErasing], column: 4.5, row: 0, look: "release" },
  failedReleasing: { states: [S.failedReleasing, S.failedDiskErasing], column: 1.8, row: 0, look: "failed" },
  failedCommissioning: { states: [S.failedCommissioning], column: 1, row: 2, look: "failed" },
  failedTesting: { states: [S.failedTesting], column: 2, row: 2, look: "failed" },
  failedDeployment: { states: [S.failedDeployment], column: 5, row: 2, look: "failed" },
} satisfies Record<string, Box>;

const colours: Record<Look, { fill: string; line: string; meaning: string }> = {
  machine: { fill: "#dbeafe", line: "#1d4ed8", meaning: "Machine takes it there" },
  deployment: { fill: "#dcfce7", line: "#15803d", meaning: "Deployment takes it there" },
  release: { fill: "#f3f4f6", line: "#4b5563", meaning: "on delete of the Deployment" },
  failed: { fill: "#fee2e2", line: "#b91c1c", meaning: "an error; dashed: what the next run does" },
};

export function statesPicture(): string {
  const width = 2 * MARGIN + 6 * COLUMN + WIDTH;
  const height = 2 * MARGIN + 2 * ROW + HEIGHT + LEGEND;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${String(width)} ${String(height)}" font-family="sans-serif" font-size="12">
<title>A machine's states in MAAS, and what takes it from one to the next</title>
<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8z" fill="#374151"/></marker></defs>
<rect width="100%" height="100%" fill="#ffffff"/>
${[...arrows(), ...Object.values(boxes).map(drawnBox), ...legend(height)].join("\n")}
</svg>
`;
}

function arrows(): string[] {
  const b = boxes;
  const top = middle(b.releasing).y;
  const bottom = middle(b.failedDeployment).y;
  return [
    along(b.new, b.commissioning),
    along(b.commissioning, b.testing),
    along(b.testing, b.ready),
    along(b.ready, b.allocated),
    along(b.allocated, b.deploying),
    along(b.deploying, b.deployed),
    // Back: up from Deployed, through Releasing, down to Ready.
    line(`M${at(middle(b.deployed).x, over(b.deployed))}V${String(top)}H${String(right(b.releasing) + 2)}`),
    line(`M${at(left(b.releasing), top + 14)}H${String(middle(b.ready).x + 36)}V${String(over(b.ready) - 2)}`),
    down(b.commissioning, b.failedCommissioning),
    down(b.testing, b.failedTesting),
    down(b.deploying, b.failedDeployment),
    line(`M${at(left(b.releasing), top - 12)}H${String(right(b.failedReleasing) + 2)}`),
    line(`M${at(right(b.failedReleasing), top + 4)}H${String(left(b.releasing) - 2)}`, true),
    words(right(b.failedReleasing) + 8, top - 1, "again", "start"),
    up(b.failedCommissioning, b.commissioning),
    up(b.failedTesting, b.testing),
    line(`M${at(left(b.failedDeployment), bottom)}H${String(middle(b.ready).x)}V${String(under(b.ready) + 2)}`, true),
    words(middle(b.allocated).x, bottom - 6, "released, deployed anew"),
  ];
}

const along = (from: Box, to: Box): string => line(`M${at(right(from), middle(from).y)}H${String(left(to) - 2)}`);
const down = (from: Box, to: Box): string => line(`M${at(middle(from).x - 14, under(from))}V${String(over(to) - 2)}`);
const up = (from: Box, to: Box): string =>
  line(`M${at(middle(from).x + 14, over(from))}V${String(under(to) + 2)}`, true) +
  words(middle(from).x + 20, over(from) - 24, "again", "start");

const line = (path: string, dashed = false): string =>
  `<path d="${path}" fill="none" stroke="#374151"${dashed ? ' stroke-dasharray="5 4"' : ""} marker-end="url(#head)"/>`;

const words = (x: number, y: number, text: string, anchor = "middle"): string =>
  `<text x="${String(x)}" y="${String(y)}" text-anchor="${anchor}" font-size="11" fill="#374151">${text}</text>`;

function drawnBox(box: Box): string {
  const { fill, line: stroke } = colours[box.look];
  const { x, y } = middle(box);
  const texts = box.states.map((state, index) => {
    const offset = (index - (box.states.length - 1) / 2) * 15 + 4;
    return `<text x="${String(x)}" y="${String(y + offset)}" text-anchor="middle" fill="#111827">${statusLabel(state)}</text>`;
  });
  return `<rect x="${String(left(box))}" y="${String(over(box))}" width="${String(widthOf(box))}" height="${String(HEIGHT)}" rx="6" fill="${fill}" stroke="${stroke}"/>${texts.join("")}`;
}

function legend(height: number): string[] {
  const y = height - MARGIN;
  return Object.values(colours).map(({ fill, line: stroke, meaning }, index) => {
    const x = MARGIN + index * 235;
    return `<rect x="${String(x)}" y="${String(y - 11)}" width="14" height="14" rx="3" fill="${fill}" stroke="${stroke}"/>${words(x + 20, y, meaning, "start")}`;
  });
}

const at = (x: number, y: number): string => `${String(x)} ${String(y)}`;
const widthOf = (box: Box): number =>
  Math.max(WIDTH, ...box.states.map((state) => statusLabel(state).length * 6.6 + 10));
const middle = (box: Box): { x: number; y: number } => ({
  x: MARGIN + WIDTH / 2 + box.column * COLUMN,
  y: MARGIN + HEIGHT / 2 + box.row * ROW,
});
const left = (box: Box): number => middle(box).x - widthOf(box) / 2;
const right = (box: Box): number => middle(box).x + widthOf(box) / 2;
const over = (box: Box): number => middle(box).y - HEIGHT / 2;
const under = (box: Box): number => middle(box).y + HEIGHT / 2;

if (process.argv[1] === import.meta.filename) {
  writeFileSync(join(projectRoot, "docs", "states.svg"), statesPicture());
}
