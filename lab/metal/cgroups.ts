/**
 * Cgroups of the machines: below the lab's own in every hierarchy, so that what limits the lab limits them. One folder a lab,
 * named by its process, and in it one a machine.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const mountPoint = "/sys/fs/cgroup";

/** A machine needs systemd's own hierarchy and the ones it may be limited by; cgroup 2 is the one without a name. */
const wanted = new Set(["", "name=systemd", "cpu", "freezer", "memory", "pids"]);

/** "9:name=systemd:/a" is `/sys/fs/cgroup/systemd/a`; "0::/a" is in `unified` beside others, or the mount point itself. */
function hierarchies(): string[] {
  return readFileSync("/proc/self/cgroup", "utf8")
    .trim()
    .split("\n")
    .flatMap((line) => {
      const [, names = "", ...path] = line.split(":");
      if (!names.split(",").some((name) => wanted.has(name))) return [];
      const folder = names === "" ? unified() : names.replace("name=", "");
      const own = join(mountPoint, folder, path.join(":"));
      return existsSync(own) ? [own] : [];
    });
}

const unified = (): string => (existsSync(join(mountPoint, "unified")) ? "unified" : "");

const prefix = "metalform-lab-";

export const labCgroups = (): string[] => hierarchies().map((own) => join(own, `${prefix}${String(process.pid)}`));

/** Those of labs that are no more, and whose reaper was killed with them. */
export const deadCgroups = (): string[] =>
  hierarchies().flatMap((own) =>
    readdirSync(own).flatMap((name) =>
      name.startsWith(prefix) && !existsSync(`/proc/${name.slice(prefix.length)}`) ? [join(own, name)] : [],
    ),
  );

export const machineCgroups = (lab: readonly string[], name: string): string[] =>
  lab.map((folder) => join(folder, name));

/** Ends everything in a machine's cgroup at once: its power is cut. */
export function killAll(cgroups: readonly string[]): void {
  for (const folder of cgroups) {
    const file = join(folder, "cgroup.kill");
    if (existsSync(file)) writeFileSync(file, "1");
  }
}

/** Whether this computer can cut a machine's power: only cgroup 2 can kill. */
export function hasCgroupKill(): boolean {
  const probe = join(mountPoint, unified(), `metalform-probe-${String(process.pid)}`);
  try {
    mkdirSync(probe);
    return existsSync(join(probe, "cgroup.kill"));
  } catch {
    return false;
  } finally {
    if (existsSync(probe)) rmdirSync(probe);
  }
}

/** The shell's way to take the folders away, once they are empty. */
export const sweepCommand = (cgroups: readonly string[]): string => {
  const list = cgroups.map((folder) => `"${folder}"`).join(" ");
  return `for i in $(seq 200); do find ${list} -depth -type d -exec rmdir {} + 2>/dev/null; ls -d ${list} >/dev/null 2>&1 || break; sleep 0.05; done`;
};
