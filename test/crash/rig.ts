/**
 * Plays one case: a lab and a backend of its own, a run that is killed at one request, and the plain command that follows.
 * Nothing is cleaned by hand in between.
 */
import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "../../providers/core/errors.ts";
import { startLab } from "../../lab/lab.ts";
import { Engine, succeeded } from "../support/engine.ts";
import { EngineProject, nuc } from "../support/engine-project.ts";
import type { Run } from "../support/engine-run.ts";
import { plans } from "./cases.ts";
import type { CrashCase, Plan } from "./cases.ts";
import { machinesForm, regionForm, stateForm } from "./normal-form.ts";
import { startProxy } from "./proxy.ts";
import { isRead, shapeOfRead } from "./request-kind.ts";
import type { Proxy } from "./proxy.ts";
import { kill } from "./victim.ts";

/** Commissioning takes well under a second: the CLI's own start is what a case waits for. */
const TIME_SCALE = 1500;

const MOST_TRIES = 6;

/** What undisturbed runs leave, and the requests that they make. */
export interface Undisturbed {
  requests: Record<Plan, string[]>;
  left: Record<Plan, Form>;
  /** The folder with backend and lab as they are after `up`, to begin the other plans with. */
  deployed: string;
}

interface Form {
  state: string;
  machines: string;
  region: string;
}

export class Rig {
  private readonly folder = mkdtempSync(join(tmpdir(), "metalform-crash-"));
  private readonly project = new EngineProject(join(this.folder, "project"));
  private stages = 0;

  /** @throws AssertionError when even an undisturbed run fails */
  async undisturbed(): Promise<Undisturbed> {
    const requests: Partial<Record<Plan, string[]>> = {};
    const left: Partial<Record<Plan, Form>> = {};
    const deployed = join(this.folder, "deployed");
    const stage = await this.stage();
    try {
      const { engine, proxy } = stage;
      const untouched = await regionForm(engine.maas);
      for (const plan of plans) {
        this.configure(plan);
        proxy.begin();
        succeeded(await engine.make(plan === "destroy" ? "destroy" : "up"));
        requests[plan] = proxy.seen();
        left[plan] = await form(engine);
        if (plan === "up") cpSync(engine.folder, deployed, { recursive: true });
      }
      same(left.destroy?.region ?? "", untouched, "MAAS's region after an undisturbed destroy");
      // Complete by now: all plans are through.
      return { requests: requests as Record<Plan, string[]>, left: left as Record<Plan, Form>, deployed };
    } finally {
      await stage.close();
    }
  }

  /** @throws Error saying what is not as it should be */
  async play(wanted: CrashCase, reference: Undisturbed): Promise<void> {
    let met: string | undefined;
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      // Requests of several resources come in any order, so a read may come after another write this time. In the end the
      // read alone will do, after whatever it comes.
      const kind = tries > MOST_TRIES / 2 && isRead(wanted.kind) ? shapeOfRead(wanted.kind) : wanted.kind;
      met = await this.playOnce({ ...wanted, kind }, reference);
      if (met === undefined) return;
    }
    throw new Error(`the request never came in ${String(MOST_TRIES)} runs; these came:\n${met ?? ""}`);
  }

  /** @returns the requests that came instead, when the one to stop at did not come */
  private async playOnce(wanted: CrashCase, reference: Undisturbed): Promise<string | undefined> {
    const stage = await this.stage(wanted.plan === "up" ? undefined : reference.deployed);
    this.configure(wanted.plan);
    try {
      const met = await crash(stage, wanted);
      if (met !== undefined) return met;
      stage.proxy.begin();
      const { engine } = stage;
      if (wanted.then === "up") {
        succeeded(await engine.make("up"));
        await compare(engine, reference.left[wanted.plan], "after make up");
      }
      succeeded(await engine.make("destroy"));
      if (wanted.plan === "up" && wanted.then === "destroy") {
        await allGivenBack(engine);
        same(await regionForm(engine.maas), reference.left.destroy.region, "MAAS's region after make destroy");
      } else await compare(engine, reference.left.destroy, "after make destroy");
      return undefined;
    } finally {
      await stage.close();
    }
  }

  close(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private configure(plan: Plan): void {
    this.project.configure({
      gateway: "172.16.0.3",
      dnsServers: ["172.16.0.3"],
      dynamicRange: "172.16.14.1-172.16.14.254",
      bridge: "br-ex",
      settings: { upstreamDns: ["172.16.0.9"] },
      dashboard: { address: "172.16.0.3" },
      machines: [nuc(1, { tags: ["rack1"] }), nuc(2, { tags: ["rack1"] })],
      sshKeys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIKYS0bqU0oPG1BX0H7HyeGGhjg8CcRCoQGZUKUGwYp0 crash"],
      series: plan === "redeploy" ? "noble" : "jammy",
    });
  }

  /** @param from the folder of an earlier stage, to go on from */
  private async stage(from?: string): Promise<Stage> {
    this.stages++;
    const folder = join(this.folder, `stage-${String(this.stages)}`);
    if (from !== undefined) cpSync(from, folder, { recursive: true });
    rmSync(join(this.project.root, ".metalform"), { recursive: true, force: true });
    const lab = await startLab({
      timeScale: TIME_SCALE,
      stateDirectory: join(folder, "lab"),
      warn: () => undefined,
    });
    const proxy = await startProxy(lab.maasUrl);
    const engine = await Engine.start({
      folder,
      lab,
      project: this.project,
      environment: { METALFORM_MAAS_URL: proxy.maasUrl, METALFORM_LAB_TIME_SCALE: String(TIME_SCALE) },
    });
    return {
      engine,
      proxy,
      close: async () => {
        await proxy.close();
        await engine.close();
      },
    };
  }
}

