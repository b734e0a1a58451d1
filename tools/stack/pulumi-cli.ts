/** Runs the Pulumi CLI: streaming for people, captured for the tools. */
import { spawn, spawnSync } from "node:child_process";
import { constants } from "node:os";
import { projectRoot } from "../project.ts";

/** Signals that come within this time (in ms) of each other are one wish: make passes on what its group got as well. */
const oneWish = 500;

/**
 * Runs it with this process's terminal and waits; returns its exit code (128 + n for signal n, as shells do).
 *
 * Pulumi stops gently at the first signal and at once, leaving things half done, at the second; so each must reach it
 * once. At a terminal Ctrl-C does, since Pulumi is in the foreground group; elsewhere Pulumi gets a group of its own, which
 * no signal to ours (`timeout`, CI) reaches, and it is passed on from here.
 */
export async function pulumi(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const atTerminal = process.stdin.isTTY;
  const child = spawn("pulumi", args, { cwd: projectRoot, env: environment, stdio: "inherit", detached: !atTerminal });
  let last = 0;
  const passOn = (signal: NodeJS.Signals) => {
    if (atTerminal && signal === "SIGINT") return;
    if (Date.now() - last > oneWish) child.kill(signal);
    last = Date.now();
  };
  process.on("SIGINT", passOn).on("SIGTERM", passOn);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        if (signal !== null) console.error(`metalform: Pulumi was ended by ${signal}.`);
        resolve(code ?? 128 + constants.signals[signal ?? "SIGTERM"]);
      });
    });
  } finally {
    process.off("SIGINT", passOn).off("SIGTERM", passOn);
  }
}

/**
 * What it prints on standard output.
 * @throws Error with what it printed on standard error
 */
export function pulumiOutput(args: string[], environment: NodeJS.ProcessEnv, input?: string): string {
  const { status, stdout, stderr, error } = spawnSync("pulumi", [...args, "--non-interactive"], {
    cwd: projectRoot,
    env: environment,
    encoding: "utf8",
    maxBuffer: 1024 ** 3,
    ...(input === undefined ? {} : { input }),
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`pulumi ${args.join(" ")} failed:\n${stderr.trim()}`);
  return stdout;
}
