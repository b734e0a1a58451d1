/** A copy of the project with a lab of its own whose machines boot, on which the web topology is brought up by `make`'s own commands. */
import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { missingForMetal } from "../../lab/metal/missing.ts";
import { machineImage, type LabAddress } from "../../tools/lab/lab-process.ts";
import { projectRoot } from "../../tools/project.ts";
import { EngineProject } from "./engine-project.ts";
import { run, type Run } from "./engine-run.ts";
import { ask } from "./lab-request.ts";

/** Slow enough for a busy computer. */
const PATIENCE_MS = 180_000;
const REMOTE_STEP_MS = 60_000;
/** Between two requests of one worker: what else happens must have its share of the computer. */
const PACE_MS = 20;

export class WebRack {
  readonly folder = mkdtempSync(join(tmpdir(), "metalform-web-"));
  readonly project: EngineProject;
  private readonly environment: NodeJS.ProcessEnv;

  constructor() {
    assert.ok(
      machineImage(),
      `this test boots machines, which this computer can't: ${missingForMetal(undefined).join("; ")}`,
    );
    this.project = new EngineProject(join(this.folder, "project"));
    // The stack that everybody gets.
    cpSync(join(projectRoot, "Pulumi.dev.yaml"), join(this.project.root, "Pulumi.dev.yaml"));
    const foreign = /^(PULUMI_|METALFORM_|NODE_|CI$|STACK$)/;
    const kept = ["METALFORM_LANGUAGE_HOST", "METALFORM_WHEELS"];
    const own = Object.entries(process.env).filter(([name]) => kept.includes(name) || !foreign.test(name));
    this.environment = {
      ...Object.fromEntries(own),
      ANSIBLE_CONFIG: join(this.project.root, "ansible", "ansible.cfg"),
    };
  }

  get lab(): LabAddress {
    const [line = ""] = readFileSync(join(this.project.kept, "lab", "lab.json"), "utf8").split("\n");
    return JSON.parse(line) as LabAddress;
  }

  get labPid(): number {
    return Number(readFileSync(join(this.project.kept, "lab", "lab.pid"), "utf8"));
  }

  /** The site, from this computer. */
  get url(): string {
    return `http://127.0.0.1:${String(this.lab.web?.port)}/`;
  }

  /** What `make NAME` runs. */
  async make(name: "destroy" | "down" | "preview" | "up"): Promise<Run> {
    return await run(process.execPath, [join("tools", `${name}.ts`)], {
      cwd: this.project.root,
      environment: this.environment,
    });
  }

  /** In a shell after `eval "$(make -s env)"`. */
  async shell(script: string): Promise<Run> {
    return await run("bash", ["-ec", `eval "$(node tools/env.ts)"\n${script}`], {
      cwd: this.project.root,
      environment: this.environment,
    });
  }

  start(command: string, args: string[]): ChildProcess {
    return spawn(command, args, {
      cwd: this.project.root,
      env: this.environment,
      stdio: ["ignore", "pipe", "inherit"],
    });
  }

  async ssh(host: string, command: string): Promise<Run> {
    const config = this.lab.ssh?.config ?? "";
    return await run("timeout", [String(REMOTE_STEP_MS / 1000), "ssh", "-F", config, `${host}.maas`, command], {
      cwd: this.folder,
      environment: this.environment,
    });
  }

  async power(hostname: string, op: "power_off" | "power_on"): Promise<void> {
    const { json } = await ask(this.lab, "GET", "machines/", { query: { hostname } });
    const [machine] = json as { system_id: string }[];
    const { status, text } = await ask(this.lab, "POST", `machines/${machine?.system_id ?? ""}/`, { form: { op } });
    assert.ok(status < 300, text);
  }

  /**
   * Who answers: the host's name, or what went wrong. A connection of its own each time: one that is kept may be closed by the
   * other side at the very moment of the next request, which browsers then send again and this would count.
   */
  async served(): Promise<string> {
    return await new Promise((resolve) => {
      const asked = get(this.url, { agent: false, timeout: 15_000 }, (answer) => {
        answer.resume().on("end", () => {
          resolve(
            answer.statusCode === 200 ? String(answer.headers["x-served-by"]) : `status ${String(answer.statusCode)}`,
          );
        });
      });
      asked.on("timeout", () => asked.destroy(new Error("no answer in 15 s")));
      asked.on("error", (error) => {
        resolve(error.message);
      });
    });
  }

  /** So many requests, one after the other. */
  async servedInTurn(count: number): Promise<string[]> {
    const names: string[] = [];
    for (let asked = 0; asked < count; asked++) names.push(await this.served());
    return names;
  }

  /** Looks until it is so; at most for PATIENCE_MS. */
  async until(what: string, isSo: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    while (!(await isSo())) {
      assert.ok(Date.now() < deadline, `waited ${String(PATIENCE_MS / 1000)} s for ${what}`);
      await sleep(200);
    }
  }

  /** Stops the lab whatever has happened, and removes the folder. */
  async remove(): Promise<void> {
    try {
      process.kill(this.labPid, "SIGTERM");
      const gone = () => {
        try {
          process.kill(this.labPid, 0);
          return Promise.resolve(false);
        } catch {
          return Promise.resolve(true);
        }
      };
      await this.until("the lab to end", gone);
    } catch {
      // It is down already.
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Requests that go on while something else happens. */
export class Load {
  readonly answers: string[] = [];
  private readonly workers: Promise<void>[];
  private isOn = true;

  /** @param workers at the same time, each one request after the other */
  constructor(ask: () => Promise<string>, workers: number) {
    this.workers = Array.from({ length: workers }, async () => {
      while (this.isOn) {
        this.answers.push(await ask());
        await sleep(PACE_MS);
      }
    });
  }

  /** @returns the answers that were none */
  async stop(): Promise<string[]> {
    this.isOn = false;
    await Promise.all(this.workers);
    return this.answers.filter((answer) => !/^server\d$/.test(answer));
  }
}
