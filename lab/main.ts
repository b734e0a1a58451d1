/** `npm run lab -- --port P --time-scale N [--state DIR] [--mode auto|explicit] [--host ADDRESS] [--metal IMAGE]` */
import { parseArgs } from "node:util";
import { homedir } from "node:os";
import { join } from "node:path";
import { startLab, type LabOptions } from "./lab.ts";

const usage =
  "usage: npm run lab -- [--port P] [--time-scale N] [--state DIR] [--mode auto|explicit] [--host ADDRESS] [--metal IMAGE]";

function readOptions(args: string[]): LabOptions {
  const { values } = parseArgs({
    args,
    options: {
      port: { type: "string", default: "0" },
      "time-scale": { type: "string", default: "1" },
      state: { type: "string" },
      mode: { type: "string", default: "auto" },
      host: { type: "string", default: "127.0.0.1" },
      metal: { type: "string" },
    },
  });
  const port = Number(values.port);
  const timeScale = Number(values["time-scale"]);
  const { mode } = values;
  if (!Number.isInteger(port) || port < 0 || port > 65535) throw new Error(`--port: not a port: ${values.port}`);
  if (!(timeScale > 0)) throw new Error(`--time-scale: not a number above 0: ${values["time-scale"]}`);
  if (mode !== "auto" && mode !== "explicit") throw new Error(`--mode: auto or explicit, not ${mode}`);
  return {
    port,
    timeScale,
    mode,
    host: values.host,
    ...(values.state === undefined ? {} : { stateDirectory: values.state }),
    ...(values.metal === undefined ? {} : { metal: metalOptions(values.metal, values.state) }),
  };
}

/** Machines, and the ways to them, are kept beside the state. @param image root of the machines' system */
function metalOptions(image: string, state: string | undefined) {
  if (state === undefined) throw new Error("--metal needs --state: machines have disks.");
  const cache = process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache");
  const ended = (reason: string): void => {
    process.stderr.write(`${reason}\n`);
    process.exit(1);
  };
  return { image, folder: join(state, ".."), packages: join(cache, "metalform", "lab-packages"), ended };
}

async function main(): Promise<void> {
  const lab = await startLab(readOptions(process.argv.slice(2)));
  const { maasUrl, adminKey, userKey, controlUrl, ssh, web } = lab;
  const told = { maasUrl, adminKey, userKey, controlUrl, ...(ssh ? { ssh } : {}), ...(web ? { web } : {}) };
  process.stdout.write(`${JSON.stringify(told)}\n`);
  const stop = (): void => void lab.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
  process.exitCode = 2;
});
