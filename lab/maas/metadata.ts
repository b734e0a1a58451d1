/**
 * The metadata service: what a booting machine asks MAAS for and tells it, over HTTP (facts: maas.md 7.1; the order of the checks is that of
 * src/metadataserver/api.py). The same signals as the boot records of the transcripts, one by one.
 */
import { metaData, runsEphemeral, scriptIndex } from "./booted-pages.ts";
import { parseReport, type HardwareReport } from "./hardware-report.ts";
import type { Machine, ScriptResult } from "./machine-state.ts";
import { status, statusName } from "./node-status.ts";
import { nodeToken } from "./node-token.ts";
import { signingKey, type NonceStore, type SignedRequest } from "./oauth.ts";
import { ApiError, type Fields, type Reply } from "./operation.ts";
import { notFound, refusal } from "./reply.ts";
import { resultsOf, scriptSet } from "./script-sets.ts";
import * as signals from "./signals.ts";
import type { LabState } from "./state.ts";

const signalStatuses = [
  ...["OK", "FAILED", "WORKING", "COMMISSIONING", "TESTING", "TIMEDOUT", "INSTALLING", "APPLYING_NETCONF"],
];

/** Statuses in which a signal means nothing, but is taken. */
const silent = new Set<number>([
  status.broken,
  status.failedCommissioning,
  status.failedDeployment,
  status.ready,
  status.failedEnteringRescueMode,
  status.failedTesting,
]);

const plain = (body: string): Reply => ({ status: 200, contentType: "text/plain", body });

const versions = ["latest", "2012-03-01"];

/**
 * Undefined for a path that the lab's metadata service lacks. `path` stands below /MAAS/metadata/; `ephemeral` is the program of the
 * system that MAAS boots from its rack.
 */
export function metadataReply(
  state: LabState,
  nonces: NonceStore,
  request: SignedRequest,
  path: string,
  body: string,
  ephemeral: () => string,
): Reply | undefined {
  const [version = "", ...rest] = path.split("/").filter(Boolean);
  if (version === "") return plain([...versions].sort().join("\n"));
  if (version === "status") return takeStatus(state, request, rest[0] ?? "", body);
  if (!versions.includes(version)) throw refusal(404, `Unknown metadata version: ${version}`);
  const op = request.query.get("op") ?? request.form.get("op");
  if (rest[0] === "by-id") return byId(state, request.method, rest[1] ?? "", op);
  const machine = (): Machine => signer(state, nonces, request);
  if (request.method === "GET")
    switch (rest[0]) {
      case "user-data":
        return userData(state, machine(), ephemeral);
      case "meta-data":
        return metaData(state, machine(), rest[1]);
      case "maas-scripts":
        return scriptIndex(state, machine());
      default:
    }
  if (rest.length > 0) return undefined;
  if (request.method === "GET") return plain(index(machine()));
  switch (op) {
    case "signal":
      takeSignal(state, machine(), request.form);
      return plain("OK");
    case "netboot_off":
    case "netboot_on":
      signals.setNetboot(machine(), op === "netboot_on");
      return plain("OK");
    default:
      throw refusal(400, `Unrecognised signature: method=${request.method} op=${op ?? "None"}`);
  }
}

/** Without a key: the preseed, which makes one, and the end of booting by network. */
function byId(state: LabState, method: string, systemId: string, op: string | undefined): Reply | undefined {
  const machine = state.machines[systemId];
  if (!machine) throw notFound("Node");
  if (method === "GET" && op === "get_preseed") {
    nodeToken(machine);
    return plain("#cloud-config\ndatasource:\n  MAAS: {}\n");
  }
  if (method !== "POST" || (op !== "netboot_off" && op !== "netboot_on")) return undefined;
  signals.setNetboot(machine, op === "netboot_on");
  return plain("OK");
}

/** The key is a machine's own; one of another owner's time is unknown. */
function signer(state: LabState, nonces: NonceStore, request: SignedRequest): Machine {
  const keys = Object.values(state.machines).flatMap((machine) =>
    machine.token ? [{ ...machine.token, machine }] : [],
  );
  const key = signingKey(keys, nonces, request);
  if (!key) throw new ApiError({ status: 401, contentType: "text/plain", body: "Forbidden" });
  return key.machine;
}

const index = (machine: Machine): string =>
  ["maas-commissioning-scripts", "meta-data", ...(machine.userData === null ? [] : ["user-data"])].join("\n");

/** The first boot of a new system asks for it, and is Deployed with that (facts: maas.md 3.4). */
function userData(state: LabState, machine: Machine, ephemeral: () => string): Reply {
  if (runsEphemeral(state, machine)) return plain(ephemeral());
  if (machine.status === status.deploying) signals.fetchUserData(state, machine);
  const body = Buffer.from(machine.userData ?? "", "base64").toString("utf8");
  return { status: 200, contentType: "application/octet-stream", body };
}

