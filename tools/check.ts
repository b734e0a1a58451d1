/**
 * `make test`: format, lint, types, unused code, the quick tests, those in a browser and those with the real engine, each with its time. All
 * of them run, whatever fails. A check that fails counts as one failed test, so the last line and the exit code agree.
 */
import { spawnSync } from "node:child_process";
import { projectRoot } from "./project.ts";
import { command } from "./stack/command.ts";
import {
  browserKinds,
  engineKinds,
  metalKinds,
  quickKinds,
  runTests,
  summary,
  type Counts,
} from "./testing/run-tests.ts";

/** Scripts of package.json. */
const checks = { format: "format:check", lint: "lint", types: "types", "unused code": "unused" };

const total: Counts = { passed: 0, failed: 0 };
const failures: string[] = [];

async function step(name: string, body: () => Counts | Promise<Counts>): Promise<void> {
  console.log(`\n== ${name}`);
  const start = Date.now();
  let counts: Counts;
  try {
    counts = await body();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    counts = { passed: 0, failed: 1 };
  }
  total.passed += counts.passed;
  total.failed += counts.failed;
  if (counts.failed > 0) failures.push(name);
  console.log(`== ${name}: ${counts.failed === 0 ? "good" : "FAILED"} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
}

function script(name: string): Counts {
  const { status } = spawnSync("npm", ["run", "--silent", name], { cwd: projectRoot, stdio: "inherit" });
  return { passed: 0, failed: status === 0 ? 0 : 1 };
}

await command(async () => {
  for (const [name, npmScript] of Object.entries(checks)) await step(name, () => script(npmScript));
  await step("tests", () => runTests(quickKinds, true));
  await step("tests in a browser", () => runTests(browserKinds, 1));
  await step("tests with booted machines", () => runTests(metalKinds, 1));
  await step("tests with the real engine", () => runTests(engineKinds, 1));
  if (failures.length > 0) console.log(`\nFAILED: ${failures.join(", ")}`);
  console.log(summary(total));
  return failures.length === 0 ? 0 : 1;
});
