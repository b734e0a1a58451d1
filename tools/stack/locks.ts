/**
 * The locks that a killed Pulumi leaves in a file backend. By hand it is `pulumi cancel`, which removes those of running
 * ones too; this removes only locks whose owner is dead.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { hostname } from "node:os";
import { basename, join } from "node:path";
import { commandLine } from "../processes.ts";

/** What the CLI writes into a lock (pkg/backend/diy/lock.go). */
interface Lock {
  pid: number;
  username: string;
  hostname: string;
  timestamp: string;
}

export interface ClearedLocks {
  /** The owners of the locks that were removed: "pid 4711". */
  dead: string[];
  /** The owners of those that stay: "pid 4711 since 10:02 (pulumi up)", "pid 12 on rack2". */
  alive: string[];
}

/** @param backend the folder of a file backend @param project,stack names */
export function clearDeadLocks(backend: string, project: string, stack: string): ClearedLocks {
  const folder = join(backend, ".pulumi", "locks", "organization", project, stack);
  const cleared: ClearedLocks = { dead: [], alive: [] };
  for (const name of locksIn(folder)) {
    const path = join(folder, name);
    const lock = readLock(path);
    // Removed by its owner meanwhile.
    if (lock === undefined) continue;
    const owner = ownerOf(lock);
    if (owner === undefined) {
      rmSync(path, { force: true });
      // The backend's own note about the file.
      rmSync(`${path}.attrs`, { force: true });
      cleared.dead.push(`pid ${String(lock.pid)}`);
    } else {
      cleared.alive.push(owner);
    }
  }
  return cleared;
}

/** Undefined when it is dead, or its number is another program's by now. Of other hosts nothing is known: alive. */
function ownerOf({ pid, hostname: host, timestamp }: Lock): string | undefined {
  if (host !== hostname()) return `pid ${String(pid)} on ${host} since ${timestamp}`;
  const command = commandLine(pid);
  if (command === undefined) return undefined;
  const program = basename(command.split(" ")[0] ?? "");
  return program === "pulumi" || command === "" ? `pid ${String(pid)} since ${timestamp} (${command})` : undefined;
}

function locksIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

function readLock(path: string): Lock | undefined {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as Lock;
  } catch {
    return undefined;
  }
}
