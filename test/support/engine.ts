/**
 * The real thing, end to end: the Pulumi CLI runs the program of a copied project, its own provider process speaks to a
 * lab in auto mode. Everything is thrown away at the end; nothing outside a temp folder is touched.
 */
import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { startLab } from "../../lab/lab.ts";
import type { Lab } from "../../lab/lab.ts";
import { createMaasClient } from "../../providers/maas/client.ts";
import type { MaasClient } from "../../providers/maas/client.ts";
import { placeCommandPlugin } from "../../tools/stack/command-plugin.ts";
import type { ExportedStack, StateResource } from "../../tools/stack/deployment.ts";
import { EngineProject } from "./engine-project.ts";
import { run } from "./engine-run.ts";
import { leaks } from "./engine-leaks.ts";
import type { Run, RunOptions } from "./engine-run.ts";

/** Planted in the environment of every run; none of it may turn up anywhere. */
export const AMT_PASSWORD = "planted-amt-password";

/** A machine as the lab's control shows it. */
export interface LabMachine {
  system_id: string;
  hostname: string;
  status: number;
  status_name: string;
  owner: string | null;
  agent_name: string;
  power_state: string;
}

/** Commissioning of ten minutes takes two seconds. */
export const TIME_SCALE = 300;

export interface EngineOptions {
  /** More of the environment, or less of it: undefined takes a variable away. */
  environment?: Record<string, string | undefined>;
  /** Where everything lies; one that exists is gone on with. @default a new temp folder */
  folder?: string;
  /** @default a lab of its own, in this process */
  lab?: Lab;
  /** Project to run, for several engines with one copy. @default a copy of its own */
  project?: EngineProject;
}

export class Engine {
  readonly folder: string;
  readonly project: EngineProject;
  readonly lab: Lab;
  readonly backend: string;
  /** As the admin, the way a second person at MAAS would. */
  readonly maas: MaasClient;
  /** All that was printed by all runs. */
  printed = "";
  /** What the lab warned of. */
  readonly labLog: string[];
  private readonly environment: NodeJS.ProcessEnv;

  private constructor(folder: string, lab: Lab, labLog: string[], options: EngineOptions) {
    this.folder = folder;
    this.lab = lab;
    this.labLog = labLog;
    this.project = options.project ?? new EngineProject(join(folder, "project"));
    this.backend = join(folder, "state");
    mkdirSync(this.backend, { recursive: true });
    this.maas = createMaasClient({ url: lab.maasUrl, key: lab.adminKey }, { onRequest: () => undefined });
    const home = join(folder, "home");
    placeCommandPlugin(home);
    this.environment = {
      ...cleanEnvironment(),
      PULUMI_HOME: home,
      PULUMI_BACKEND_URL: `file://${this.backend}`,
      PULUMI_STACK: "dev",
      PULUMI_CONFIG_PASSPHRASE: "",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      PULUMI_PARALLEL: "100",
      METALFORM_MAAS_URL: lab.maasUrl,
      METALFORM_MAAS_KEY: lab.adminKey,
      METALFORM_POWER_PASSWORD: AMT_PASSWORD,
      METALFORM_LAB_TIME_SCALE: String(TIME_SCALE),
      ...options.environment,
    };
  }

  static async start(options: EngineOptions = {}): Promise<Engine> {
    assert.ok(onPath("pulumi"), 'The Pulumi CLI is not on PATH; `make test` brings it, as does eval "$(make -s env)".');
    const folder = options.folder ?? mkdtempSync(join(tmpdir(), "metalform-engine-"));
    const labLog: string[] = [];
    const lab = options.lab ?? (await startLab({ timeScale: TIME_SCALE, warn: (line) => labLog.push(line) }));
    return new Engine(folder, lab, labLog, options);
  }

