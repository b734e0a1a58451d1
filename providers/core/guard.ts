/**
 * A program with an output that never resolves ends before its resources are registered; the engine then takes the
 * missing ones for removed and deletes them, which here would release machines. This guard ends such a program with a
 * clear message first, with the exit code that tells the engine to stop and touch nothing.
 */
import type { Output } from "@pulumi/pulumi";

/** Pulumi's code for "the user has been told": the engine adds nothing and does nothing more. */
const USER_WAS_TOLD = 32;

/** By URN output, since resources of different kinds may have one name. */
const waiting = new Map<Output<string>, string>();
let armed = false;

/** Notes that a resource was declared; it must be registered before the program may end. */
export function expectRegistration(name: string, urn: Output<string>): void {
  arm();
  waiting.set(urn, name);
  urn.apply(() => waiting.delete(urn));
}

function arm(): void {
  if (armed) return;
  armed = true;
  process.once("beforeExit", () => {
    if (waiting.size === 0) return;
    const names = [...new Set(waiting.values())].sort().join(", ");
    process.stderr.write(
      `The program ended while ${names} still waited for a value that never came: a promise or output in its inputs ` +
        "is never resolved. Nothing was changed. Look for a Promise that is neither resolved nor rejected.\n",
    );
    process.exit(USER_WAS_TOLD);
  });
}
