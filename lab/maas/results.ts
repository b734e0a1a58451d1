/** nodes/{id}/results/: what scripts said (facts: maas.md 2.9; transcripts s03, s15). */
import { machineFor } from "./access.ts";
import { caller } from "./caller.ts";
import type { Machine, ScriptResult, ScriptSet } from "./machine-state.ts";
import { readStringBool } from "./form.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { filterOf, hardwareTypes, isAsked, resultTypes } from "./script-kinds.ts";
import { deleted, forbidden, json, notFound, refusal } from "./reply.ts";
import { deleteSet, resultsOf, scriptSetsOf, setType } from "./script-sets.ts";
import { overallStatus, scriptStatus, scriptStatusName } from "./script-status.ts";
import { isId } from "./specifier.ts";
import type { LabState } from "./state.ts";
import { longTime } from "./timestamp.ts";

interface View {
  filters: string[] | undefined;
  hardwareType: number | undefined;
  includeOutput: boolean;
}

function readView(fields: Fields): View {
  return {
    filters: fields.get("filters")?.split(","),
    hardwareType: filterOf(hardwareTypes, fields.get("hardware_type")),
    includeOutput: isAsked(fields.get("include_output")),
  };
}

/** By name, tag or id, once for each filter that fits; sorted by name, then device. */
function filtered(state: LabState, set: ScriptSet, { filters, hardwareType }: View): ScriptResult[] {
  const nameOf = (result: ScriptResult): string => {
    const disk = result.blockDeviceId === null ? undefined : state.blockDevices[result.blockDeviceId];
    const nic = result.interfaceId === null ? undefined : state.interfaces[result.interfaceId];
    return [result.name, disk?.name ?? "", nic?.name ?? ""].join("\0");
  };
  const scriptOf = ({ scriptId }: ScriptResult) => (scriptId === null ? undefined : state.scripts[scriptId]);
  return resultsOf(state, set)
    .flatMap((result) => {
      const words = [result.name, String(result.id), ...(scriptOf(result)?.tags ?? [])];
      return filters === undefined ? [result] : filters.filter((word) => words.includes(word)).map(() => result);
    })
    .filter((result) => hardwareType === undefined || scriptOf(result)?.hardwareType === hardwareType)
    .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : nameOf(a) > nameOf(b) ? 1 : a.id - b.id));
}

