/** The older list of what scripts said, under two names (src/maasserver/api/results.py, NodeResultsHandler). */
import { visibleMachines } from "./access.ts";
import { caller } from "./caller.ts";
import type { Machine, ScriptResult, ScriptSet } from "./machine-state.ts";
import type { Call, Operation } from "./operation.ts";
import { json, refusal } from "./reply.ts";
import { resultsOf, scriptSet } from "./script-sets.ts";
import { scriptStatus } from "./script-status.ts";
import { isoTime } from "./timestamp.ts";

const over: ReadonlySet<number> = new Set([
  scriptStatus.passed,
  scriptStatus.failed,
  scriptStatus.timedOut,
  scriptStatus.aborted,
]);

/** One for the output and, where a script complained, another for that. */
function render(machine: Machine, set: ScriptSet, result: ScriptResult): Record<string, unknown>[] {
  const shown = (name: string, text: string): Record<string, unknown> => ({
    created: isoTime(result.created),
    updated: isoTime(result.updated),
    id: result.id,
    name,
    script_result: result.exitStatus,
    result_type: set.type,
    node: { system_id: machine.systemId },
    data: Buffer.from(text).toString("base64"),
    resource_uri: "/MAAS/api/2.0/commissioning-scripts/",
  });
  const output = shown(result.name, result.stdout === "" ? result.output : result.stdout);
  return result.stderr === "" ? [output] : [output, shown(`${result.name}.err`, result.stderr)];
}

/** Of the current runs of the machines that one sees. */
function list(call: Call) {
  const { state, query } = call;
  const [ids, names] = [query.all("system_id"), query.all("name")];
  const type = query.get("result_type");
  if (type !== undefined && !/^\s*[-+]?\d+\s*$/.test(type))
    throw refusal(400, "Invalid result_type: Please enter an integer value");
  const machines = visibleMachines(state, caller(call)).filter(
    ({ systemId }) => ids.length === 0 || ids.includes(systemId),
  );
  return json(
    machines.flatMap((machine) =>
      [machine.commissioningSetId, machine.installationSetId, machine.testingSetId]
        .flatMap((id) => scriptSet(state, id) ?? [])
        .filter((set) => type === undefined || set.type === Number(type))
        .flatMap((set) =>
          resultsOf(state, set)
            .filter(({ status, name }) => over.has(status) && (names.length === 0 || names.includes(name)))
            .flatMap((result) => render(machine, set, result)),
        ),
    ),
  );
}

export const nodeResultOperations: Operation[] = ["installation-results/", "commissioning-results/"].map((path) => ({
  method: "GET",
  path,
  access: "user",
  handle: list,
}));
