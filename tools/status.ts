/** `make status`: the stack's machines, as MAAS has them now. */
import { command } from "./stack/command.ts";
import { readMachines } from "./stack/maas.ts";
import { machineTable, stateMachines } from "./stack/machine-table.ts";
import { openSession } from "./stack/session.ts";

await command(async () => {
  const session = await openSession();
  const machines = stateMachines(session.export());
  if (machines.length === 0) {
    console.log(`Stack ${session.stack} has no machines. \`make up\` makes those of Pulumi.${session.stack}.yaml.`);
    return 0;
  }
  const found = await readMachines(
    session,
    machines.map(({ systemId }) => systemId),
  );
  const now = machines.map((machine) => {
    const real = found.get(machine.systemId);
    return {
      ...machine,
      status: real?.status_name ?? "not in MAAS",
      addresses: real?.ip_addresses ?? [],
      series: real?.distro_series ?? "",
    };
  });
  console.log(machineTable(now));
  return 0;
});
