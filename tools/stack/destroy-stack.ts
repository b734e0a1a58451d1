/** Destroys what the stack has and asks MAAS whether it is so. */
import { NodeStatus } from "../../providers/maas/node-status.ts";
import { readMachines } from "./maas.ts";
import { stateMachines, table } from "./machine-table.ts";
import { adoptPending } from "./recover.ts";
import { consent, type Session } from "./session.ts";

/**
 * Exit code 0 only when Pulumi destroyed everything and MAAS has every machine Ready and nobody's. Not at all (forgotten), New
 * (never commissioned) and Broken (which is told) will do too.
 */
export async function destroyStack(session: Session, args: string[]): Promise<number> {
  await adoptPending(session);
  const machines = stateMachines(session.export());
  const code = await session.pulumi(["destroy", ...consent(session), ...args]);
  if (code !== 0) {
    console.error(
      `\nNot finished (exit code ${String(code)}). What is given back stays so: \`make destroy\` goes on from there.`,
    );
    return code;
  }
  const ready = await proveReady(session, machines);
  return ready ? 0 : 1;
}

async function proveReady(session: Session, machines: { name: string; systemId: string }[]): Promise<boolean> {
  if (machines.length === 0) {
    console.log(`Stack ${session.stack} has no machines.`);
    return true;
  }
  const found = await readMachines(
    session,
    machines.map(({ systemId }) => systemId),
  );
  const rows = machines.map(({ name, systemId }) => {
    const machine = found.get(systemId);
    // New is one whose first commissioning an interrupted run had not begun; nobody's either way.
    const isFree = machine?.status === NodeStatus.ready || machine?.status === NodeStatus.new;
    // Broken is nobody's to use, but nobody has it either.
    const isBroken = machine?.status === NodeStatus.broken;
    const isBack = machine === undefined || ((isFree || isBroken) && machine.owner === null);
    const why = isBroken ? `${name} (${machine.error_description})` : undefined;
    return { isBack, why, cells: [name, systemId, machine?.status_name ?? "not in MAAS", machine?.owner ?? ""] };
  });
  const back = rows.filter(({ isBack }) => isBack).length;
  console.log(`
${table(
  ["MACHINE", "SYSTEM ID", "STATUS IN MAAS", "OWNER"],
  rows.map(({ cells }) => cells),
)}

${String(back)} of ${String(rows.length)} machines are back.`);
  for (const { why } of rows)
    if (why !== undefined) console.log(`Broken: ${why}. Mark it as fixed in MAAS when it is repaired.`);
  return back === rows.length;
}
