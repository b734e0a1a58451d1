/** `make down`: `make destroy`, then the lab is stopped. */
import { runningLab, stopLab } from "./lab/lab-process.ts";
import { command } from "./stack/command.ts";
import { destroyStack } from "./stack/destroy-stack.ts";
import { openSession } from "./stack/session.ts";

await command(async () => {
  const code = await destroyStack(await openSession(), process.argv.slice(2));
  if (code !== 0) {
    if (runningLab()) console.error("The lab still runs, since machines are not given back.");
    return code;
  }
  if (await stopLab()) console.log("The lab is stopped; `make up` starts it again where it was.");
  return 0;
});
