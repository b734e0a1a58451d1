/** Runs of scripts: which scripts a commissioning, a test, an installation or a release gets (facts: maas.md 2.6, 2.9). */
import { addEvent } from "./events.ts";
import type { BlockDevice, Machine, ScriptResult, ScriptSet } from "./machine-state.ts";
import { isConfigured } from "./links.ts";
import { hasFailed, isUnfinished, scriptStatus, scriptStatusName } from "./script-status.ts";
import { nextId, type Json, type LabState, type Script } from "./state.ts";
import { blockDevicesOf } from "./storage.ts";
import { status } from "./node-status.ts";

export const setType = { commissioning: 0, installation: 1, testing: 2, release: 3 } as const;
export type SetType = (typeof setType)[keyof typeof setType];

export const installLog = "/tmp/install.log";
/** The script whose report renames the interfaces and finds the disks. */
export const hardwareScript = "50-maas-01-commissioning";

const scriptType = { commissioning: 0, testing: 2, release: 3 } as const;

/** MAAS keeps this many results of one script (config max_node_*_results). */
const keptResults: Record<SetType, number> = { 0: 10, 1: 3, 2: 10, 3: 3 };

/** Values for scripts' parameters, by script name. */
export type ScriptInput = Record<string, Record<string, Json>>;

export const resultsOf = (state: LabState, set: ScriptSet): ScriptResult[] =>
  set.resultIds.flatMap((id) => state.scriptResults[id] ?? []);

export const scriptSetsOf = (state: LabState, machine: Machine): ScriptSet[] =>
  machine.scriptSetIds.flatMap((id) => state.scriptSets[id] ?? []);

export const scriptSet = (state: LabState, id: number | null): ScriptSet | undefined =>
  id === null ? undefined : state.scriptSets[id];

function newSet(state: LabState, machine: Machine, type: SetType): ScriptSet {
  const set: ScriptSet = {
    id: nextId(state, "scriptSet"),
    systemId: machine.systemId,
    type,
    lastPing: null,
    resultIds: [],
  };
  state.scriptSets[set.id] = set;
  machine.scriptSetIds.push(set.id);
  return set;
}

/** Built-in scripts always run; of the others those named, by name or tag, or all without a choice. */
export function startCommissioningSet(
  state: LabState,
  machine: Machine,
  chosen: readonly string[],
  input: ScriptInput = {},
): ScriptSet {
  const set = newSet(state, machine, setType.commissioning);
  const wanted = Object.values(state.scripts).filter((script) => {
    if (script.type !== scriptType.commissioning) return false;
    if (chosen.length === 0) return script.forHardware.length === 0 && !script.tags.includes("noauto");
    return script.isDefault || isChosen(script, chosen);
  });
  addScripts(state, machine, set, wanted, input);
  machine.commissioningSetId = set.id;
  return set;
}

/** Tests by name, tag or id; those tagged "commissioning" without a choice. Undefined when none is left ("none"). */
export function startTestingSet(
  state: LabState,
  machine: Machine,
  chosen: readonly string[],
  input: ScriptInput = {},
): ScriptSet | undefined {
  const wanted = scriptsFor(state, scriptType.testing, chosen.length > 0 ? chosen : ["commissioning"]);
  if (wanted.length === 0) return undefined;
  const set = newSet(state, machine, setType.testing);
  addScripts(state, machine, set, wanted, input);
  machine.testingSetId = set.id;
  return set;
}

export function startInstallationSet(state: LabState, machine: Machine): ScriptSet {
  const set = newSet(state, machine, setType.installation);
  addResult(state, set, null, installLog, {});
  cleanOld(state, machine, set);
  machine.installationSetId = set.id;
  return set;
}

export function startReleaseSet(
  state: LabState,
  machine: Machine,
  chosen: readonly string[],
  input: ScriptInput,
): ScriptSet {
  const set = newSet(state, machine, setType.release);
  addScripts(state, machine, set, scriptsFor(state, scriptType.release, chosen), input);
  machine.releaseSetId = set.id;
  return set;
}

