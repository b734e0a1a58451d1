/** A preview without changes of five machines, against that of an empty program, by turns in one run. */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Engine } from "../test/support/engine.ts";
import { nuc } from "../test/support/engine-project.ts";
import { startLab } from "../lab/lab.ts";
import { nucOf } from "./many.ts";
import { median, seconds, tell } from "./report.ts";

const ROUNDS = 7;
const MACHINES = 5;
const LARGE_ROUNDS = 3;
/** Commissioning and deploying take a second: what is measured comes after. */
const LARGE_TIME_SCALE = 1500;
/** The `up` is not measured: its state is written once at the end, not four megabytes after every step. */
const LARGE_ENVIRONMENT = { PULUMI_PARALLEL: "1000", PULUMI_EXPERIMENTAL: "true", PULUMI_SKIP_CHECKPOINTS: "true" };

export async function benchPreview(): Promise<void> {
  tell(`Preview without changes, ${String(ROUNDS)} rounds by turns`);
  const engine = await Engine.start();
  try {
    engine.project.configure({ machines: Array.from({ length: MACHINES }, (_, i) => nuc(i + 1)) });
    await engine.up();
    const empty = emptyProgram(engine.folder, engine.project.root);
    await preview(engine, empty, ["stack", "init", "dev"]);
    const times: { ours: number; empty: number }[] = [];
    for (let round = 0; round <= ROUNDS; round++) {
      const measured = {
        empty: await preview(engine, empty, ["preview", "--stack", "dev"]),
        ours: await preview(engine, engine.project.root, ["preview", "--stack", "dev"]),
      };
      // The first round fills caches for both.
      if (round > 0) times.push(measured);
    }
    const ours = median(times.map((time) => time.ours));
    const bare = median(times.map((time) => time.empty));
    tell(`  empty program           ${seconds(bare)}`);
    tell(`  ${String(MACHINES)} machines, no change   ${seconds(ours)}`);
    tell(`  more than the empty one ${seconds(ours - bare)}   (aim: at most 1.0 s)`);
    await benchState(engine);
  } finally {
    await engine.close();
  }
}

/** A preview without changes of a whole hall: machines with a bridge and a link each, and where its time goes. */
export async function benchLargePreview(machines: number): Promise<void> {
  tell(
    `Preview without changes of ${String(machines)} machines with a bridge and a link each, ${String(LARGE_ROUNDS)} rounds`,
  );
  const lab = await startLab({ timeScale: LARGE_TIME_SCALE });
  const engine = await Engine.start({ lab, environment: LARGE_ENVIRONMENT });
  try {
    engine.project.configure({
      bridge: "br-ex",
      machines: Array.from({ length: machines }, (_, i) => nucOf(i + 1)),
    });
    const started = performance.now();
    await engine.up();
    tell(`  the up before it        ${seconds(performance.now() - started)}`);
    const empty = emptyProgram(engine.folder, engine.project.root);
    await preview(engine, empty, ["stack", "init", "dev"]);
    const times: { ours: number; empty: number }[] = [];
    for (let round = 0; round <= LARGE_ROUNDS; round++) {
      const measured = {
        empty: await preview(engine, empty, ["preview", "--stack", "dev"]),
        ours: await preview(engine, engine.project.root, ["preview", "--stack", "dev"]),
      };
      if (round > 0) times.push(measured);
    }
    const { deployment } = await engine.state();
    const resources = deployment.resources?.length ?? 0;
    const ours = median(times.map((time) => time.ours));
    const bare = median(times.map((time) => time.empty));
    tell(`  empty program           ${seconds(bare)}`);
    tell(`  ${String(machines)} machines            ${seconds(ours)}   (aim: at most 12 s)`);
    tell(`  a resource              ${((ours - bare) / resources).toFixed(1)} ms, of ${String(resources)}`);
  } finally {
    await engine.close();
  }
}

/** How much of the state a resource takes, as `pulumi stack export` prints it without white space. */
async function benchState(engine: Engine): Promise<void> {
  const { deployment } = await engine.state();
  const sizes = (deployment.resources ?? [])
    .filter((resource) => resource.type.startsWith("pulumi-nodejs:dynamic/"))
    .map((resource) => ({ kind: resource.type.split("/")[1] ?? "", bytes: JSON.stringify(resource).length }));
  tell("State, bytes a resource (aim: at most 2500)");
  for (const kind of [...new Set(sizes.map((size) => size.kind))].sort()) {
    const bytes = sizes.filter((size) => size.kind === kind).map((size) => size.bytes);
    tell(`  ${kind.padEnd(24)}${String(Math.max(...bytes))}`);
  }
}

/** A program in the same language, with the same SDK, that declares nothing. */
function emptyProgram(folder: string, project: string): string {
  const empty = join(folder, "empty");
  mkdirSync(empty);
  writeFileSync(join(empty, "Pulumi.yaml"), "name: empty\nruntime: { name: nodejs, options: { typescript: false } }\n");
  writeFileSync(join(empty, "package.json"), '{ "type": "module", "main": "index.js" }\n');
  writeFileSync(join(empty, "index.js"), "\n");
  symlinkSync(join(project, "node_modules"), join(empty, "node_modules"));
  return empty;
}

async function preview(engine: Engine, cwd: string, args: string[]): Promise<number> {
  const started = performance.now();
  const { code, output } = await engine.pulumi(args, { cwd });
  if (code !== 0) throw new Error(output);
  return performance.now() - started;
}
