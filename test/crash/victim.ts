/** The processes of a running CLI, to be killed by their ids. */
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export type Victim = "provider" | "cli";

/** An orphan ends within a moment of its CLI; this long on a busy machine. */
const PATIENCE_MS = 10_000;

/**
 * Kills the CLI, or the process that asks MAAS, and waits until no provider is left: one whose CLI is gone must end by itself.
 * Before there is a provider process it is the program that asks.
 *
 * @throws Error when there is no such process, or the provider outlives its CLI
 */
export async function kill(victim: Victim, cli: number): Promise<void> {
  const providers = below(cli, "cmd/dynamic-provider");
  const asking = providers.length > 0 ? providers : below(cli, "cmd/run");
  if (asking.length === 0) throw new Error("the CLI has neither a program nor a provider process");
  for (const pid of victim === "cli" ? [cli] : asking) process.kill(pid, "SIGKILL");
  const deadline = Date.now() + PATIENCE_MS;
  while (providers.some((pid) => runs(pid, "cmd/dynamic-provider"))) {
    if (Date.now() > deadline) throw new Error(`the provider process outlives its ${victim}`);
    await sleep(10);
  }
}

/** The processes that descend from the CLI and run this script of Pulumi's SDK. */
function below(cli: number, script: string): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    const parent = Number.isInteger(pid) ? parentOf(pid) : undefined;
    if (parent !== undefined) parents.set(pid, parent);
  }
  const descends = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === cli || descends(parents.get(pid)));
  return [...parents.keys()].filter((pid) => descends(parents.get(pid)) && runs(pid, script));
}

function parentOf(pid: number): number | undefined {
  const stat = read(pid, "stat");
  // After the name, which is in brackets and may hold anything: state, then the parent.
  return stat === "" ? undefined : Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
}

/** By node itself; not the shell around it. */
function runs(pid: number, script: string): boolean {
  const [program = "", ...args] = read(pid, "cmdline").split("\0");
  return /(^|\/)node$/.test(program) && args.some((argument) => argument.includes(script));
}

/** A process that has ended, a zombie too, has nothing to read. */
function read(pid: number, file: "stat" | "cmdline"): string {
  try {
    return readFileSync(`/proc/${String(pid)}/${file}`, "utf8");
  } catch {
    return "";
  }
}