/** A machine enlisted as deployed: the scripts that could run on it are queued (facts: maas.md 2.3). */
export function startDeployedSet(state: LabState, machine: Machine): ScriptSet {
  const set = newSet(state, machine, setType.commissioning);
  const wanted = Object.values(state.scripts).filter(
    (script) => script.type === scriptType.commissioning && script.isDefault && script.tags.includes("deploy-info"),
  );
  for (const script of wanted) addPending(state, machine, set, script, {});
  machine.commissioningSetId = set.id;
  return set;
}

const isChosen = (script: Script, chosen: readonly string[]): boolean =>
  chosen.includes(script.name) || chosen.includes(String(script.id)) || script.tags.some((tag) => chosen.includes(tag));

const scriptsFor = (state: LabState, type: number, chosen: readonly string[]): Script[] =>
  Object.values(state.scripts).filter((script) => script.type === type && isChosen(script, chosen));

function addScripts(state: LabState, machine: Machine, set: ScriptSet, scripts: Script[], input: ScriptInput): void {
  for (const script of scripts) addPending(state, machine, set, script, input[script.name] ?? {});
  cleanOld(state, machine, set);
}

type Parameters = Record<string, Json>;

/** One result a script, or one for each disk or interface that its parameters ask for. */
function addPending(
  state: LabState,
  machine: Machine,
  set: ScriptSet,
  script: Script,
  input: Record<string, Json>,
): void {
  const { single, multiple } = parametersOf(script, input);
  if (!multiple) {
    addResult(state, set, script.id, script.name, single);
    return;
  }
  const { name, kind, definition, value } = multiple;
  const targets = kind === "storage" ? diskTargets(state, machine, value) : interfaceTargets(state, machine, value);
  if (targets.length === 0)
    addResult(state, set, script.id, script.name, { ...single, [name]: { ...definition, value } });
  for (const target of targets) {
    const row = addResult(state, set, script.id, script.name, { ...single, [name]: { ...definition, value: target } });
    if (kind === "storage") row.blockDeviceId = Number(target["id"]);
    else row.interfaceId = Number(target["id"]);
  }
}

interface MultipleParameter {
  name: string;
  kind: "storage" | "interface";
  definition: Parameters;
  value: string;
}

const builtinDefaults: Record<string, string> = {
  maas_auto_ipmi_user: "maas",
  maas_auto_ipmi_cipher_suite_id: "3",
  maas_auto_ipmi_user_privilege_level: "ADMIN",
};

function parametersOf(
  script: Script,
  input: Record<string, Json>,
): { single: Parameters; multiple?: MultipleParameter } {
  const single: Parameters = {};
  let multiple: MultipleParameter | undefined;
  for (const [name, definition] of Object.entries(objectOf(script.parameters))) {
    const fields = objectOf(definition);
    const kind = fields["type"];
    const value = input[name] ?? fields["default"] ?? builtinDefaults[name];
    if (kind === "storage" || kind === "interface")
      multiple = { name, kind, definition: fields, value: typeof value === "string" ? value : "all" };
    else if (kind === "runtime") single[name] = { ...fields, value: value ?? secondsOf(script.timeout) };
    else if (value !== undefined && value !== "") single[name] = { ...fields, value };
  }
  return multiple ? { single, multiple } : { single };
}

const objectOf = (value: Json | undefined): Parameters =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value : {};

