/** The web topology on the rack's machines, by the roles that the config gives them; undefined where it is not asked for. */
import type { UnwrappedArray } from "@pulumi/pulumi";
import { output } from "@pulumi/pulumi/output.js";
import { RunError } from "@pulumi/pulumi/errors.js";
import { warn } from "@pulumi/pulumi/log/index.js";
import type { RackConfig } from "../config.ts";
import type { Rack, RackMachine } from "../rack.ts";
import type { Role } from "./topology.ts";
import { rolesProblem, WebTopology } from "./web-topology.ts";
import type { WebMachine } from "./web-topology.ts";

export function web({ topology, deploy, roles }: RackConfig, rack: Rack): WebTopology | undefined {
  if (topology.kind === "none" || !deploy) return undefined;
  if (topology.sshConfig === "") {
    void warn(
      "The web topology needs machines that boot, and this lab's are records alone: it is left out (docs/lab-machines.md says what is needed).",
    );
    return undefined;
  }
  const { main, sshConfig, kind } = topology;
  const wanted = (role: string): number => roles.find(({ name }) => name === role)?.count ?? 0;
  const onOne = kind === "web-on-one";
  const problem = rolesProblem({
    db: wanted(onOne ? "app" : "db"),
    app: wanted("app"),
    balancer: wanted("balancer"),
    main: main === undefined ? 0 : 1,
  });
  if (problem !== undefined)
    throw new RunError(`The web topology cannot be built: ${problem}. See \`roles\` in the config.`);
  return new WebTopology(
    "web",
    {
      machines: output(rack.machines.map(placeOf)).apply((all) => ({
        ...(main === undefined ? {} : { main: [{ name: "main", address: main }] }),
        ...byRole(all, onOne),
      })),
      ...(sshConfig === undefined ? {} : { ssh: sshConfig }),
      // Through main, or a tunnel, browsers ask for the site by main's name and this computer's.
      hosts: ["localhost", "127.0.0.1", ...(main === undefined ? [] : [main])],
    },
    { parent: rack },
  );
}

/** No more of it than is needed: what else a preview does not know of a machine would hide what it does know. */
const placeOf = ({ name, role, failure, address, addresses, installation }: RackMachine) => ({
  name,
  role,
  failure,
  address: address ?? addresses.apply(([first = ""]) => first),
  installation,
});

function byRole(all: UnwrappedArray<ReturnType<typeof placeOf>>, onOne: boolean): Partial<Record<Role, WebMachine[]>> {
  const having = (role: string): WebMachine[] =>
    all
      .filter((machine) => machine.role === role && !machine.failure)
      .map(({ name, address, installation }) => ({ name, address, installation }));
  return {
    db: having(onOne ? "app" : "db"),
    app: having("app"),
    balancer: having("balancer"),
    spare: having(""),
  };
}
