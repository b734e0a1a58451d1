/**
 * Keeps this computer from sending anything to the lab's addresses: a program that dials a machine without the bastion would
 * reach whoever has that address behind the default route. One blackhole route a subnet, marked with the lab's process.
 */
import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { promisify } from "node:util";
import { parseNetwork } from "../maas/ip-address.ts";

/** The mark of our routes: a number of rtnetlink's that nobody has claimed. */
export const routeProtocol = "201";

const ip = (...args: string[]) => promisify(execFile)("ip", args);

interface Route {
  dst: string;
  type?: string;
  metric?: number;
}

/** Whether two networks have addresses in common. */
function overlaps(one: string, other: string): boolean {
  const [left, right] = [parseNetwork(one), parseNetwork(other)];
  return !!left && !!right && left.version === right.version && left.first <= right.last && right.first <= left.last;
}

export class Guard {
  readonly #warn: (line: string) => void;
  readonly #guarded = new Set<string>();

  constructor(warn: (line: string) => void) {
    this.#warn = warn;
    sweep();
  }

  /** Guards these networks too; one that this computer really has a route to is left alone. */
  async add(cidrs: readonly string[]): Promise<void> {
    for (const cidr of cidrs.filter((candidate) => !this.#guarded.has(candidate))) {
      this.#guarded.add(cidr);
      const { stdout } = await ip("-json", "route", "show");
      const own = (JSON.parse(stdout) as Route[]).find(
        ({ dst, type }) => type !== "blackhole" && dst !== "default" && overlaps(cidr, dst),
      );
      if (own)
        this.#warn(
          `${cidr} is the lab's and, by the route to ${own.dst}, also this computer's: ssh to the lab's machines goes by "main" only.`,
        );
      else await ip("route", "add", ...route(cidr, process.pid));
    }
  }

  async close(): Promise<void> {
    for (const cidr of this.#guarded) await ip("route", "del", ...route(cidr, process.pid)).catch(() => undefined);
  }
}

const route = (cidr: string, pid: number): string[] => [
  "blackhole",
  cidr,
  "metric",
  String(pid),
  "proto",
  routeProtocol,
];

/** Takes away the routes of labs that were killed together with their reaper. */
function sweep(): void {
  const text = execFileSync("ip", ["-json", "route", "show", "type", "blackhole", "proto", routeProtocol], {
    encoding: "utf8",
  });
  for (const { dst, metric } of text.trim() === "" ? [] : (JSON.parse(text) as Route[]))
    if (metric !== undefined && !existsSync(`/proc/${String(metric)}`))
      execFileSync("ip", ["route", "del", ...route(dst, metric)]);
}
