/** An `up` of many machines: how many requests MAAS gets, and how much longer it takes than the slowest machine alone. */
import { startLab } from "../lab/lab.ts";
import { Engine } from "../test/support/engine.ts";
import { nucOf } from "./many.ts";
import { seconds, tell } from "./report.ts";

/** Simulated seconds per real one: at 8 a machine's own time is a minute and more, of which the engine's start is little. */
const TIME_SCALE = 8;

export async function benchRack(machines: number): Promise<void> {
  const lab = await startLab({ timeScale: TIME_SCALE });
  const engine = await Engine.start({
    lab,
    environment: { METALFORM_LAB_TIME_SCALE: String(TIME_SCALE), PULUMI_PARALLEL: "1000" },
  });
  try {
    tell(`Up of ${String(machines)} machines on a lab ${String(TIME_SCALE)} times as fast as metal`);
    engine.project.configure({ machines: Array.from({ length: machines }, (_, i) => nucOf(i + 1)) });
    // The stack is there before: making it is no part of an `up`.
    await engine.pulumi(["stack", "select", "--create", "dev"]);
    let wallMs = 0;
    const requests = await engine.requestsOf(async () => {
      const started = performance.now();
      const { code, output } = await engine.pulumi(["up", "--yes", "--skip-preview"]);
      wallMs = performance.now() - started;
      if (code !== 0) throw new Error(output.slice(-5000));
    });
    const answer = await fetch(`${lab.controlUrl}/machines`);
    const all = (await answer.json()) as { ownSeconds: number }[];
    const criticalMs = Math.max(...all.map((machine) => machine.ownSeconds)) * 1000;
    const total = Object.values(requests).reduce((sum, count) => sum + count, 0);
    tell(`  wall time               ${seconds(wallMs)}`);
    tell(`  slowest machine alone   ${seconds(criticalMs)}`);
    tell(`  ratio                   ${(wallMs / criticalMs).toFixed(3)}   (aim: 1.05 at 5 machines, 1.25 at 50)`);
    tell(`  requests                ${String(total)}, ${(total / machines).toFixed(1)} a machine`);
    for (const [operation, count] of Object.entries(requests).sort((a, b) => b[1] - a[1])) {
      tell(`    ${String(count).padStart(6)}  ${operation}`);
    }
  } finally {
    await engine.close();
  }
}
