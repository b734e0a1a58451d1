/** `npm run crash [-- --sample N] [--only up|redeploy|destroy] [--victim provider|cli]`: exit code 0 only when every case converges. */
import { parseArgs } from "node:util";
import { plans } from "./cases.ts";
import type { CaseFilter } from "./cases.ts";
import { playCases } from "./harness.ts";

function readFilter(args: string[]): CaseFilter {
  const { values } = parseArgs({
    args,
    options: { sample: { type: "string" }, only: { type: "string" }, victim: { type: "string" } },
  });
  const { only, victim } = values;
  const sample = values.sample === undefined ? undefined : Number(values.sample);
  const plan = plans.find((known) => known === only);
  if (only !== undefined && plan === undefined) throw new Error(`--only: one of ${plans.join(", ")}, not ${only}`);
  if (victim !== undefined && victim !== "provider" && victim !== "cli")
    throw new Error(`--victim: provider or cli, not ${victim}`);
  if (sample !== undefined && !(Number.isInteger(sample) && sample > 0))
    throw new Error(`--sample: not a number above 0`);
  return {
    ...(plan === undefined ? {} : { only: plan }),
    ...(victim === undefined ? {} : { victim }),
    ...(sample === undefined ? {} : { sample }),
  };
}

try {
  const started = performance.now();
  const outcomes = await playCases(readFilter(process.argv.slice(2)), ({ name, failure, seconds }, done, total) => {
    console.log(
      `${String(done)}/${String(total)} ${failure === undefined ? "converged" : "FAILED"} ${name} (${seconds.toFixed(1)} s)`,
    );
    if (failure !== undefined) console.log(failure.replaceAll(/^/gm, "    "));
  });
  const failed = outcomes.filter(({ failure }) => failure !== undefined);
  for (const { name } of failed) console.log(`FAILED ${name}`);
  console.log(
    `${String(outcomes.length)} cases, ${String(failed.length)} failures, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
  process.exitCode = failed.length === 0 && outcomes.length > 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
