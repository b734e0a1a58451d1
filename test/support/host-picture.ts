/** What a lab could leave on this computer: processes, mounts, namespaces, cgroups, routes, folders. */
import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

export interface HostPicture {
  processes: string[];
  mounts: string[];
  networks: string[];
  cgroups: string[];
  routes: string[];
  folders: string[];
}

/** Of processes those that are a lab's: others come and go. */
const isOfLab = (line: string): boolean =>
  /lab\/main\.ts|lab\/metal\/|systemd-nspawn|metalform-metal-|ip netns exec/.test(line);

export function hostPicture(): HostPicture {
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const lines = pids.flatMap((pid) => {
    const line = read(`/proc/${pid}/cmdline`).replaceAll("\0", " ").trim();
    return isOfLab(line) ? [`${pid} ${line}`] : [];
  });
  const spaces = new Set(pids.map((pid) => link(`/proc/${pid}/ns/net`)).filter(Boolean));
  return {
    processes: lines.sort(),
    mounts: read("/proc/self/mounts").trim().split("\n").sort(),
    networks: [...spaces].sort(),
    cgroups: run("find", "/sys/fs/cgroup", "-type", "d", "-name", "metalform-*"),
    routes: run("ip", "route", "show", "table", "all"),
    folders: readdirSync(tmpdir())
      .filter((name) => name.startsWith("metalform-metal-"))
      .sort(),
  };
}

/** The picture once it is as `wanted`, else the one after five seconds: the reaper takes a moment. */
export async function settledPicture(wanted: HostPicture): Promise<HostPicture> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const now = hostPicture();
    if (JSON.stringify(now) === JSON.stringify(wanted) || Date.now() > deadline) return now;
    await sleep(50);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}

const run = (program: string, ...args: string[]): string[] =>
  execFileSync(program, args, { encoding: "utf8" }).trim().split("\n").filter(Boolean).sort();
