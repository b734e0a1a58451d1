/**
 * Live progress through the engine's status column: the Info text of a resource's own row while it is worked on.
 * The provider process gets the engine's address as its first argument; that is not documented, so everything here
 * falls back quietly: progress is a nicety and never a reason to fail.
 */
import { readFileSync, readlinkSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

type Level = "info" | "warning";

interface LogRequest {
  setSeverity(severity: number): void;
  setMessage(message: string): void;
  setUrn(urn: string): void;
  setEphemeral(ephemeral: boolean): void;
}

interface EngineModules {
  LogRequest: new () => LogRequest;
  LogSeverity: { INFO: number; WARNING: number };
}

interface EngineClient {
  log(request: LogRequest, done: () => void): void;
}

let engine: { client: EngineClient; modules: EngineModules } | undefined;

/** The provider process's connection back to the engine, or undefined outside one. */
function connect(): typeof engine {
  const address = process.argv[2];
  if (!process.argv[1]?.includes("dynamic-provider") || address === undefined) return undefined;
  if (!engine) {
    const { EngineClient } = require("@pulumi/pulumi/proto/engine_grpc_pb") as {
      EngineClient: new (address: string, credentials: unknown) => EngineClient;
    };
    const grpc = require("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
    engine = {
      client: new EngineClient(address, grpc.credentials.createInsecure()),
      modules: require("@pulumi/pulumi/proto/engine_pb") as EngineModules,
    };
  }
  return engine;
}

function send(level: Level, message: string, urn: string, ephemeral: boolean): void {
  try {
    const connection = connect();
    if (!connection) return;
    const { LogRequest, LogSeverity } = connection.modules;
    const request = new LogRequest();
    request.setSeverity(level === "warning" ? LogSeverity.WARNING : LogSeverity.INFO);
    request.setMessage(message);
    request.setUrn(urn);
    request.setEphemeral(ephemeral);
    connection.client.log(request, () => undefined);
  } catch {
    // Without the engine's address there is nowhere to show progress.
  }
}

/** The row's text for now: replaced by the next, gone at the end. */
export const showProgress = (urn: string, text: string): void => {
  send("info", text, urn, true);
};

/** A line that stays under the resource when the run is over. */
export const showWarning = (urn: string, text: string): void => {
  send("warning", text, urn, false);
};

export const showNote = (urn: string, text: string): void => {
  send("info", text, urn, false);
};

/**
 * Whether the CLI draws rows on a terminal. The provider's own streams are pipes, so the CLI's are looked at: it is
 * the nearest ancestor with "pulumi" for a name. Where that cannot be told (not on Linux), plain lines are right.
 */
export function isLive(): boolean {
  const wish = process.env["METALFORM_PROGRESS"];
  if (wish !== undefined) return wish === "live";
  try {
    return /^\/dev\/(pts\/|tty)/.test(readlinkSync(`/proc/${cliPid() ?? "none"}/fd/1`));
  } catch {
    return false;
  }
}

function cliPid(): string | undefined {
  let pid = String(process.ppid);
  for (let generation = 0; generation < 4; generation++) {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    if (stat.includes("(pulumi)")) return pid;
    pid = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1] ?? "";
    if (pid === "" || pid === "0") return undefined;
  }
  return undefined;
}
