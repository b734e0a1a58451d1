/** `nodes/{system_id}/results/`: what commissioning, tests and installation printed (facts: maas.md 2.9). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export const ScriptStatus = {
  unknown: -1,
  pending: 0,
  running: 1,
  passed: 2,
  failed: 3,
  timedOut: 4,
  aborted: 5,
  degraded: 6,
  installing: 7,
  failedInstalling: 8,
  skipped: 9,
  applyingNetworkConfig: 10,
  failedApplyingNetworkConfig: 11,
} as const;

export type ScriptStatus = (typeof ScriptStatus)[keyof typeof ScriptStatus];

export type ResultType = "commissioning" | "testing" | "installation" | "release";

export interface ResultSet {
  id: number;
  system_id: string;
  type_name: string;
  status: ScriptStatus;
  status_name: string;
  started: string | null;
  ended: string | null;
  results: ScriptResult[];
}

export interface ScriptResult {
  id: number;
  name: string;
  status: ScriptStatus;
  status_name: string;
  exit_status: number | null;
  started: string | null;
  ended: string | null;
  /** "0:00:05", or "" while it has not run. */
  runtime: string;
  suppressed: boolean;
  /** Standard output and error together, base64; only with `include_output`. */
  output?: string;
  stdout?: string;
  stderr?: string;
}

export interface ResultFilter {
  include_output?: boolean;
  /** Names, ids or tags of scripts, with commas between. */
  filters?: string;
  hardware_type?: string;
}

export const resultsApi = (send: Send) => {
  const current =
    (type: "commissioning" | "testing" | "installation") =>
    (systemId: string, filter: ResultFilter = {}) =>
      send.orUndefined<ResultSet>({
        method: "GET",
        path: at("nodes", systemId, "results", `current-${type}`),
        query: { ...filter },
        doing: `reading the ${type} results of machine ${systemId}`,
      });

  return {
    list: (systemId: string, filter: ResultFilter & { type?: ResultType } = {}) =>
      send<ResultSet[]>({
        method: "GET",
        path: at("nodes", systemId, "results"),
        query: { ...filter },
        doing: `reading the results of machine ${systemId}`,
      }),

    /** The latest of their kind; undefined where there never was one. */
    currentCommissioning: current("commissioning"),
    currentTesting: current("testing"),
    currentInstallation: current("installation"),
  };
};

export type ResultsApi = ReturnType<typeof resultsApi>;

/** The text of a base64 output. */
export const outputText = (output: string | undefined): string => Buffer.from(output ?? "", "base64").toString("utf8");
