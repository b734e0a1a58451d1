/** `make destroy`: gives all machines of the stack back, and proves by MAAS's own word that each is Ready. */
import { command } from "./stack/command.ts";
import { destroyStack } from "./stack/destroy-stack.ts";
import { openSession } from "./stack/session.ts";

await command(async () => destroyStack(await openSession(), process.argv.slice(2)));
