/** The stand-in for the plugin of @pulumi/command, spoken to over gRPC as the engine does; with an engine that takes its log. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Client } from "@grpc/grpc-js";
import { credentials, Server, ServerCredentials, type ServiceError } from "@grpc/grpc-js";
import engineGrpc from "@pulumi/pulumi/proto/engine_grpc_pb.js";
import type engineProto from "@pulumi/pulumi/proto/engine_pb.js";
import providerGrpc from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import provider from "@pulumi/pulumi/proto/provider_pb.js";
import { projectRoot } from "../../tools/project.ts";

const need = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { Struct } = need("google-protobuf/google/protobuf/struct_pb.js") as {
  Struct: { fromJavaScript(value: object): never };
};
const { Empty } = need("google-protobuf/google/protobuf/empty_pb.js") as { Empty: new () => never };

type Properties = Record<string, unknown>;
interface Message {
  toJavaScript(): Properties;
}
const propertiesOf = (message: unknown): Properties => (message as Message).toJavaScript();

export const urn = (name: string, type = "command:local:Command"): string =>
  `urn:pulumi:dev::metalform::${type}::${name}`;

export class CommandPlugin {
  readonly child: ChildProcess;
  /** What it told the engine: "~ line" for what is shown while it runs, "line" for what stays. */
  readonly log: string[] = [];
  private readonly client: InstanceType<typeof providerGrpc.ResourceProviderClient>;
  private readonly engine: Server;
  private readonly waiting = new Set<() => void>();

  private constructor(child: ChildProcess, port: string, engine: Server) {
    this.child = child;
    this.engine = engine;
    this.client = new providerGrpc.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
  }

  static async start(): Promise<CommandPlugin> {
    const engine = new Server();
    const said: engineProto.LogRequest[] = [];
    let heard = (request: engineProto.LogRequest): void => void said.push(request);
    engine.addService(engineGrpc.EngineService, {
      log: (call: { request: engineProto.LogRequest }, done: (error: null, reply: unknown) => void) => {
        heard(call.request);
        done(null, new Empty());
      },
    });
    const enginePort = await new Promise<number>((resolve, reject) => {
      engine.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) => {
        if (error) reject(error);
        else resolve(port);
      });
    });
    const child = spawn(
      join(projectRoot, "tools/pulumi/pulumi-resource-command"),
      [`127.0.0.1:${String(enginePort)}`],
      {
        cwd: projectRoot,
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    const [port] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    const plugin = new CommandPlugin(child, port, engine);
    heard = (request) => {
      plugin.log.push(`${request.getEphemeral() ? "~ " : ""}${request.getMessage()}`);
      for (const look of plugin.waiting) look();
    };
    return plugin;
  }

  /** Resolves once the engine has been told this line. */
  async told(line: string): Promise<void> {
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!this.log.includes(line)) return;
        this.waiting.delete(look);
        resolve();
      };
      this.waiting.add(look);
      look();
    });
  }

  async check(news: Properties, of = urn("site")): Promise<string[]> {
    const request = new provider.CheckRequest();
    request.setUrn(of);
    request.setNews(Struct.fromJavaScript(news));
    const reply = await this.call<provider.CheckResponse>((done) => this.client.check(request, done));
    return reply.getFailuresList().map((failure) => `${failure.getProperty()}: ${failure.getReason()}`);
  }

  async diff(olds: Properties, news: Properties): Promise<{ changed: string[]; replaces: string[] }> {
    const request = new provider.DiffRequest();
    request.setUrn(urn("site"));
    request.setOldInputs(Struct.fromJavaScript(olds));
    request.setNews(Struct.fromJavaScript(news));
    const reply = await this.call<provider.DiffResponse>((done) => this.client.diff(request, done));
    return { changed: reply.getDiffsList(), replaces: reply.getReplacesList() };
  }

  async create(inputs: Properties, timeout = 0): Promise<{ id: string; outputs: Properties }> {
    const request = new provider.CreateRequest();
    request.setUrn(urn("site"));
    request.setProperties(Struct.fromJavaScript(inputs));
    request.setTimeout(timeout);
    const reply = await this.call<provider.CreateResponse>((done) => this.client.create(request, done));
    return { id: reply.getId(), outputs: propertiesOf(reply.getProperties()) };
  }

  async update(olds: Properties, news: Properties): Promise<Properties> {
    const request = new provider.UpdateRequest();
    request.setUrn(urn("site"));
    request.setOlds(Struct.fromJavaScript(olds));
    request.setNews(Struct.fromJavaScript(news));
    return propertiesOf(
      (await this.call<provider.UpdateResponse>((done) => this.client.update(request, done))).getProperties(),
    );
  }

  async delete(properties: Properties): Promise<void> {
    const request = new provider.DeleteRequest();
    request.setUrn(urn("site"));
    request.setProperties(Struct.fromJavaScript(properties));
    await this.call((done) => this.client.delete(request, done));
  }

  async cancel(): Promise<void> {
    await this.call((done) => this.client.cancel(new Empty(), done));
  }

  /** As the end of the CLI does; resolves once the plugin is gone. */
  async end(): Promise<void> {
    (this.client as Client).close();
    this.child.stdin?.end();
    if (this.child.exitCode === null) await once(this.child, "exit");
    this.engine.forceShutdown();
  }

  private async call<Reply>(
    start: (done: (error: ServiceError | null, reply: Reply) => void) => unknown,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      start((error, reply) => {
        if (error) reject(new Error(error.details));
        else resolve(reply);
      });
    });
  }
}
