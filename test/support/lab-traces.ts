/** What a running lab has on this computer, noted so that one can look later what of it is left. */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

export interface Traces {
  /** "PID START": the number may be another process's later. */
  processes: string[];
  /** Network namespaces of its processes, other than this one's. */
  networks: string[];
  /** What this process sees of them; the lab's own are in namespaces of their own. */
  mounts: string[];
  cgroups: string[];
  routes: string[];
  folders: string[];
}

/** @param lab pid of the lab */
export function tracesOf(lab: number): Traces {
  const family = descendants(lab);
  const own = network("self");
  return {
    processes: family.map(alive).filter((line) => line !== undefined),
    networks: [...new Set(family.map(network))].filter((name) => name !== "" && name !== own),
    ...named(lab),
  };
}

/** What is still there, waited for a moment: the reaper takes one. Empty when nothing is. */
export async function leftOf(lab: number, traces: Traces): Promise<string[]> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const networks = new Set(pids().map(network));
    const left = [
      ...traces.processes.filter((line) => alive(Number(line.split(" ")[0])) === line),
      ...traces.networks.filter((name) => networks.has(name)),
      ...Object.values(named(lab)).flat(),
    ];
    if (left.length === 0 || Date.now() > deadline) return left;
    await sleep(50);
  }
}

/** What bears the lab's number, or its name. */
function named(lab: number): Pick<Traces, "cgroups" | "folders" | "mounts" | "routes"> {
  const id = String(lab);
  return {
    mounts: lines(read("/proc/self/mounts")).filter((line) => /^lab|metalform-metal-/.test(line)),
    cgroups: run("find", "/sys/fs/cgroup", "-type", "d", "-name", `metalform-lab-${id}`),
    routes: run("ip", "route", "show", "table", "all").filter((line) => line.includes(`metric ${id} `)),
    folders: readdirSync("/tmp").filter((name) => name.startsWith(`metalform-metal-${id}-`)),
  };
}

const pids = (): number[] => readdirSync("/proc").map(Number).filter(Boolean);

/** Fields of /proc/PID/stat after the name, which may hold anything. */
const stat = (pid: number): string[] =>
  (
    read(`/proc/${String(pid)}/stat`)
      .split(") ")
      .at(-1) ?? ""
  ).split(" ");

/** "PID START", or undefined for one that is gone or only waits to be reaped. */
function alive(pid: number): string | undefined {
  const fields = stat(pid);
  return fields.length < 20 || fields[0] === "Z" ? undefined : `${String(pid)} ${fields[19] ?? ""}`;
}

function descendants(root: number): number[] {
  const parents = new Map(pids().map((pid) => [pid, Number(stat(pid)[1])]));
  const family = new Set([root]);
  let size = 0;
  while (size !== family.size) {
    size = family.size;
    for (const [pid, parent] of parents) if (family.has(parent)) family.add(pid);
  }
  return [...family];
}

function network(pid: number | "self"): string {
  try {
    return readlinkSync(`/proc/${String(pid)}/ns/net`);
  } catch {
    return "";
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

const lines = (text: string): string[] => text.trim().split("\n").filter(Boolean);

/** What it printed, whatever its exit code: a folder may go while find looks at it. */
const run = (program: string, ...args: string[]): string[] =>
  lines(spawnSync(program, args, { encoding: "utf8" }).stdout).map((line) => `${line.trim()} `);
