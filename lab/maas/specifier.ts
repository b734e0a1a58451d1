/** Finding a row by what stands in a path: its id, its name, or `name:x`. */
import { notFound } from "./reply.ts";
import type { Table } from "./state.ts";

interface Named {
  id: number;
  name: string;
}

export const isId = (text: string): boolean => /^\d+$/.test(text);

/** By id when the text is a number, else by name; `id:` and `name:` say which. */
export function findNamed<Row extends Named>(table: Table<Row>, specifier: string): Row | undefined {
  const [kind, rest] = splitKind(specifier);
  if (kind === "name") return rowNamed(table, rest);
  if (kind === "id" || isId(specifier)) return table[Number(kind === "id" ? rest : specifier)];
  return rowNamed(table, specifier);
}

export function namedOr404<Row extends Named>(table: Table<Row>, specifier: string, model: string): Row {
  const row = findNamed(table, specifier);
  if (!row) throw notFound(model);
  return row;
}

export function rowOr404<Row>(table: Table<Row>, id: string, model: string): Row {
  const row = isId(id) ? table[Number(id)] : undefined;
  if (!row) throw notFound(model);
  return row;
}

export function splitKind(specifier: string): [kind: string | undefined, rest: string] {
  const match = /^(cidr|fabric|id|ip|name|space|vid|vlan):(.*)$/s.exec(specifier);
  return match ? [match[1], match[2] ?? ""] : [undefined, specifier];
}

const rowNamed = <Row extends Named>(table: Table<Row>, name: string): Row | undefined =>
  Object.values(table).find((row) => row.name === name);

/** Sorted by name, as MAAS lists pools and zones. */
export const byName = <Row extends { name: string }>(rows: Row[]): Row[] =>
  rows.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