interface Stage {
  engine: Engine;
  proxy: Proxy;
  close: () => Promise<void>;
}

/** Runs the CLI until its request comes, and kills. @returns the requests that came, when that one did not */
async function crash({ engine, proxy }: Stage, { plan, victim, kind, moment }: CrashCase): Promise<string | undefined> {
  let cli: number | undefined;
  let problem: string | undefined;
  proxy.begin({
    kind,
    moment,
    crash: async () => {
      try {
        await kill(victim, cli ?? 0);
      } catch (error) {
        problem = messageOf(error);
      }
    },
  });
  if (plan === "up") succeeded(await engine.pulumi(["stack", "select", "--create", "--stack", "dev"]));
  const killed: Run = await engine.pulumi([plan === "destroy" ? "destroy" : "up", "--yes", "--skip-preview"], {
    started: ({ pid }) => (cli = pid),
  });
  assert.equal(problem, undefined);
  if (!proxy.stopped()) return proxy.seen().join("\n");
  assert.notEqual(killed.code, 0, `it was killed, yet it succeeded:\n${killed.output}`);
  return undefined;
}

/**
 * After a destroy that followed a killed `up`: how far it had got is chance, so a machine may be New still. But none is
 * there twice, none is anybody's, and nothing but the stack itself is left in the state.
 */
async function allGivenBack(engine: Engine): Promise<void> {
  const machines = await engine.machines();
  assert.deepEqual(
    new Set(machines.map(({ hostname }) => hostname)).size,
    machines.length,
    "no machine is there twice",
  );
  for (const { hostname, status_name, owner, agent_name } of machines) {
    assert.ok(["New", "Ready"].includes(status_name), `${hostname} is at rest, not ${status_name}`);
    assert.equal(owner, null, `${hostname} is nobody's`);
    assert.equal(agent_name, "", `${hostname} has no mark`);
  }
  const { resources = [], pending_operations = [] } = (await engine.state()).deployment;
  assert.deepEqual([...resources.map(({ type }) => type), ...pending_operations], [], "nothing is left in the state");
}

async function form(engine: Engine): Promise<Form> {
  const [state, machines, objects, region] = await Promise.all([
    engine.state(),
    engine.machines(),
    engine.maas.machines.list({}),
    regionForm(engine.maas),
  ]);
  return { state: stateForm(state, machines), machines: machinesForm(state, machines, objects), region };
}

async function compare(engine: Engine, wanted: Form, when: string): Promise<void> {
  const found = await form(engine);
  same(found.machines, wanted.machines, `MAAS's machines ${when}`);
  same(found.region, wanted.region, `MAAS's region ${when}`);
  same(found.state, wanted.state, `the state ${when}`);
}

/** Tells the lines that differ; the texts have thousands. */
function same(found: string, wanted: string, what: string): void {
  if (found === wanted) return;
  const [is, should] = [found.split("\n"), wanted.split("\n")];
  const lines = [
    ...should.filter((line) => !is.includes(line)).map((line) => `- ${line}`),
    ...is.filter((line) => !should.includes(line)).map((line) => `+ ${line}`),
  ];
  const first = should.findIndex((line, index) => line !== is[index]);
  const around = (all: string[]) => all.slice(Math.max(0, first - 8), first + 4).join("\n");
  const moved = `the same lines in another order:\n${around(should)}\n---\n${around(is)}`;
  assert.fail(`${what}:\n${lines.slice(0, 40).join("\n") || moved}`);
}