function takeSignal(state: LabState, machine: Machine, form: Fields): void {
  const signal = form.get("status");
  if (signal === undefined) throw refusal(400, "No provided status!");
  if (!signalStatuses.includes(signal)) throw refusal(400, `Unknown status: '${signal}'`);
  const done = (act: () => void): void => {
    if (signal === "OK") act();
  };
  const failed = (act: () => void): void => {
    if (signal === "FAILED") act();
  };
  switch (machine.status) {
    case status.commissioning:
      storeResults(state, machine, machine.commissioningSetId, signal, form);
      done(() => {
        signals.finishScripts(state, machine);
      });
      failed(() => {
        signals.failScripts(state, machine);
      });
      if (signal === "TESTING") signals.beginTesting(state, machine);
      return;
    case status.testing:
      storeResults(state, machine, machine.testingSetId, signal, form);
      done(() => {
        signals.finishScripts(state, machine);
      });
      failed(() => {
        signals.failScripts(state, machine);
      });
      return;
    case status.deploying:
      storeResults(state, machine, machine.installationSetId, signal, form);
      failed(() => {
        signals.failDeployment(state, machine);
      });
      return;
    case status.diskErasing:
    case status.releasing:
      done(() => {
        signals.finishReleaseScripts(state, machine);
      });
      failed(() => {
        signals.failReleaseScripts(state, machine);
      });
      return;
    case status.enteringRescueMode:
      if (signal === "OK" || signal === "WORKING") signals.enterRescue(state, machine);
      failed(() => {
        signals.failRescue(state, machine);
      });
      return;
    case status.rescueMode:
    case status.new:
    case status.deployed:
      return;
    default:
      if (!silent.has(machine.status))
        throw refusal(409, `Machine status isn't valid (status is ${statusName(machine.status)})`);
  }
}

type Part = "output" | "stdout" | "stderr" | "result";

const partOf: Readonly<Record<string, Part>> = { ".out": "stdout", ".err": "stderr", ".yaml": "result" };

/** Files are named after their script, or belong to `script_result_id`; without a file WORKING only says that the script runs. */
function storeResults(state: LabState, machine: Machine, setId: number | null, signal: string, form: Fields): void {
  const set = scriptSet(state, setId);
  if (!set) return;
  set.lastPing = Date.now();
  const known = resultsOf(state, set);
  const byNumber = known.find(({ id }) => String(id) === form.get("script_result_id"));
  const files = form.names().filter((name) => form.isFile(name));
  const contents = new Map<ScriptResult, Partial<Record<Part, string>>>();
  for (const name of files) {
    const extension = Object.keys(partOf).find((end) => name.endsWith(end)) ?? "";
    const scriptName = extension === "" ? name : name.slice(0, -extension.length);
    const result = byNumber ?? known.find((one) => one.name === scriptName);
    if (!result) continue;
    contents.set(result, { ...contents.get(result), [partOf[extension] ?? "output"]: form.get(name) ?? "" });
  }
  const exitStatus = Number(form.get("exit_status") ?? form.get("script_result") ?? form.get("result") ?? 0);
  for (const [result, left] of contents) {
    const report = signals.isHardwareReport(machine, result, exitStatus) ? readReport(left.stdout) : undefined;
    if (report && state.metalPace > 0) signals.endResult(state, machine, result, { exitStatus, report });
    else signals.endResult(state, machine, result, { exitStatus, ...left, ...addressIn(report) });
    if (left.result !== undefined) result.result = left.result;
  }
  if (signal === "WORKING" && byNumber && !contents.has(byNumber)) signals.startResult(state, machine, byNumber);
}

/** Of a report that is sent, the lab takes the interfaces; what else it finds is its own profile. */
function readReport(text: string | undefined): HardwareReport | undefined {
  try {
    return parseReport(text ?? "");
  } catch {
    return undefined;
  }
}

/** Of one that nobody booted for, no more than the address of the first. */
function addressIn(report: HardwareReport | undefined): { ip?: string } {
  const address = report?.nics[0]?.address?.split("/")[0];
  return address === undefined ? {} : { ip: address };
}

interface StatusEvent {
  event_type?: string;
  origin?: string;
  name?: string;
  description?: string;
  result?: string;
}

/** 204 whatever it says, as long as it is signed; the key is looked at later. */
function takeStatus(state: LabState, { method, authorization }: SignedRequest, systemId: string, body: string): Reply {
  if (method !== "POST") return { status: 405, contentType: "text/html; charset=utf-8", body: "" };
  const reply: Reply = { status: 204, contentType: "", body: "" };
  if (!/oauth_token="?[^",]+/.test(authorization ?? "")) return { ...reply, status: 401 };
  const machine = state.machines[systemId];
  if (!machine?.token || !(authorization ?? "").includes(machine.token.key)) return reply;
  let event: StatusEvent;
  try {
    event = JSON.parse(body) as StatusEvent;
  } catch {
    return { status: 400, contentType: "text/plain", body: "Status payload must be a JSON object" };
  }
  const { event_type: type, name = "", result } = event;
  if (type === "start" && name === "cmd-install") signals.startInstall(state, machine);
  if (type !== "finish" || name.includes("/")) return reply;
  const isFailure = result === "FAIL" || result === "FAILURE";
  if (machine.status === status.deploying && isFailure) signals.failDeployment(state, machine);
  // What a machine still says while its power goes is not heard.
  if (name === "modules-final" && !isFailure && !machine.stopping) signals.finishCloudInit(state, machine);
  return reply;
}