  async close(): Promise<void> {
    await this.lab.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs the CLI; whether it succeeds is for the caller to say. */
  async pulumi(args: string[], options: Partial<RunOptions> = {}): Promise<Run> {
    return await this.run("pulumi", [...args, "--non-interactive"], options);
  }

  /** What `make NAME` runs. */
  async make(name: "up" | "preview" | "destroy" | "graph" | "status", ...args: string[]): Promise<Run> {
    return await this.run(process.execPath, [join("tools", `${name}.ts`), ...args]);
  }

  /** @throws AssertionError with all that was printed when it fails */
  async up(...args: string[]): Promise<Run> {
    return succeeded(await this.make("up", ...args));
  }

  async preview(...args: string[]): Promise<Run> {
    return succeeded(await this.pulumi(["preview", "--diff", ...args]));
  }

  async refresh(...args: string[]): Promise<Run> {
    return succeeded(await this.pulumi(["refresh", "--yes", "--skip-preview", ...args]));
  }

  async destroy(...args: string[]): Promise<Run> {
    return succeeded(await this.make("destroy", ...args));
  }

  async run(command: string, args: string[], options: Partial<RunOptions> = {}): Promise<Run> {
    const done = await run(command, args, {
      cwd: this.project.root,
      ...options,
      environment: { ...this.environment, ...options.environment },
    });
    this.printed += done.output;
    return done;
  }

  async state(): Promise<ExportedStack> {
    const { code, stdout, output } = await this.pulumi(["stack", "export"]);
    assert.equal(code, 0, output);
    return JSON.parse(stdout) as ExportedStack;
  }

  /** The state's resources of one kind by their names, e.g. "maas:Deployment". */
  async resources(kind: string): Promise<Map<string, StateResource>> {
    const { deployment } = await this.state();
    const ofKind = (deployment.resources ?? []).filter(({ type }) => type.endsWith(`dynamic/${kind}`));
    return new Map(ofKind.map((resource) => [nameOf(resource), resource]));
  }

  /** MAAS's own view, past its API, so that looking is not counted. */
  async machines(): Promise<LabMachine[]> {
    const machines = await this.control<LabMachine[]>("machines");
    return machines.sort((a, b) => a.hostname.localeCompare(b.hostname));
  }

  /** "server1 Deployed admin": one a machine. */
  async statuses(): Promise<string[]> {
    const machines = await this.machines();
    return machines.map(({ hostname, status_name, owner }) => `${hostname} ${status_name} ${owner ?? "nobody"}`);
  }

  /** Requests by operation that MAAS got while `body` ran, e.g. { "POST machines/ allocate": 2 }. */
  async requestsOf(body: () => Promise<unknown>): Promise<Record<string, number>> {
    const before = await this.requests();
    await body();
    const after = Object.entries(await this.requests());
    return Object.fromEntries(
      after.map(([name, count]) => [name, count - (before[name] ?? 0)] as const).filter(([, count]) => count > 0),
    );
  }

  /** Where the admin's key, the AMT password or an OAuth header lie about; must be empty after whatever was run. */
  leaks(): string[] {
    return leaks([this.lab.adminKey, AMT_PASSWORD], {
      "the screen": this.printed,
      "the lab's log": this.labLog.join("\n"),
      state: { folder: this.backend },
      project: { folder: this.project.kept },
    });
  }

  private async requests(): Promise<Record<string, number>> {
    return (await this.control<{ byOperation: Record<string, number> }>("requests")).byOperation;
  }

  private async control<Answer>(path: string): Promise<Answer> {
    const answer = await fetch(`${this.lab.controlUrl}/${path}`);
    assert.ok(answer.ok, `the lab's control answers ${String(answer.status)} to ${path}`);
    return (await answer.json()) as Answer;
  }
}

export const nameOf = ({ urn }: StateResource): string => urn.split("::").at(-1) ?? "";

export function succeeded(done: Run): Run {
  assert.equal(done.code, 0, done.output);
  return done;
}

/** What writes among requests counted. */
export const writes = (requests: Record<string, number>): string[] =>
  Object.keys(requests).filter((request) => !request.startsWith("GET"));

const onPath = (program: string): boolean =>
  (process.env["PATH"] ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));

/** Nothing of the caller's stack, MAAS, test runner or CI; only the toolchain. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const foreign = /^(PULUMI_|METALFORM_|NODE_|CI$|STACK$)/;
  return Object.fromEntries(
    Object.entries(process.env).filter(([name]) => name === "METALFORM_LANGUAGE_HOST" || !foreign.test(name)),
  );
}
