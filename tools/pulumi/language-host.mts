/**
 * A small language host for Node.js: the process that the Pulumi CLI asks to run the program.
 *
 * Pulumi's full distribution brings its own `pulumi-language-nodejs`, and then that one is used. A CLI built from its Go
 * module comes without (the host is a Go module without releases), so this one lies beside it. It does what a program in
 * this project's shape needs: it starts the official `@pulumi/pulumi/cmd/run` and reports how it ended. It does not find
 * out which plugins a program needs, install dependencies, or attach debuggers; such calls are answered UNIMPLEMENTED.
 *
 * Copied as it is into the toolchain's cache, away from node_modules: it imports from Node alone, and takes gRPC and the
 * protocol from the `@pulumi/pulumi` of the program that it runs (the CLI starts it in the program's folder).
 * ".mts": an ES module wherever the file lies.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as Grpc from "@grpc/grpc-js";
import type * as LanguageService from "@pulumi/pulumi/proto/language_grpc_pb.js";
import type * as Language from "@pulumi/pulumi/proto/language_pb.js";
import type * as Plugin from "@pulumi/pulumi/proto/plugin_pb.js";

/** A program that ends with this code has told the user what is wrong; the CLI then adds nothing. */
const toldTheUser = 32;

const need = createRequire(join(process.cwd(), "package.json"));
const needPulumi = createRequire(need.resolve("@pulumi/pulumi/package.json"));
const grpc = needPulumi("@grpc/grpc-js") as typeof Grpc;
const { LanguageRuntimeService } = needPulumi("./proto/language_grpc_pb.js") as typeof LanguageService;
const language = needPulumi("./proto/language_pb.js") as typeof Language;
const plugin = needPulumi("./proto/plugin_pb.js") as typeof Plugin;
const { Empty } = needPulumi("google-protobuf/google/protobuf/empty_pb.js") as { Empty: new () => unknown };

/** The `runtime.options` of Pulumi.yaml that this host understands. */
interface Options {
  /** Arguments for node, put before the program, divided by blanks. */
  nodeargs?: string;
  /** false: the program is not to be compiled by ts-node. */
  typescript?: boolean;
}

const programs = new Set<ChildProcess>();
let engine = process.argv.slice(2).find((argument) => !argument.startsWith("-")) ?? "";

type Answer<Request, Response> = (request: Request) => Response | Promise<Response>;

/** A unary method: what `answer` returns is the reply, what it throws is the error. */
function unary<Request, Response>(answer: Answer<Request, Response>): Grpc.handleUnaryCall<Request, Response> {
  return (call, done) => {
    Promise.resolve(call.request)
      .then(answer)
      .then(
        (response) => {
          done(null, response);
        },
        (error: unknown) => {
          done({ code: grpc.status.UNKNOWN, details: String(error) });
        },
      );
  };
}

function handshake(request: Language.LanguageHandshakeRequest): Language.LanguageHandshakeResponse {
  engine = request.getEngineAddress();
  return new language.LanguageHandshakeResponse();
}

function pluginInfo(): Plugin.PluginInfo {
  const info = new plugin.PluginInfo();
  info.setVersion("0.0.0");
  return info;
}

/** The arguments of @pulumi/pulumi/cmd/run: flags, then the program. */
function runArguments(request: Language.RunRequest, info: Language.ProgramInfo): string[] {
  return [
    ...["--monitor", request.getMonitorAddress(), "--engine", engine],
    ...["--project", request.getProject(), "--stack", request.getStack(), "--organization", request.getOrganization()],
    ...["--root-directory", info.getRootDirectory(), "--pwd", info.getProgramDirectory()],
    ...["--parallel", String(request.getParallel()), ...(request.getDryrun() ? ["--dry-run"] : [])],
    info.getEntryPoint(),
    ...request.getArgsList(),
  ];
}

/** What @pulumi/pulumi reads from the environment: config by key, "metalform:config:name" for "metalform:name". */
function runEnvironment(request: Language.RunRequest, options: Options): NodeJS.ProcessEnv {
  const config = request
    .getConfigMap()
    .toArray()
    .map(([key, value]) => [key.replace(":", ":config:"), value] as const);
  return {
    ...process.env,
    PULUMI_CONFIG: JSON.stringify(Object.fromEntries(config)),
    PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
    ...(options.typescript === false ? {} : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
  };
}

/** Runs the program to its end. Its output goes through this process's own to the CLI, which shows it. */
async function run(request: Language.RunRequest): Promise<Language.RunResponse> {
  const info = request.getInfo();
  if (!info) throw new Error("the CLI did not say which program to run");
  const options = (info.getOptions()?.toJavaScript() ?? {}) as Options;
  const nodeArguments = options.nodeargs?.split(" ").filter((argument) => argument !== "") ?? [];
  const main = needPulumi.resolve("./cmd/run/index.js");
  const program = spawn(process.execPath, [...nodeArguments, main, ...runArguments(request, info)], {
    env: runEnvironment(request, options),
    stdio: ["ignore", "inherit", "inherit"],
  });
  programs.add(program);
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
    program.on("error", reject);
    program.on("close", (...ending) => {
      resolve(ending);
    });
  });
  programs.delete(program);
  const response = new language.RunResponse();
  if (code === toldTheUser) response.setBail(true);
  else if (code !== 0)
    response.setError(`program ended with ${code === null ? String(signal) : `exit code ${String(code)}`}`);
  return response;
}

function stopPrograms(): void {
  for (const program of programs) program.kill();
}

const server = new grpc.Server();
server.addService(LanguageRuntimeService, {
  handshake: unary(handshake),
  getPluginInfo: unary(pluginInfo),
  getRequiredPackages: unary(() => new language.GetRequiredPackagesResponse()),
  run: unary(run),
  cancel: unary(() => {
    stopPrograms();
    return new Empty();
  }),
});
server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
  if (error) throw error;
  // The CLI waits for this line.
  console.log(port);
});

// The CLI holds the other end of this process's standard input: when the CLI is gone, nothing here may go on.
process.stdin
  .on("end", () => {
    stopPrograms();
    process.exit(1);
  })
  .resume();
