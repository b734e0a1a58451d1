/**
 * `make tunnel`: opens the way from this computer through main to Django on the first app machine, and keeps it open until
 * Ctrl-C. The line that it prints does the same by hand.
 */
import { spawn } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { relative } from "node:path";
import { topologyProblem, type Topology } from "../stacks/web/topology.ts";
import { command } from "./stack/command.ts";
import { stackOutputs } from "./stack/deployment.ts";
import { openSession } from "./stack/session.ts";

const APP_PORT = 8000;

await command(async () => {
  const session = await openSession();
  const value = stackOutputs(session.export())["topology"];
  const problem = value === undefined ? "it has none" : topologyProblem(value);
  if (problem !== undefined) {
    throw new Error(
      `Stack ${session.stack} has no web topology to open a tunnel to (${problem}). Write \`topology: web\`, then \`make up\`.`,
    );
  }
  const { ssh, user, roles } = value as Topology;
  const [app, address] = Object.entries(roles.app)[0] ?? [];
  if (app === undefined || address === undefined) throw new Error("The topology has no app machine.");
  const main = roles.main["main"];
  const port = Number(process.argv[2] ?? (await freePort()));
  if (!Number.isInteger(port)) throw new Error(`"${process.argv[2] ?? ""}" is no port; write ARGS=18000`);
  const target = main === undefined ? app : ssh === "" ? `${user}@${main}` : "main";
  const args = [
    "-N",
    ...["-o", "ExitOnForwardFailure=yes"],
    ...(ssh === "" ? [] : ["-F", relative("", ssh)]),
    ...["-L", `127.0.0.1:${String(port)}:${address}:${String(APP_PORT)}`],
    target,
  ];
  console.log(`
  ssh ${args.join(" ")}

Django on ${app} is at http://127.0.0.1:${String(port)}/ while this runs; Ctrl-C ends it.`);
  const child = spawn("ssh", args, { stdio: "inherit" });
  const stop = (): void => void child.kill("SIGTERM");
  process.once("SIGTERM", stop);
  // At a terminal ssh gets Ctrl-C itself.
  process.once("SIGINT", stop);
  return await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      resolve(signal === null ? (code ?? 1) : 0);
    });
  });
});

/** One that nobody has; ssh says so, and ends, when somebody takes it meanwhile. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
