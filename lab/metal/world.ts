/**
 * The lab's own mounts, network and processes: one child with namespaces of its own, in which all machines live. It ends with
 * the lab, however that ends, by two ways that don't depend on each other: the death signal of its parent, and the end of its
 * standard input. What the kernel does not take away with it, empty cgroups and this folder, a reaper does, which outlives the
 * lab by a moment.
 */
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { deadCgroups, labCgroups, sweepCommand } from "./cgroups.ts";
import { routeProtocol } from "./guard.ts";

const here = import.meta.dirname;

/** Not what TMPDIR says: a path of a socket may have 107 characters. */
const temporary = "/tmp";
const folderName = "metalform-metal-";

export const script = (name: string): string => join(here, name);

export class World {
  /** Sockets of the lab, and what main reads. */
  readonly folder: string;
  readonly cgroups: readonly string[];
  readonly #child: ChildProcess;
  readonly #init: number;

  private constructor(folder: string, cgroups: readonly string[], child: ChildProcess, init: number) {
    this.folder = folder;
    this.cgroups = cgroups;
    this.#child = child;
    this.#init = init;
  }

  /** @param ended Called when it ended although nobody closed it. */
  static async start(ended: (reason: string) => void): Promise<World> {
    sweepDead();
    const folder = mkdtempSync(join(temporary, `${folderName}${String(process.pid)}-`));
    const cgroups = labCgroups();
    startReaper(folder, cgroups);
    const namespaces = ["--mount", "--propagation", "private", "--net", "--pid", "--fork"];
    const child = spawn(
      "setpriv",
      [
        "--pdeathsig",
        "KILL",
        "unshare",
        ...namespaces,
        "--kill-child=SIGKILL",
        "--mount-proc",
        "bash",
        script("world.sh"),
      ],
      { stdio: ["pipe", "pipe", "pipe"] },
    );
    await ready(child);
    const init = childrenOf(child.pid)[0];
    if (init === undefined) throw new Error("The lab's namespaces ended at once.");
    child.once("exit", (code, signal) => {
      ended(`The lab's namespaces ended (${String(signal ?? code)}).`);
    });
    return new World(folder, cgroups, child, init);
  }

  /** A path of the world, as this process reaches it. */
  path(inside: string): string {
    return `/proc/${String(this.#init)}/root${inside}`;
  }

  /** Starts a program in the world; it dies with it. */
  spawn(command: readonly string[], environment: NodeJS.ProcessEnv = {}): ChildProcess {
    const enter = ["--target", String(this.#init), "--mount", "--net", "--pid", "--"];
    return spawn("nsenter", [...enter, ...command], {
      env: { PATH: process.env["PATH"], LANG: "C.UTF-8", ...environment },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  /** Runs a program in the world to its end. @throws Error with what it said */
  run(command: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<string> {
    const child = this.spawn(command, environment);
    return new Promise((resolve, reject) => {
      let said = "";
      const listen = (chunk: Buffer): void => {
        said += chunk.toString("utf8");
      };
      child.stdout?.on("data", listen);
      child.stderr?.on("data", listen);
      child.once("error", reject);
      child.once("close", (code) => {
        if (code === 0) resolve(said);
        else reject(new Error(`${command.slice(0, 4).join(" ")}: exit ${String(code)}: ${said.trim()}`));
      });
    });
  }

  close(): Promise<void> {
    this.#child.removeAllListeners("exit");
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => {
      this.#child.once("exit", () => {
        resolve();
      });
      this.#child.stdin?.end();
    });
  }
}

/** The processes that a program started in the world has under it: nsenter stays in front of what it enters. */
export function childrenOf(pid: number | undefined): number[] {
  try {
    const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8");
    return text.trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = "";
    child.stderr?.on("data", (chunk: Buffer) => {
      said += chunk.toString("utf8");
    });
    child.once("error", reject);
    child.once("close", () => {
      reject(new Error(`The lab's namespaces could not be made: ${said.trim()}`));
    });
    child.stdout?.once("data", () => {
      resolve();
    });
  });
}

/** What labs left that were killed together with their reaper; the kernel took all but this. */
function sweepDead(): void {
  const cgroups = deadCgroups();
  if (cgroups.length > 0) execFileSync("bash", ["-c", sweepCommand(cgroups)]);
  for (const name of readdirSync(temporary)) {
    const pid = name.startsWith(folderName) ? name.slice(folderName.length).split("-")[0] : undefined;
    if (pid !== undefined && !existsSync(`/proc/${pid}`))
      rmSync(join(temporary, name), { recursive: true, force: true });
  }
}

/** Sees the end of its standard input when the lab is gone, even by SIGKILL. */
function startReaper(folder: string, cgroups: readonly string[]): void {
  const routes = `ip route show type blackhole proto ${routeProtocol} | grep "metric ${String(process.pid)}\\b" |
    while read -r route; do ip route del $route proto ${routeProtocol}; done`;
  const command = `cat >/dev/null; ${routes}; ${sweepCommand(cgroups)}; rm -rf "${folder}"`;
  spawn("bash", ["-c", command], { stdio: ["pipe", "ignore", "ignore"], detached: true }).unref();
}
