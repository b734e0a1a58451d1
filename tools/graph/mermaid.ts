/** The picture as Mermaid text, which GitHub and GitLab draw inside of Markdown. */
import { mark, type Line } from "./phrases.ts";
import type { Picture, PictureMachine } from "./picture.ts";

export function mermaidOf(picture: Picture): string {
  const fabrics = Map.groupBy(picture.networks, ({ fabric }) => fabric);
  return `${[
    "---",
    `title: ${JSON.stringify(picture.title)}`,
    "config: { flowchart: { wrappingWidth: 420 } }",
    "---",
    "flowchart LR",
    ...[...fabrics].flatMap(([fabric, members], position) => {
      const nodes = members.map((each) =>
        node(each.key, "network", [`${mark(each.change)}${each.heading}`], each.lines),
      );
      return fabric === undefined
        ? nodes
        : [`  subgraph f${String(position)} [${quoted(fabric)}]`, ...nodes.map((text) => `  ${text}`), "  end"];
    }),
    ...picture.rest.map(({ key, heading, lines }) => node(key, "rest", [heading], lines)),
    ...picture.machines.map(machineNode),
    ...picture.machines.flatMap((machine) =>
      machine.interfaces.flatMap(({ addresses }) =>
        addresses.flatMap(({ network }) => (network === undefined ? [] : [`  ${network} --- ${machine.key}`])),
      ),
    ),
    "  classDef network fill:#eff6ff,stroke:#64748b,color:#1e293b,text-align:left",
    "  classDef machine fill:#ffffff,stroke:#64748b,color:#1e293b,text-align:left",
    "  classDef rest fill:#f8fafc,stroke:#64748b,color:#1e293b,text-align:left",
  ].join("\n")}\n`;
}

function machineNode({ key, name, status, change, lines, interfaces }: PictureMachine): string {
  const rows = interfaces.map((each) => {
    const about = [each.kind, each.mac].filter(Boolean).join(", ");
    const addresses = each.addresses.map(({ text, change: changes }) => `${mark(changes)}${text}`).join(", ");
    const own = `${"- ".repeat(each.depth)}${each.name}${about === "" ? "" : ` (${about})`}`;
    return { text: addresses === "" ? own : `${own}: ${addresses}`, change: each.change };
  });
  return node(key, "machine", [`${mark(change)}${name}`, status].filter(Boolean), [...lines, ...rows]);
}

const node = (key: string, kind: string, head: string[], lines: readonly Line[]): string =>
  `  ${key}[${quoted(head.join(": "), ...lines.map(({ text, change }) => `${mark(change)}${text}`))}]:::${kind}`;

const quoted = (...lines: string[]): string => `"${lines.map(escaped).join("<br/>")}"`;

/** Mermaid's own way to write what it would read as markup. */
const escaped = (text: string): string =>
  text.replace(/\p{Cc}/gu, " ").replace(/[&<>"#;`\\|[\]{}]/g, (character) => `#${String(character.charCodeAt(0))};`);
