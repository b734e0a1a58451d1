/** What a machine's commissioning scripts and hardware tests said, short enough for a state and clear enough to act on. */
import { outputText, ScriptStatus } from "./api/results.ts";
import type { ScriptResult } from "./api/results.ts";
import type { MaasClient } from "./client.ts";

/** Lines of a failing script's output that are shown. */
const LAST_LINES = 8;

export interface Results {
  /** "smartctl-validate: Passed", one a hardware test, sorted. */
  tests: string[];
  /** "Passed", "Failed"... of commissioning as a whole. */
  commissioning: string;
}

export async function latestResults(client: MaasClient, systemId: string): Promise<Results> {
  const sets = await client.results.list(systemId);
  const newest = (type: string) => sets.filter((set) => set.type_name === type).sort((a, b) => b.id - a.id)[0];
  return {
    tests: (newest("Testing")?.results ?? []).map((result) => `${result.name}: ${result.status_name}`).sort(),
    commissioning: newest("Commissioning")?.status_name ?? "Unknown",
  };
}

const FAILED: ScriptStatus[] = [
  ScriptStatus.failed,
  ScriptStatus.timedOut,
  ScriptStatus.failedInstalling,
  ScriptStatus.failedApplyingNetworkConfig,
];

/** The failing scripts of the current commissioning or testing, each with the last lines it wrote; "" without any. */
export async function failureReport(
  client: MaasClient,
  systemId: string,
  type: "commissioning" | "testing",
): Promise<string> {
  const read = type === "testing" ? client.results.currentTesting : client.results.currentCommissioning;
  const set = await read(systemId, { include_output: true });
  const failed = (set?.results ?? []).filter((result) => FAILED.includes(result.status));
  return failed.map(describe).join("\n");
}

/** The last lines of the installation's log; it is of use whatever its status says, since curtin fails by an event. */
export async function installationReport(client: MaasClient, systemId: string): Promise<string> {
  const set = await client.results.currentInstallation(systemId, { include_output: true });
  return (set?.results ?? []).map(describe).join("\n");
}

function describe(result: ScriptResult): string {
  const text = [result.output, result.stdout, result.stderr].find((output) => output !== undefined && output !== "");
  const lines = outputText(text)
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-LAST_LINES);
  const exit = result.exit_status === null ? "" : ` (exit ${String(result.exit_status)})`;
  return [`${result.name}: ${result.status_name}${exit}`, ...lines.map((line) => `  | ${line}`)].join("\n");
}
