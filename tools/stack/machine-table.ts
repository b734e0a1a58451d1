/** The machines of a stack as its output `machines` tells them, and as a table for a terminal. */
import { stackOutputs, type ExportedStack } from "./deployment.ts";

export interface OutputMachine {
  name: string;
  systemId: string;
  status: string;
  addresses: string[];
  series: string;
}

/** Empty for a stack that has none (yet). */
export function outputMachines(stack: ExportedStack): OutputMachine[] {
  const machines = stackOutputs(stack)["machines"];
  if (!Array.isArray(machines)) return [];
  return machines.map((machine: unknown) => {
    const fields = (machine ?? {}) as Record<string, unknown>;
    const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
    const addresses: unknown[] = Array.isArray(fields["addresses"]) ? fields["addresses"] : [];
    return {
      name: text("name"),
      systemId: text("systemId"),
      status: text("status"),
      addresses: addresses.filter((address) => typeof address === "string"),
      series: text("series"),
    };
  });
}

/** What the stack's output `notes` says of them. */
export function outputNotes(stack: ExportedStack): string[] {
  const notes = stackOutputs(stack)["notes"];
  return Array.isArray(notes) ? notes.filter((note) => typeof note === "string") : [];
}

/** The machines that the state has, also when the last run did not come to its outputs. */
export const stateMachines = (stack: ExportedStack): { name: string; systemId: string }[] =>
  (stack.deployment.resources ?? []).flatMap(({ type, urn, id }) =>
    type.endsWith("/maas:Machine") && id !== undefined ? [{ name: urn.split("::").at(-1) ?? "", systemId: id }] : [],
  );

export const machineTable = (machines: OutputMachine[]): string =>
  table(
    ["MACHINE", "SYSTEM ID", "STATUS", "ADDRESSES", "SERIES"],
    machines.map(({ name, systemId, status, addresses, series }) => [
      name,
      systemId,
      status,
      addresses.join(" "),
      series,
    ]),
  );

/** Columns as wide as their widest cell; an empty cell is a dash. */
export function table(head: string[], rows: string[][]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => cell || "-"))];
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
