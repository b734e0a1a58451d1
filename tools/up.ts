/** `make up`: brings the stack's machines to what the config says, and shows them. */
import { relative } from "node:path";
import { runningLab } from "./lab/lab-process.ts";
import { command } from "./stack/command.ts";
import { machineTable, outputMachines, outputNotes } from "./stack/machine-table.ts";
import { forgetAdopted } from "./stack/recover.ts";
import { consent, openSession } from "./stack/session.ts";
import { siteUrl, whoAnswers } from "./stack/site.ts";

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
  const stack = session.export();
  const { ssh, web } = (session.isLab ? runningLab() : undefined) ?? {};
  console.log(`\n${machineTable(outputMachines(stack))}`);
  for (const note of outputNotes(stack)) console.log(`\nNote: ${note}`);
  const url = siteUrl(stack);
  if (url !== undefined) {
    // In the lab the rack's addresses are in a network of its own; this port leads there.
    const here = web === undefined ? url : `http://127.0.0.1:${String(web.port)}/`;
    console.log(`\nThe site is at ${here}${web === undefined ? "" : ` (${url} on the rack)`}`);
    if (web !== undefined) console.log(`  six requests, answered by ${(await whoAnswers(here)).join(", ")}`);
  }
  console.log(`

Next:
  make preview              after a change of Pulumi.${session.stack}.yaml: what would it do?
  make up                   do it
${url === undefined ? "" : "  make tunnel               Django on one machine, past the balancer, through main by SSH\n"}  make status               the machines, as MAAS has them now
  make destroy              give all machines back${session.isLab ? "\n  make down                 that, and stop the lab" : ""}${ssh ? `\n  ssh -F ${relative("", ssh.config)} server1.maas   sign in to a machine, through main` : ""}
  eval "$(make -s env)"     then type pulumi, node and npm commands by hand`);
  return 0;
});
