/** Runs a program to its end, with all that it prints. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";

export interface Run {
  /** -1 when a signal ended it. */
  code: number;
  stdout: string;
  stderr: string;
  /** Both, as they came. */
  output: string;
}

export interface RunOptions {
  cwd: string;
  environment: NodeJS.ProcessEnv;
  /** Called with the process as soon as it is there. */
  started?: (child: ChildProcess) => void;
}

export async function run(command: string, args: string[], options: RunOptions): Promise<Run> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.environment,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const seen = { stdout: "", stderr: "", output: "" };
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      seen[stream] += text;
      seen.output += text;
    });
  }
  options.started?.(child);
  const code = await new Promise<number>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (exitCode) => {
      resolve(exitCode ?? -1);
    });
  });
  return { code, ...seen };
}
