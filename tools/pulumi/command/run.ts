/** Runs one command in a process group of its own, line by line, and ends it when it is told to. */
import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

export interface Command {
  /** For the interpreter, e.g. a line of shell. */
  command: string;
  /** @default ["/bin/sh", "-c"] */
  interpreter?: string[] | undefined;
  /** @default the plugin's own, which is the project's */
  dir?: string | undefined;
  /** Added to the plugin's own environment. */
  environment?: Record<string, string> | undefined;
  stdin?: string | undefined;
  /** After so many seconds it is ended, and counts as failed. @default none */
  timeout?: number | undefined;
}

export interface Output {
  stdout: string;
  stderr: string;
}

/** A command that was asked to end and does not is killed after this. */
const graceMs = 10_000;

const running = new Set<ChildProcess>();
let cancelled = false;

/** Ends all that runs, and lets nothing more begin. */
export function cancelAll(): void {
  cancelled = true;
  for (const child of running) end(child);
}

/** At once: nobody is left who could wait. */
export function killAll(): void {
  for (const child of running) signal(child, "SIGKILL");
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    // What the shell has started belongs to its group.
    process.kill(-pid, name);
  } catch {
    // All of it has ended.
  }
}

function end(child: ChildProcess): void {
  signal(child, "SIGTERM");
  setTimeout(() => {
    if (running.has(child)) signal(child, "SIGKILL");
  }, graceMs).unref();
}

/** @param line Called with each line as it comes. @throws Error that says how it ended, with all that it printed */
export async function run(
  { command, interpreter = ["/bin/sh", "-c"], dir, environment, stdin, timeout }: Command,
  line: (stream: keyof Output, text: string) => void,
): Promise<Output> {
  if (cancelled) throw new Error("cancelled before it began");
  const [program = "", ...options] = interpreter;
  const child = spawn(program, [...options, command], {
    cwd: dir,
    detached: true,
    env: { ...process.env, ...environment },
    stdio: ["pipe", "pipe", "pipe"],
  });
  running.add(child);
  // It may end without having read what it was given.
  child.stdin.on("error", () => undefined).end(stdin ?? "");
  const output: Output = { stdout: "", stderr: "" };
  let both = "";
  for (const stream of ["stdout", "stderr"] as const) {
    child[stream].setEncoding("utf8").on("data", (text: string) => {
      output[stream] += text;
      both += text;
    });
    createInterface({ input: child[stream], crlfDelay: Infinity }).on("line", (text) => {
      line(stream, text);
    });
  }
  const limit = AbortSignal.timeout(timeout ? timeout * 1000 : 2 ** 31 - 1);
  const stop = () => {
    end(child);
  };
  limit.addEventListener("abort", stop);
  try {
    const [code, name] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (...ending) => {
        resolve(ending);
      });
    });
    if (code === 0) return output;
    const how = limit.aborted
      ? `took longer than ${String(timeout)} s and was ended`
      : code === null
        ? `signal: ${String(name)}`
        : `exit status ${String(code)}`;
    throw new Error(`${how}: running ${JSON.stringify(command)}:\n${both}`);
  } finally {
    limit.removeEventListener("abort", stop);
    running.delete(child);
  }
}