function secondsOf(timeout: string): number {
  return timeout.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

const diskParameter = (disk: BlockDevice): Record<string, Json> => ({
  id: disk.id,
  name: disk.name,
  model: disk.model,
  serial: disk.serial,
  id_path: disk.idPath,
});

/** `all`, an id, or a comma list of names, models, serials, model:serial and tags. */
function diskTargets(state: LabState, machine: Machine, value: string): Record<string, Json>[] {
  const disks = blockDevicesOf(state, machine);
  if (value === "all") return disks.map(diskParameter);
  const words = value.split(",").map((word) => word.replace(/^\/dev\//, ""));
  return disks
    .filter((disk) =>
      [String(disk.id), disk.name, disk.model, disk.serial, `${disk.model}:${disk.serial}`, ...disk.tags].some((word) =>
        words.includes(word),
      ),
    )
    .map(diskParameter);
}

function interfaceTargets(state: LabState, machine: Machine, value: string): Record<string, Json>[] {
  const rows = machine.interfaceIds.flatMap((id) => state.interfaces[id] ?? []);
  const configured = rows.filter((row) => isConfigured(state, row));
  const boot = rows.filter((row) => row.id === machine.bootInterfaceId || rows[0] === row).slice(0, 1);
  const usable = configured.length > 0 || machine.status !== status.commissioning ? configured : boot;
  const words = value.split(",");
  return usable
    .filter(
      (row) => value === "all" || [String(row.id), row.name, row.mac, ...row.tags].some((word) => words.includes(word)),
    )
    .map((row) => ({ id: row.id, name: row.name, mac_address: row.mac, vendor: row.vendor, product: row.product }));
}

function addResult(
  state: LabState,
  set: ScriptSet,
  scriptId: number | null,
  name: string,
  parameters: Parameters,
): ScriptResult {
  const now = Date.now();
  const row: ScriptResult = {
    id: nextId(state, "scriptResult"),
    setId: set.id,
    scriptId,
    name,
    status: scriptStatus.pending,
    exitStatus: null,
    created: now,
    updated: now,
    started: null,
    ended: null,
    parameters,
    blockDeviceId: null,
    interfaceId: null,
    output: "",
    stdout: "",
    stderr: "",
    result: "",
    versionId: null,
    suppressed: false,
  };
  state.scriptResults[row.id] = row;
  set.resultIds.push(row.id);
  return row;
}

function dropResult(state: LabState, set: ScriptSet, id: number): void {
  set.resultIds = set.resultIds.filter((other) => other !== id);
  Reflect.deleteProperty(state.scriptResults, id);
}

/** Older runs of the same type: what was pending is aborted, placeholders for unknown disks go, and only the newest are kept. */
function cleanOld(state: LabState, machine: Machine, fresh: ScriptSet): void {
  const older = scriptSetsOf(state, machine).filter((set) => set.type === fresh.type && set.id !== fresh.id);
  for (const set of older)
    for (const result of resultsOf(state, set)) {
      const isPlaceholder = Object.values(result.parameters).some((parameter) => {
        const { type, value } = objectOf(parameter);
        return type === "storage" && value === "all";
      });
      if (isPlaceholder) dropResult(state, set, result.id);
      else if (isUnfinished(result.status)) result.status = scriptStatus.aborted;
    }
  const surplus = older.length + 1 - keptResults[fresh.type as SetType];
  for (const set of older.slice(0, Math.max(surplus, 0))) deleteSet(state, machine, set);
  for (const set of older) if (set.resultIds.length === 0) deleteSet(state, machine, set);
}

export function deleteSet(state: LabState, machine: Machine, set: ScriptSet): void {
  for (const id of set.resultIds) Reflect.deleteProperty(state.scriptResults, id);
  machine.scriptSetIds = machine.scriptSetIds.filter((id) => id !== set.id);
  Reflect.deleteProperty(state.scriptSets, set.id);
}

/** Once commissioning knows the disks (or interfaces), pending tests that wait for "all" are made anew, one for each; other values stay. */
export function regenerate(state: LabState, machine: Machine, kind: "storage" | "interface"): void {
  const set = scriptSet(state, machine.testingSetId);
  if (!set) return;
  const inputs = new Map<number, Record<string, Json>>();
  for (const result of resultsOf(state, set)) {
    const parameters = Object.entries(result.parameters).map(([name, value]) => ({ name, fields: objectOf(value) }));
    const isOfKind = parameters.some(({ fields }) => fields["type"] === kind);
    if (result.status !== scriptStatus.pending || !isOfKind || result.scriptId === null) continue;
    const others = parameters.filter(({ fields }) => fields["type"] !== kind && fields["value"] !== undefined);
    inputs.set(result.scriptId, Object.fromEntries(others.map(({ name, fields }) => [name, fields["value"] ?? null])));
    dropResult(state, set, result.id);
  }
  for (const [id, input] of inputs) {
    const script = state.scripts[id];
    if (script) addPending(state, machine, set, script, input);
  }
}

/** A script that tries the configured network: MAAS gives the machine its addresses before it starts it. */
export function needsAddresses(state: LabState, machine: Machine): boolean {
  return [machine.commissioningSetId, machine.testingSetId].some((id) => {
    const set = scriptSet(state, id);
    return set && resultsOf(state, set).some(({ scriptId }) => state.scripts[scriptId ?? 0]?.applyConfiguredNetworking);
  });
}

/** Everything of a set that has not ended. */
export function setUnfinished(state: LabState, setId: number | null, to: number): void {
  const set = scriptSet(state, setId);
  if (!set) return;
  for (const result of resultsOf(state, set))
    if (isUnfinished(result.status)) {
      result.status = to;
      result.updated = Date.now();
    }
}

/** `smartctl-validate on nvme0n1`, as events name a result. */
function resultLabel(state: LabState, result: ScriptResult): string {
  const disk = result.blockDeviceId === null ? undefined : state.blockDevices[result.blockDeviceId];
  const nic = result.interfaceId === null ? undefined : state.interfaces[result.interfaceId];
  const on = disk?.name ?? nic?.name;
  return on === undefined ? result.name : `${result.name} on ${on}`;
}

/** Moves one result on, with the events that MAAS writes for it. */
export function moveResult(state: LabState, machine: Machine, result: ScriptResult, to: number): void {
  const from = result.status;
  const now = Date.now();
  result.status = to;
  result.updated = now;
  if (to === scriptStatus.running) result.started ??= now;
  else if (!isUnfinished(to)) {
    result.ended ??= now;
    result.started ??= result.ended;
  }
  if (from === to) return;
  const label = resultLabel(state, result);
  const isTest = state.scriptSets[result.setId]?.type === setType.testing;
  if (isTest && from === scriptStatus.pending && to === scriptStatus.running)
    addEvent(state, machine, "runningTest", { description: label });
  else if (hasFailed(to) || to === scriptStatus.aborted)
    addEvent(state, machine, "scriptDidNotComplete", { description: `${label} ${scriptStatusName(to).toLowerCase()}` });
  else if (result.name === installLog && !machine.netboot) addEvent(state, machine, "rebooting");
}

export interface ScriptOutput {
  exitStatus: number;
  output?: string;
  stdout?: string;
  stderr?: string;
}

/** What a script's end leaves: exit status, output, the version that ran. `to` is a verdict other than the exit status's. */
export function storeResult(
  state: LabState,
  machine: Machine,
  result: ScriptResult,
  left: ScriptOutput,
  to: number = left.exitStatus === 0 ? scriptStatus.passed : scriptStatus.failed,
): void {
  result.exitStatus = left.exitStatus;
  if (left.output !== undefined) result.output = left.output;
  if (left.stdout !== undefined) result.stdout = left.stdout;
  if (left.stderr !== undefined) result.stderr = left.stderr;
  const script = result.scriptId === null ? undefined : state.scripts[result.scriptId];
  result.versionId = script?.history[0]?.id ?? null;
  moveResult(state, machine, result, to);
}

/** The newest result of each script and device; aborted ones and installations don't count for a machine's health. */
export function latestResults(state: LabState, machine: Machine, type: SetType): ScriptResult[] {
  const latest = new Map<string, ScriptResult>();
  for (const set of scriptSetsOf(state, machine)) {
    if (set.type !== type) continue;
    for (const result of resultsOf(state, set)) {
      const key = `${result.name}/${String(result.blockDeviceId)}/${String(result.interfaceId)}`;
      const known = latest.get(key);
      if (!known || known.id < result.id) latest.set(key, result);
    }
  }
  return [...latest.values()].filter((result) => result.status !== scriptStatus.aborted);
}
