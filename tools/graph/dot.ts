/** The picture as Graphviz text: networks in the middle, machines on both sides, one coloured line an address. */
import type { Change } from "./declared.ts";
import type { InterfaceRow } from "./interfaces.ts";
import type { Network } from "./networks.ts";
import { mark, type Line } from "./phrases.ts";
import type { Picture, PictureMachine } from "./picture.ts";

/** Arial's widths are those that Graphviz reckons with; Liberation Sans has the same ones. */
const font = "Arial";
const ink = "#1e293b";
const dim = "#475569";

/** Dark enough for a line on white; the networks in turn. */
const lineColours = ["#1d4ed8", "#b45309", "#047857", "#a21caf", "#be123c", "#0e7490"];

const changeColours: Record<Change, string> = {
  create: "#15803d",
  update: "#a16207",
  replace: "#a21caf",
  delete: "#b91c1c",
};

/** One side is easier to read while it is not too long. */
const oneSide = 6;

/** Inches between networks and machines: the more lines fan out, the more room they need. */
const gap = (machines: number): string => (0.8 + 0.15 * machines).toFixed(2);

export function dotOf(picture: Picture): string {
  const right = picture.machines.length <= oneSide ? 0 : Math.floor(picture.machines.length / 2);
  const left = picture.machines.slice(0, right);
  const colours = new Map(
    picture.networks.map(({ key }, position) => [key, lineColours[position % lineColours.length] ?? ink]),
  );
  const width = widthFor(
    [...picture.networks, ...picture.rest].flatMap(({ heading, lines }) => [heading, ...texts(lines)]),
  );
  const machinesWidth = widthFor(picture.machines.flatMap(machineTexts));
  return `${[
    "graph rack {",
    `  graph [rankdir=LR, newrank=true, ranksep=${gap(picture.machines.length - right)}, splines=line, nodesep=0.18, pad=0.3, bgcolor="#ffffff", fontname="${font}", fontsize=18, fontcolor="${ink}", labelloc=t, label=${quoted(`${picture.title}\n `)}]`,
    `  node [shape=plain, fontname="${font}", fontsize=12, fontcolor="${ink}"]`,
    "  edge [penwidth=1.6]",
    ...networkNodes(picture.networks, width),
    ...picture.rest.map(
      ({ key, heading, lines }) => `  ${key} [label=<${card(heading, lines, "#f8fafc", undefined, width)}>]`,
    ),
    ...picture.machines.map((machine) => `  ${machine.key} [label=<${machineCard(machine, machinesWidth)}>]`),
    ...order(picture.networks.map(({ key }) => key).concat(picture.rest.map(({ key }) => key))),
    ...order(left.map(({ key }) => key)),
    ...order(picture.machines.slice(right).map(({ key }) => key)),
    ...picture.machines.flatMap((machine) => edges(machine, left.includes(machine), picture, colours)),
    "}",
  ].join("\n")}\n`;
}

/** Those of one fabric stand in a frame. */
function networkNodes(networks: readonly Network[], width: number): string[] {
  const fabrics = Map.groupBy(networks, ({ fabric }) => fabric);
  return [...fabrics].flatMap(([fabric, members], position) => {
    const nodes = members.map(
      (each) => `  ${each.key} [label=<${card(each.heading, each.lines, "#eff6ff", each.change, width)}>]`,
    );
    if (fabric === undefined) return nodes;
    return [
      `  subgraph cluster_${String(position)} {`,
      `    label=${quoted(fabric)}; fontname="${font}"; fontsize=13; fontcolor="${dim}"; color="#94a3b8"; style="rounded,dashed"; margin=12`,
      ...nodes.map((each) => `  ${each}`),
      "  }",
    ];
  });
}

/** In one rank, from top to bottom. */
function order(keys: readonly string[]): string[] {
  const chain = keys.slice(1).map((key, position) => `${keys[position] ?? ""} -- ${key} [style=invis]`);
  return keys.length < 2 ? [] : [`  { rank=same; ${chain.join("; ")} }`];
}

function edges(machine: PictureMachine, isLeft: boolean, picture: Picture, colours: Map<string, string>): string[] {
  const lines = machine.interfaces.flatMap(({ key, addresses }) =>
    addresses.flatMap(({ network, change }) => {
      if (network === undefined) return [];
      const [near, far] = [`${machine.key}:${key}:${isLeft ? "e" : "w"}`, `${network}:${isLeft ? "w" : "e"}`];
      const style = change === "create" ? ", style=dashed" : "";
      const colour = colours.get(network) ?? ink;
      return [`  ${isLeft ? `${near} -- ${far}` : `${far} -- ${near}`} [color="${colour}"${style}]`];
    }),
  );
  const [middle] = [...picture.networks, ...picture.rest];
  if (lines.length > 0 || !middle) return lines;
  // Keeps what has no address yet on its side.
  return [`  ${isLeft ? `${machine.key} -- ${middle.key}` : `${middle.key} -- ${machine.key}`} [style=invis]`];
}

