/** Who is behind a process id that a file remembers. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

/**
 * The command line of a running process; undefined when there is none (a zombie counts as none: it only waits for its
 * parent). A process that answers but can't be looked at gives "".
 */
export function commandLine(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  try {
    const text = readFileSync(`/proc/${String(pid)}/cmdline`, "utf8");
    return text === "" ? undefined : text.replaceAll("\0", " ").trim();
  } catch {
    // No /proc: macOS.
    const ps = spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" });
    return ps.status === 0 ? ps.stdout.trim() : isAlive(pid) ? "" : undefined;
  }
}

/** Whether there is a process of this number, whatever it is. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: somebody else's, but alive.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
