/** Runs the Pulumi CLI: streaming for people, captured for the tools. */
import { spawn, spawnSync } from "node:child_process";
import { projectRoot } from "../project.ts";

/**
 * Runs it with this process's terminal and waits; returns its exit code (128 + n for signal n, as shells do).
 * Ctrl-C: a terminal sends SIGINT to the whole group, Pulumi included, so here it is only survived; a SIGINT to this
 * process alone, where there is no terminal, is passed on.
 */
export async function pulumi(args: string[], environment: NodeJS.ProcessEnv): Promise<number> {
  const child = spawn("pulumi", args, { cwd: projectRoot, env: environment, stdio: "inherit" });
  const interrupted = () => {
    if (!process.stdin.isTTY) child.kill("SIGINT");
  };
  const terminated = () => child.kill("SIGTERM");
  process.on("SIGINT", interrupted).on("SIGTERM", terminated);
  try {
    return await new Promise<number>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code, signal) => {
        if (signal !== null) console.error(`metalform: Pulumi was ended by ${signal}.`);
        resolve(code ?? (signal === "SIGKILL" ? 137 : 130));
      });
    });
  } finally {
    process.off("SIGINT", interrupted).off("SIGTERM", terminated);
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
