/**
 * A small plugin for `@pulumi/command` 1.2.1: the process that the Pulumi engine asks to run a `local.Command`.
 *
 * The real `pulumi-resource-command` comes by itself with an installed Pulumi, on the first `up` that needs it. A CLI that was
 * built from its Go module can't fetch plugins everywhere, and this one is a Go module without releases. So this speaks the same
 * protocol for what the program uses: command:local:Command with create, update, delete, dir, environment, interpreter, stdin,
 * triggers, logging, addPreviousOutputInEnv, time limits, and cancelling. What it can't do it refuses by name, and it says
 * once a run that it was it that ran.
 *
 * What differs: a command is asked to end (SIGTERM to its whole process group) before it is killed, and it ends with the CLI.
 */
import { randomBytes } from "node:crypto";
import { createRequire } from "node:module";
import { isDeepStrictEqual } from "node:util";
import * as grpc from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import pluginProto from "@pulumi/pulumi/proto/plugin_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import providerProto from "@pulumi/pulumi/proto/provider_pb.js";
import { cancelAll, killAll, run, type Output } from "./run.ts";
import { hasSecrets, plain, secret } from "./values.ts";

const need = createRequire(import.meta.url);
const fromPulumi = createRequire(need.resolve("@pulumi/pulumi/package.json"));
const { Struct } = fromPulumi("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: { fromJavaScript(value: object): Struct };
};
const { Empty } = fromPulumi("google-protobuf/google/protobuf/empty_pb.js") as { Empty: new () => unknown };

interface Struct {
  toJavaScript(): Record<string, unknown>;
}

export const version = "1.2.1";
const localCommand = "command:local:Command";
const known = [
  "addPreviousOutputInEnv",
  "create",
  "delete",
  "dir",
  "environment",
  "interpreter",
  "logging",
  "stdin",
  "triggers",
  "update",
];
const loggings = ["stdout", "stderr", "stdoutAndStderr", "none"] as const;

/** A command's properties, secrets unwrapped. */
interface Properties extends Partial<Output> {
  addPreviousOutputInEnv?: boolean;
  create?: string;
  delete?: string;
  dir?: string;
  environment?: Record<string, string>;
  interpreter?: string[];
  logging?: (typeof loggings)[number];
  stdin?: string;
  triggers?: unknown[];
  update?: string;
}

type Raw = Record<string, unknown>;
const rawOf = (struct: unknown): Raw => (struct as Struct | undefined)?.toJavaScript() ?? {};
const typeOf = (urn: string): string => urn.split("::")[2]?.split("$").at(-1) ?? "";
const nameOf = (urn: string): string => urn.split("::").at(-1) ?? "";

let engine = process.argv[2];
let announced = false;

function log(urn: string, message: string, ephemeral: boolean): void {
  if (!engine) return;
  const client = (engineClient ??= new engineGrpc.EngineClient(engine, grpc.credentials.createInsecure()));
  const request = new engineProto.LogRequest();
  request.setSeverity(engineProto.LogSeverity.INFO);
  request.setUrn(urn);
  request.setMessage(message);
  request.setEphemeral(ephemeral);
  // It is only news; what it is about goes on.
  client.log(request, () => undefined);
}
let engineClient: InstanceType<typeof engineGrpc.EngineClient> | undefined;

function announce(urn: string): void {
  if (announced) return;
  announced = true;
  log(urn, "run by Metalform's stand-in for the plugin of @pulumi/command (tools/pulumi/command)", false);
}

function refuseOthers(urn: string): void {
  if (typeOf(urn) === localCommand) return;
  throw new Error(
    `${typeOf(urn)} needs the real plugin of @pulumi/command ${version}; Metalform's stand-in runs ${localCommand} alone. ` +
      "Install Pulumi itself (https://www.pulumi.com/docs/install/): it brings the plugin.",
  );
}

/** Runs what is to be run, shows its lines, and gives the outputs: the inputs, and what was printed. */
async function perform(
  urn: string,
  command: string | undefined,
  inputs: Raw,
  before: Properties,
  timeout: number,
): Promise<Raw> {
  const properties = plain(inputs) as Properties;
  let output: Output = { stdout: before.stdout ?? "", stderr: before.stderr ?? "" };
  if (command !== undefined) {
    announce(urn);
    const shown = properties.logging ?? "stdoutAndStderr";
    const printed = await run(
      {
        ...properties,
        command,
        timeout,
        environment: { ...properties.environment, ...previousOutput(properties, before) },
      },
      (stream, text) => {
        if (shown === "stdoutAndStderr" || shown === stream) log(urn, text, true);
      },
    );
    output = { stdout: printed.stdout.replace(/\n$/, ""), stderr: printed.stderr.replace(/\n$/, "") };
  }
  // What a command prints may hold what it was given.
  const mark = hasSecrets(inputs) ? secret : (value: unknown) => value;
  return { ...inputs, stdout: mark(output.stdout), stderr: mark(output.stderr) };
}

function previousOutput(
  { addPreviousOutputInEnv }: Properties,
  { stdout, stderr }: Properties,
): Record<string, string> {
  if (addPreviousOutputInEnv === false) return {};
  return {
    ...(stdout ? { PULUMI_COMMAND_STDOUT: stdout } : {}),
    ...(stderr ? { PULUMI_COMMAND_STDERR: stderr } : {}),
  };
}

type Answer<Request, Response> = (request: Request) => Response | Promise<Response>;

