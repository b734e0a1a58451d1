/** The web topology on the rack's machines, by the roles that the config gives them; undefined where it is not asked for. */
import { output } from "@pulumi/pulumi/output.js";
import { RunError } from "@pulumi/pulumi/errors.js";
import { warn } from "@pulumi/pulumi/log/index.js";
import type { RackConfig } from "../config.ts";
import type { Rack, RackMachine } from "../rack.ts";
import { rolesProblem, WebTopology } from "./web-topology.ts";
import type { WebMachine, WebTopologyArgs } from "./web-topology.ts";

export function web({ topology, deploy }: RackConfig, rack: Rack): WebTopology | undefined {
  if (topology.kind === "none" || !deploy) return undefined;
  if (topology.sshConfig === "") {
    void warn(
      "The web topology needs machines that boot, and this lab's are records alone: it is left out (docs/lab-machines.md says what is needed).",
    );
    return undefined;
  }
  const { main, sshConfig, kind } = topology;
  const machines: WebTopologyArgs["machines"] = {
    ...(main === undefined ? {} : { main: [{ name: "main", address: main }] }),
    ...byRole(rack.machines, kind === "web-on-one"),
  };
  const problem = rolesProblem(machines);
  if (problem !== undefined)
    throw new RunError(`The web topology cannot be built: ${problem}. See \`roles\` in the config.`);
  return new WebTopology(
    "web",
    {
      machines,
      ...(sshConfig === undefined ? {} : { ssh: sshConfig }),
      // Through main, or a tunnel, browsers ask for the site by main's name and this computer's.
      hosts: ["localhost", "127.0.0.1", ...(main === undefined ? [] : [main])],
    },
    { parent: rack },
  );
}

function byRole(all: RackMachine[], onOne: boolean): WebTopologyArgs["machines"] {
  const having = (role: string): WebMachine[] =>
    all
      .filter((machine) => machine.role === role)
      .map((machine) => ({
        name: machine.name,
        address: machine.address ?? output(machine.addresses).apply(([first = ""]) => first),
        installation: machine.installation,
      }));
  return {
    db: having(onOne ? "app" : "db"),
    app: having("app"),
    balancer: having("balancer"),
    spare: having(""),
  };
}
