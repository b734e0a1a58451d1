/** `eval "$(make -s env)"`: the toolchain and this stack's environment for a shell; the lab's address when it runs. */
import { runningLab } from "./lab/lab-process.ts";
import { missingEnvironment, stackEnvironment, stackName } from "./stack/stack.ts";

const stack = stackName();
const lab = runningLab();
// Makes the folder of the local backend, too.
stackEnvironment(stack, lab);
const { PATH, METALFORM_LANGUAGE_HOST, PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION } = process.env;
const variables = {
  PATH,
  METALFORM_LANGUAGE_HOST,
  PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION,
  ...missingEnvironment(stack, lab),
};
for (const [name, value] of Object.entries(variables)) {
  if (value !== undefined) console.log(`export ${name}='${value.replaceAll("'", "'\\''")}'`);
}
if (!lab) console.error("The lab does not run, so its address is not set; `make up` or `make lab` starts it.");
