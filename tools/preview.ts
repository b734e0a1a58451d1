/** `make preview`: what `make up` would change; it changes nothing. */
import { command } from "./stack/command.ts";
import { openSession } from "./stack/session.ts";

await command(async () => {
  const session = await openSession();
  return session.pulumi(["preview", "--diff", ...process.argv.slice(2)]);
});