const texts = (lines: readonly Line[]): string[] => lines.map(({ text }) => text);

const machineTexts = ({ name, status, lines, interfaces }: PictureMachine): string[] => [
  `${name}${status}`,
  ...texts(lines),
  ...interfaces.flatMap((row) => row.addresses.map(({ text }) => `${row.name}${row.kind}${row.mac}${text}`)),
];

/** Cards of one column are equally wide, so that the lines to one never pass behind another. In points. */
const widthFor = (all: readonly string[]): number => 16 + 6.5 * Math.max(16, ...all.map(({ length }) => length));

const open = (fill: string, width: number): string =>
  `<TABLE WIDTH="${String(width)}" BORDER="1" CELLBORDER="0" CELLSPACING="0" CELLPADDING="3" COLOR="#64748b" BGCOLOR="${fill}" STYLE="ROUNDED">`;

function card(
  heading: string,
  lines: readonly Line[],
  fill: string,
  change: Change | undefined,
  width: number,
): string {
  const head = `<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="14"><B>${escaped(heading)}</B></FONT>${toDo(change)}  </TD></TR>`;
  return `${open(fill, width)}${head}${lines.map((each) => `<TR>${cell(each, 2)}</TR>`).join("")}</TABLE>`;
}

function machineCard({ name, status, change, lines, interfaces }: PictureMachine, width: number): string {
  const badge =
    status === ""
      ? `<TD ALIGN="RIGHT">${toDo(change)}  </TD>`
      : `<TD ALIGN="RIGHT">${toDo(change)}  <FONT COLOR="${statusColour(status)}"><B>${escaped(status)}  </B></FONT></TD>`;
  const head = `<TR><TD ALIGN="LEFT"><FONT POINT-SIZE="14"><B>${escaped(name)}</B></FONT>    </TD>${badge}</TR>`;
  const rows = interfaces.map((row) => interfaceRow(row, width)).join("");
  const rule = rows === "" ? "" : "<HR/>";
  return `${open("#ffffff", width)}${head}${lines.map((each) => `<TR>${cell(each, 2)}</TR>`).join("")}${rule}${rows}</TABLE>`;
}

/** The port is a cell of its own on either side, so that a line ends at the card's edge. */
function interfaceRow({ key, name, kind, mac, depth, addresses, change }: InterfaceRow, width: number): string {
  const indent = depth === 0 ? "" : `${" ".repeat(4 * depth - 4)}└ `;
  const about = [kind, mac].filter(Boolean).join(", ");
  const left = `${changed(change)}${indent}${escaped(name)}${about === "" ? "" : ` <FONT COLOR="${dim}" POINT-SIZE="11">${escaped(about)}</FONT>`}`;
  const right = addresses
    .map(({ text, change: changes }) => `${changed(changes)}<B>${escaped(text)}</B>`)
    .join('<BR ALIGN="RIGHT"/>');
  return `<TR><TD COLSPAN="2" PORT="${key}" WIDTH="${String(width)}" CELLPADDING="0"><TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="4"><TR><TD ALIGN="LEFT">${left}    </TD><TD ALIGN="RIGHT">${right || " "}${addresses.length > 1 ? '<BR ALIGN="RIGHT"/>' : ""}</TD></TR></TABLE></TD></TR>`;
}

const cell = ({ text, change }: Line, columns: number): string =>
  `<TD COLSPAN="${String(columns)}" ALIGN="LEFT">${changed(change)}<FONT COLOR="${dim}">${escaped(text)}  </FONT></TD>`;

/** On a card, with the word. */
const toDo = (change: Change | undefined): string =>
  change === undefined ? "" : `   <FONT COLOR="${changeColours[change]}"><B>${mark(change)}${change}</B></FONT>`;

const changed = (change: Change | undefined): string =>
  change === undefined ? "" : `<FONT COLOR="${changeColours[change]}"><B>${mark(change)}</B></FONT>`;

/** The word says it; the colour only helps. */
function statusColour(status: string): string {
  if (/fail|broken|missing/i.test(status)) return "#b91c1c";
  if (/^deployed$/i.test(status)) return "#15803d";
  if (/^(ready|allocated|reserved)$/i.test(status)) return "#1d4ed8";
  return "#a16207";
}

/** As Graphviz reads it: a line break is written as one, every other backslash stands for itself. */
const quoted = (text: string): string =>
  `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

const escaped = (text: string): string =>
  // Control characters can't be in XML at all.
  text.replace(/\p{Cc}/gu, " ").replace(/[&<>"]/g, (character) => entities[character] ?? "");