/** `0:01:05`. */
function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${String(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

const runtimeOf = ({ started, ended }: { started: number | null; ended: number | null }): string =>
  started === null || ended === null ? "" : duration(ended - started);

/** How long it took, before that how long it took before, and the first time its time limit. */
function estimatedRuntime(state: LabState, machine: Machine, result: ScriptResult): string {
  if (result.started !== null && result.ended !== null) return runtimeOf(result);
  const former = scriptSetsOf(state, machine)
    .flatMap((set) => resultsOf(state, set))
    .filter((other) => other.name === result.name && other.status === scriptStatus.passed)
    .flatMap(({ started, ended }) => (started === null || ended === null ? [] : [ended - started]));
  if (former.length > 0) return duration(former.reduce((sum, value) => sum + value, 0) / former.length);
  const timeout = result.scriptId === null ? undefined : state.scripts[result.scriptId]?.timeout;
  return timeout === undefined || timeout === "0:00:00" ? "Unknown" : timeout;
}

const encode = (text: string): string => Buffer.from(text).toString("base64");

function renderResult(state: LabState, machine: Machine, result: ScriptResult, includeOutput: boolean) {
  return {
    id: result.id,
    created: longTime(result.created),
    updated: longTime(result.updated),
    name: result.name,
    status: result.status,
    status_name: scriptStatusName(result.status),
    exit_status: result.exitStatus,
    started: result.started === null ? null : longTime(result.started),
    ended: result.ended === null ? null : longTime(result.ended),
    runtime: runtimeOf(result),
    starttime: result.started === null ? "" : result.started / 1000,
    endtime: result.ended === null ? "" : result.ended / 1000,
    estimated_runtime: estimatedRuntime(state, machine, result),
    parameters: result.parameters,
    script_id: result.scriptId,
    script_revision_id: result.versionId,
    suppressed: result.suppressed,
    ...(includeOutput
      ? {
          output: encode(result.output),
          stdout: encode(result.stdout),
          stderr: encode(result.stderr),
          result: encode(result.result),
        }
      : {}),
  };
}

function renderSet(state: LabState, machine: Machine, set: ScriptSet, view: View) {
  const all = resultsOf(state, set);
  const starts = all.flatMap(({ started }) => started ?? []);
  const started = starts.length === 0 ? null : Math.min(...starts);
  const isOver = all.length > 0 && all.every(({ ended }) => ended !== null);
  const ended = isOver ? Math.max(...all.flatMap((result) => result.ended ?? [])) : null;
  const total = overallStatus(all);
  return {
    id: set.id,
    system_id: machine.systemId,
    type: set.type,
    type_name: resultTypes.names[set.type] ?? "",
    last_ping: set.lastPing === null ? null : longTime(set.lastPing),
    status: total,
    status_name: scriptStatusName(total),
    started: started === null ? null : longTime(started),
    ended: ended === null ? null : longTime(ended),
    runtime: runtimeOf({ started, ended }),
    results: filtered(state, set, view).map((result) => renderResult(state, machine, result, view.includeOutput)),
    resource_uri: `/MAAS/api/2.0/nodes/${machine.systemId}/results/${String(set.id)}/`,
  };
}

function list(call: Call) {
  const { state, query } = call;
  const machine = machineFor(call, "view", "Node");
  const type = filterOf(resultTypes, query.get("type"));
  const view = readView(query);
  const sets = scriptSetsOf(state, machine).filter((set) => type === undefined || set.type === type);
  return json(sets.map((set) => renderSet(state, machine, set, view)));
}

/** `current-commissioning`, `current-testing`, `current-installation` or the number of a set. */
function setFor(call: Call): { machine: Machine; set: ScriptSet } {
  const { state, params } = call;
  const machine = machineFor(call, "view", "Node");
  const id = params["id"] ?? "";
  const current: Record<string, number | null> = {
    "current-commissioning": machine.commissioningSetId,
    "current-testing": machine.testingSetId,
    "current-installation": machine.installationSetId,
  };
  const wanted = current[id] ?? (isId(id) ? Number(id) : undefined);
  if (wanted === undefined)
    throw refusal(
      400,
      `Unknown id "${id}" must be current-commissioning, current-testing, current-installation, or the id number of a specific result.`,
    );
  const set = state.scriptSets[wanted];
  if (set?.systemId !== machine.systemId) throw notFound("ScriptSet");
  return { machine, set };
}

function read(call: Call) {
  const { machine, set } = setFor(call);
  return json(renderSet(call.state, machine, set, readView(call.query)));
}

function requireSuperuser(call: Call): void {
  if (!caller(call).isSuperuser) throw forbidden("This method is reserved for admin users.");
}

/** Suppresses failed results, or takes that back. */
function suppress(call: Call) {
  requireSuperuser(call);
  const { machine, set } = setFor(call);
  const view = readView(call.form);
  if (call.form.has("suppressed")) {
    const isSuppressed = readStringBool(call.form, "suppressed", false);
    for (const result of filtered(call.state, set, view)) result.suppressed = isSuppressed;
  }
  return json(renderSet(call.state, machine, set, view));
}

/** The current commissioning and installation are not deletable; after the current testing the one before is current. */
function remove(call: Call) {
  requireSuperuser(call);
  const { state } = call;
  const { machine, set } = setFor(call);
  if (set.id === machine.commissioningSetId || set.id === machine.installationSetId) {
    const name = (resultTypes.names[set.type] ?? "").toLowerCase();
    const fqdn = `${machine.hostname}.${state.domains[machine.domainId]?.name ?? ""}`;
    throw refusal(400, `Unable to delete the current ${name} script set for node: ${fqdn}`);
  }
  deleteSet(state, machine, set);
  if (machine.testingSetId === set.id)
    machine.testingSetId = scriptSetsOf(state, machine).findLast(({ type }) => type === setType.testing)?.id ?? null;
  return deleted();
}

/** The bare output of one result, or all of them under a line with their name. */
function download(call: Call) {
  const { state, query } = call;
  const { set } = setFor(call);
  const kind = query.get("output") ?? "combined";
  const format = query.get("filetype") ?? "txt";
  if (format === "tar.xz") throw refusal(501, "Not simulated by the lab: results as tar.xz");
  if (format !== "txt") throw refusal(400, `Unknown filetype "${format}" must be txt or tar.xz`);
  const parts: [extension: string, kind: "output" | "stdout" | "stderr" | "result"][] = [
    ["", "output"],
    [".out", "stdout"],
    [".err", "stderr"],
    [".yaml", "result"],
  ];
  const wanted = parts.filter(([, part]) => kind === "all" || part === (kind === "combined" ? "output" : kind));
  const files = filtered(state, set, readView(query)).flatMap((result) => {
    const disk = result.blockDeviceId === null ? undefined : state.blockDevices[result.blockDeviceId];
    const nic = result.interfaceId === null ? undefined : state.interfaces[result.interfaceId];
    const suffix = `${disk ? ` - /dev/${disk.name}` : ""}${nic ? ` - ${nic.name}` : ""}`;
    return wanted.map(([extension, part]) => ({ title: `${result.name}${extension}${suffix}`, content: result[part] }));
  });
  const [only] = files;
  const dashes = (title: string): string => "-".repeat(Math.max(Math.floor((80 - (2 + title.length)) / 2), 0));
  const body =
    only && files.length === 1
      ? only.content
      : files.map(({ title, content }) => `${dashes(title)} ${title} ${dashes(title)}\n${content}\n`).join("");
  return { status: 200, contentType: "application/binary", body };
}

export const resultOperations: Operation[] = [
  { method: "GET", path: "nodes/:system_id/results/", access: "user", handle: list },
  { method: "GET", path: "nodes/:system_id/results/:id/", access: "user", handle: read },
  { method: "GET", path: "nodes/:system_id/results/:id/", op: "download", access: "user", handle: download },
  { method: "PUT", path: "nodes/:system_id/results/:id/", access: "user", handle: suppress },
  { method: "DELETE", path: "nodes/:system_id/results/:id/", access: "user", handle: remove },
];
