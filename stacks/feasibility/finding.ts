/** What cannot work, as rows of one table: the thing in the words of the config, what was seen in MAAS, what to do. */
import type { Survey } from "../../providers/index.ts";
import type { RackConfig } from "../config.ts";

export interface Finding {
  /** Where it is in the config: "server1 address", "dynamicRange". */
  where: string;
  /** What was seen, a sentence without its full stop. */
  seen: string;
  /** What a person can do about it, likewise. */
  remedy: string;
  /** True for what may go well all the same: it is shown, and stops nothing. */
  warning?: boolean;
}

/** One rule of the table: every way in which it is broken. */
export type Rule = (config: RackConfig, survey: Survey) => Finding[];

const HEAD = ["WHERE", "SEEN IN MAAS", "WHAT TO DO"] as const;

/** Columns as wide as their widest cell. */
export function findingTable(findings: readonly Finding[]): string {
  const rows = [HEAD, ...findings.map(({ where, seen, remedy }) => [where, seen, remedy] as const)];
  const width = (column: 0 | 1) => Math.max(...rows.map((row) => row[column].length));
  return rows.map((row) => `${row[0].padEnd(width(0))}  ${row[1].padEnd(width(1))}  ${row[2]}`).join("\n");
}