function unary<Request, Response>(answer: Answer<Request, Response>): grpc.handleUnaryCall<Request, Response> {
  return (call, done) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => {
          done(null, response);
        },
        (error: unknown) => {
          done({ code: grpc.status.UNKNOWN, details: error instanceof Error ? error.message : String(error) });
        },
      );
  };
}

function configure(): providerProto.ConfigureResponse {
  const response = new providerProto.ConfigureResponse();
  response.setAcceptsecrets(true);
  // A preview runs nothing: the engine itself knows what is not known yet.
  response.setSupportspreview(false);
  return response;
}

function check(request: providerProto.CheckRequest): providerProto.CheckResponse {
  refuseOthers(request.getUrn());
  const inputs = rawOf(request.getNews());
  const { logging } = plain(inputs) as Properties;
  const failures = Object.keys(inputs)
    .filter((property) => !known.includes(property))
    .map((property) =>
      failure(property, `Metalform's stand-in for the plugin does not know it; it knows ${known.join(", ")}`),
    );
  if (logging !== undefined && !loggings.includes(logging))
    failures.push(failure("logging", `must be one of ${loggings.join(", ")}`));
  const response = new providerProto.CheckResponse();
  response.setInputs(Struct.fromJavaScript(inputs) as never);
  response.setFailuresList(failures);
  return response;
}

function failure(property: string, reason: string): providerProto.CheckFailure {
  const made = new providerProto.CheckFailure();
  made.setProperty(property);
  made.setReason(reason);
  return made;
}

/** Every changed input runs the command again; other triggers make a new one, as in the real plugin. */
function diff(request: providerProto.DiffRequest): providerProto.DiffResponse {
  const olds = plain(rawOf(request.getOldInputs() ?? request.getOlds())) as Raw;
  const news = plain(rawOf(request.getNews())) as Raw;
  const ignored = new Set(request.getIgnorechangesList());
  const changed = known.filter((name) => !ignored.has(name) && !isDeepStrictEqual(olds[name], news[name]));
  const response = new providerProto.DiffResponse();
  const { DIFF_SOME, DIFF_NONE } = providerProto.DiffResponse.DiffChanges;
  response.setChanges(changed.length > 0 ? DIFF_SOME : DIFF_NONE);
  response.setDiffsList(changed);
  response.setReplacesList(changed.filter((name) => name === "triggers"));
  return response;
}

async function create(request: providerProto.CreateRequest): Promise<providerProto.CreateResponse> {
  const urn = request.getUrn();
  refuseOthers(urn);
  const inputs = rawOf(request.getProperties());
  const command = (plain(inputs) as Properties).create;
  const outputs = await perform(urn, command, inputs, {}, request.getTimeout());
  const response = new providerProto.CreateResponse();
  response.setId(`${nameOf(urn)}${randomBytes(4).toString("hex")}`);
  response.setProperties(Struct.fromJavaScript(outputs) as never);
  return response;
}

async function update(request: providerProto.UpdateRequest): Promise<providerProto.UpdateResponse> {
  const inputs = rawOf(request.getNews());
  const { update: own, create: same } = plain(inputs) as Properties;
  const before = plain(rawOf(request.getOlds())) as Properties;
  const outputs = await perform(request.getUrn(), own ?? same, inputs, before, request.getTimeout());
  const response = new providerProto.UpdateResponse();
  response.setProperties(Struct.fromJavaScript(outputs) as never);
  return response;
}

async function remove(request: providerProto.DeleteRequest): Promise<unknown> {
  const inputs = rawOf(request.getProperties());
  const before = plain(inputs) as Properties;
  await perform(request.getUrn(), before.delete, inputs, before, request.getTimeout());
  return new Empty();
}

/** There is nothing to read: a command leaves no trace that is its own. */
function read(request: providerProto.ReadRequest): providerProto.ReadResponse {
  const response = new providerProto.ReadResponse();
  response.setId(request.getId());
  response.setProperties(request.getProperties());
  response.setInputs(request.getInputs());
  return response;
}

function pluginInfo(): pluginProto.PluginInfo {
  const info = new pluginProto.PluginInfo();
  info.setVersion(version);
  return info;
}

const server = new grpc.Server({ "grpc.max_receive_message_length": -1, "grpc.max_send_message_length": -1 });
server.addService(providerGrpc.ResourceProviderService, {
  attach: unary((request: pluginProto.PluginAttach) => {
    engine = request.getAddress();
    return new Empty();
  }),
  cancel: unary(() => {
    cancelAll();
    return new Empty();
  }),
  check: unary(check),
  checkConfig: unary((request: providerProto.CheckRequest) => {
    const response = new providerProto.CheckResponse();
    response.setInputs(request.getNews());
    return response;
  }),
  configure: unary(configure),
  create: unary(create),
  delete: unary(remove),
  diff: unary(diff),
  diffConfig: unary(() => new providerProto.DiffResponse()),
  getPluginInfo: unary(pluginInfo),
  invoke: unary((request: providerProto.InvokeRequest) => {
    throw new Error(
      `${request.getTok()} needs the real plugin of @pulumi/command ${version}; Metalform's stand-in has no functions.`,
    );
  }),
  read: unary(read),
  update: unary(update),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  // The engine waits for this line.
  console.log(port);
});

// The CLI holds the other end of this process's standard input: when the CLI is gone, nothing here may go on.
process.stdin
  .on("end", () => {
    killAll();
    process.exit(1);
  })
  .resume();
