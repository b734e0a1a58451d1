/** `make up`: brings the stack's machines to what the config says, and shows them. */
import { relative } from "node:path";
import { runningLab } from "./lab/lab-process.ts";
import { command } from "./stack/command.ts";
import { machineTable, outputMachines } from "./stack/machine-table.ts";
import { forgetAdopted } from "./stack/recover.ts";
import { consent, openSession } from "./stack/session.ts";

await command(async () => {
  const session = await openSession();
  // The table below says the same as the outputs, in fewer lines.
  let code = await session.pulumi(["up", "--suppress-outputs", ...consent(session), ...process.argv.slice(2)]);
  if (code === 0) code = await forgetAdopted(session);
  if (code !== 0) {
    console.error(
      `\nNot finished (exit code ${String(code)}). What is done stays done: \`make up\` goes on from there.`,
    );
    return code;
  }
  const ssh = session.isLab ? runningLab()?.ssh : undefined;
  console.log(`
${machineTable(outputMachines(session.export()))}

Next:
  make preview              after a change of Pulumi.${session.stack}.yaml: what would it do?
  make up                   do it
  make status               the machines, as MAAS has them now
  make destroy              give all machines back${session.isLab ? "\n  make down                 that, and stop the lab" : ""}${ssh ? `\n  ssh -F ${relative("", ssh.config)} server1.maas   sign in to a machine, through main` : ""}
  eval "$(make -s env)"     then type pulumi, node and npm commands by hand`);
  return 0;
});
