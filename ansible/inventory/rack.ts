#!/usr/bin/env node
/**
 * Ansible's inventory, of the stack's output `topology`: groups db, app, balancer, spare, and router, which holds main.
 * The program gives its topology in METALFORM_TOPOLOGY (JSON), since its outputs are not written while it runs; by hand
 * Pulumi is asked:
 *
 *   eval "$(make -s env)"; ansible-inventory --graph; ansible -m ping all
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { roles, topologyProblem, type Role, type Topology } from "../../stacks/web/topology.ts";

/** A group must not be called like a host in it, and main is the host's name. */
const groupOf = (role: Role): string => (role === "main" ? "router" : role);

type HostVariables = Record<string, string>;

export interface Inventory {
  _meta: { hostvars: Record<string, HostVariables> };
  [group: string]: { hosts: string[] } | Inventory["_meta"];
}

/**
 * Two labs have machines at the same addresses. Ansible names the connections that it keeps by address, so without the file in
 * their name it would take the other lab's.
 */
function byWayOf(ssh: string): HostVariables {
  const name = createHash("sha256").update(ssh).digest("hex").slice(0, 8);
  return {
    ansible_ssh_common_args: `-F '${ssh.replaceAll("'", "'\\''")}'`,
    ansible_control_path: `%(directory)s/${name}-%%C`,
  };
}

export function inventory({ user, ssh, roles: machines }: Topology): Inventory {
  const hostvars = roles.flatMap((role) =>
    Object.entries(machines[role]).map(([name, address]): [string, HostVariables] => [
      name,
      {
        ansible_host: address,
        ansible_user: user,
        ...(ssh === "" ? {} : byWayOf(ssh)),
      },
    ]),
  );
  const groups = roles.map((role) => [groupOf(role), { hosts: Object.keys(machines[role]) }] as const);
  return { ...Object.fromEntries(groups), _meta: { hostvars: Object.fromEntries(hostvars) } };
}

function stackOutput(): string {
  const project = join(import.meta.dirname, "../..");
  try {
    return execFileSync("pulumi", ["stack", "output", "topology", "--json"], {
      cwd: project,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const said = (error as { stderr?: string }).stderr?.trim() ?? String(error);
    throw new Error(
      `the stack has no output \`topology\` (${said}); run \`make up\` with a \`web\` in the config first`,
      {
        cause: error,
      },
    );
  }
}

function topology(): Topology {
  const value: unknown = JSON.parse(process.env["METALFORM_TOPOLOGY"] || stackOutput());
  const problem = topologyProblem(value);
  if (problem !== undefined) throw new Error(`the topology can't be used: ${problem}`);
  return value as Topology;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  try {
    // With --list; --host NAME is never asked for, since _meta says it all.
    process.stdout.write(`${JSON.stringify(inventory(topology()), undefined, 2)}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
