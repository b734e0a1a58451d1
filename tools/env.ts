/** `eval "$(make -s env)"`: the toolchain and this stack's environment for a shell; the lab's address when it runs. */
import { runningLab } from "./lab/lab-process.ts";
import { exportLine, hasOwnMaas, missingEnvironment, shellLines, stackEnvironment, stackName } from "./stack/stack.ts";

/** What tools/run has found out and set; it does so anew for each command. */
const toolchain = [
  "PATH",
  "ANSIBLE_COLLECTIONS_PATH",
  "ANSIBLE_CONFIG",
  "METALFORM_LANGUAGE_HOST",
  "METALFORM_WHEELS",
  "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION",
];

const stack = stackName();
const lab = runningLab();
// Makes the folder of the local backend, too.
stackEnvironment(stack, lab);
for (const name of toolchain) {
  const value = process.env[name];
  if (value !== undefined) console.log(exportLine(name, value));
}
console.log(shellLines(missingEnvironment(stack, lab)).join("\n"));
if (!lab && !hasOwnMaas(stack)) console.error("The lab does not run: type `make up` first, then this again.");
