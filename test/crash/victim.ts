/** The processes of a running CLI, to be killed by their ids. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export type Victim = "provider" | "cli";

/** An orphan ends within a moment of its CLI; this long on a busy machine. */
const PATIENCE_MS = 10_000;

/**
 * Kills the CLI, or the provider process that it started, and waits until no provider is left: one whose CLI is gone must
 * end by itself.
 *
 * @throws Error when there is no such process, or the provider outlives its CLI
 */
export async function kill(victim: Victim, cli: number): Promise<void> {
  const providers = providersOf(cli);
  if (providers.length === 0) throw new Error("the CLI has no provider process");
  for (const pid of victim === "cli" ? [cli] : providers) process.kill(pid, "SIGKILL");
  const deadline = Date.now() + PATIENCE_MS;
  while (providers.some((pid) => isProvider(pid))) {
    if (Date.now() > deadline) throw new Error(`the provider process outlives its ${victim}`);
    await sleep(10);
  }
}

function providersOf(cli: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) parents.set(pid, parent);
  }
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === cli || descends(parents.get(pid)));
  return [...parents.keys()].filter((pid) => descends(parents.get(pid)) && isProvider(pid));
}

function parentOf(pid: number): number | undefined {
  const stat = read(pid, "stat");
  // After the name, which is in brackets and may hold anything: state, then the parent.
  return stat === "" ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** The script of Pulumi's SDK that loads providers/runtime.ts, run by node; not the shell around it. */
function isProvider(pid: number): boolean {
  const [program = "", ...args] = read(pid, "cmdline").split("\0");
  return /(^|\/)node$/.test(program) && args.some((argument) => argument.includes("cmd/dynamic-provider"));
}

/** A process that has ended, a zombie too, has nothing to read. */
function read(pid: number, file: "stat" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, "utf8");
  } catch {
    return "";
  }
}
