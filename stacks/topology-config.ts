/** What runs on the rack's machines, and how they are reached from here. */
import { addressProblem } from "../providers/index.ts";
import type { Check } from "../providers/index.ts";

/** "web": Django on machines behind NGINX, with PostgreSQL; "web-on-one": Django and PostgreSQL on one; "none": bare systems. */
export type TopologyKind = "none" | "web" | "web-on-one";

export interface TopologyConfig {
  kind: TopologyKind;
  /** Address of main, which is to be the rack's router; undefined: that is not our business. */
  main: string | undefined;
  /** File for `ssh -F` that knows the way to the machines. undefined: the user's own. "": machines that do not boot. */
  sshConfig: string | undefined;
}

export const TOPOLOGY_KEYS = ["main", "sshConfig", "topology"];

export interface WrittenTopology {
  topology: string | undefined;
  main: string | undefined;
  sshConfig: string | undefined;
}

export function topologyConfig(check: Check, { topology, main, sshConfig }: WrittenTopology): TopologyConfig {
  check.oneOf("topology", ["none", "web", "web-on-one"]);
  check.text("main", addressProblem);
  return { kind: (topology as TopologyKind | undefined) ?? "none", main, sshConfig };
}

/** Who does what where the config does not say. */
export function defaultRoles({ kind }: TopologyConfig): Record<string, number> {
  switch (kind) {
    case "none":
      return {};
    case "web":
      return { db: 1, app: 2, balancer: 1 };
    case "web-on-one":
      return { app: 1 };
  }
}
