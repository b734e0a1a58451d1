/** Pages of the metadata service that only machines ask for that really boot (facts: lab-hosts.md 4). */
import { systemOf } from "./booted.ts";
import { fqdnOf } from "./machine-render.ts";
import type { Machine } from "./machine-state.ts";
import type { Reply } from "./operation.ts";
import { notFound } from "./reply.ts";
import { pendingResults } from "./signals.ts";
import type { LabState } from "./state.ts";

const plain = (body: string): Reply => ({ status: 200, contentType: "text/plain", body });

/** What cloud-init asks for by name. */
const items: Readonly<Record<string, (state: LabState, machine: Machine) => string>> = {
  "instance-id": (_state, { systemId }) => systemId,
  "local-hostname": fqdnOf,
  "public-keys": (state, { ownerId }) =>
    Object.values(state.sshKeys)
      .flatMap(({ userId, key }) => (userId === ownerId ? [key] : []))
      .join("\n"),
  "vendor-data": () => "",
};

export function metaData(state: LabState, machine: Machine, item = ""): Reply {
  if (item === "") return plain(Object.keys(items).join("\n"));
  const read = items[item];
  if (!read) throw notFound("Node");
  return plain(read(state, machine));
}

/** MAAS sends an archive of scripts; this is its index, with the texts of those that users have uploaded. */
export function scriptIndex(state: LabState, machine: Machine): Reply {
  const listed = (setId: number | null) =>
    pendingResults(state, setId).map((result) => ({
      name: result.name,
      script_result_id: result.id,
      content: state.scripts[result.scriptId ?? 0]?.history[0]?.content ?? "",
    }));
  const body = {
    "1.0": {
      commissioning_scripts: listed(machine.commissioningSetId),
      testing_scripts: listed(machine.testingSetId),
    },
    poweroff: !machine.staysOn,
  };
  return { status: 200, contentType: "application/json", body };
}

/** Whether this machine runs the system that MAAS boots from its rack, whose user-data is MAAS's own. */
export const runsEphemeral = (state: LabState, machine: Machine): boolean => systemOf(state, machine) === "ephemeral";
