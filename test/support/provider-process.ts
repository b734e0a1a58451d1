/** The real provider process of Pulumi's SDK with our runtime in it, spoken to over gRPC as the engine does. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { providerText } from "../../providers/core/provider-text.ts";

const require = createRequire(import.meta.url);
const root = join(import.meta.dirname, "../..");

type Properties = Record<string, unknown>;

interface Message {
  toJavaScript(): Properties;
}

interface Reply {
  getInputs(): Message;
  getFailuresList(): { getProperty(): string; getReason(): string }[];
  getChanges(): number;
  getReplacesList(): string[];
  getId(): string;
  getProperties(): Message;
}

type Client = Record<string, (request: unknown, done: (error: Error | null, reply: Reply) => void) => void>;

export class ProviderProcess {
  readonly child: ChildProcess;
  /** Everything it wrote to standard error. */
  errors = "";
  private readonly client: Client;

  private constructor(child: ChildProcess, client: Client) {
    this.child = child;
    this.client = client;
    child.stderr?.on("data", (text: Buffer) => (this.errors += text.toString()));
  }

  static async start(environment: Record<string, string>): Promise<ProviderProcess> {
    const script = require.resolve("@pulumi/pulumi/cmd/dynamic-provider");
    const child = spawn(process.execPath, [script, "127.0.0.1:1"], {
      cwd: root,
      env: { ...withoutSettings(), PULUMI_NODEJS_PROJECT: "metalform", PULUMI_PROJECT: "metalform", ...environment },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const port = await new Promise<string>((resolve, reject) => {
      createInterface({ input: child.stdout }).once("line", resolve);
      child.once("exit", (code) => {
        reject(new Error(`the provider process ended with ${String(code)}`));
      });
    });
    const { ResourceProviderClient } = require("@pulumi/pulumi/proto/provider_grpc_pb") as {
      ResourceProviderClient: new (address: string, credentials: unknown) => Client;
    };
    const { credentials } = require("@grpc/grpc-js") as { credentials: { createInsecure(): unknown } };
    const process_ = new ProviderProcess(
      child,
      new ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure()),
    );
    await process_.call("configure", "ConfigureRequest", { setArgs: {} });
    return process_;
  }

  async check(kind: string, inputs: Properties): Promise<{ inputs: Properties; failures: string[] }> {
    const reply = await this.call("check", "CheckRequest", { setOlds: {}, setNews: withText(kind, inputs) });
    const failures = reply.getFailuresList().map((failure) => `${failure.getProperty()} ${failure.getReason()}`);
    return { inputs: reply.getInputs().toJavaScript(), failures };
  }

  async diff(kind: string, olds: Properties, news: Properties): Promise<{ changes: boolean; replaces: string[] }> {
    const reply = await this.call("diff", "DiffRequest", {
      setId: "x",
      setOlds: withText(kind, olds),
      setNews: withText(kind, news),
    });
    // 1 is DIFF_NONE, 2 is DIFF_SOME.
    return { changes: reply.getChanges() === 2, replaces: reply.getReplacesList() };
  }

  async create(kind: string, inputs: Properties): Promise<{ id: string; outputs: Properties }> {
    const reply = await this.call("create", "CreateRequest", { setProperties: withText(kind, inputs) });
    return { id: reply.getId(), outputs: reply.getProperties().toJavaScript() };
  }

  /** Closes its standard input, as the end of the CLI does, and gives its exit code. */
  async orphan(): Promise<number | null> {
    const ended = new Promise<number | null>((resolve) => this.child.once("exit", resolve));
    this.child.stdin?.end();
    return await ended;
  }

  private call(method: string, message: string, values: Record<string, unknown>): Promise<Reply> {
    const messages = require("@pulumi/pulumi/proto/provider_pb") as Record<
      string,
      new () => Record<string, (value: unknown) => void>
    >;
    const { Struct } = require("google-protobuf/google/protobuf/struct_pb") as {
      Struct: { fromJavaScript(value: unknown): unknown };
    };
    const Request = messages[message];
    const act = this.client[method];
    if (!Request || !act) throw new Error(`no ${message} or ${method}`);
    const request = new Request();
    for (const [setter, value] of Object.entries(values)) {
      request[setter]?.(typeof value === "object" ? Struct.fromJavaScript(value) : value);
    }
    return new Promise((resolve, reject) => {
      act.call(this.client, request, (error: Error | null, reply: Reply) => {
        if (error) reject(error);
        else resolve(reply);
      });
    });
  }
}

const withText = (kind: string, properties: Properties): Properties => ({
  ...properties,
  __provider: providerText(kind),
});

/** Whoever runs the tests may have a lab up, and its settings in the environment (`make env`). */
const withoutSettings = (): NodeJS.ProcessEnv =>
  Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("METALFORM_")));
