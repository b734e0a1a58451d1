/** Statuses of script results and what a set of them amounts to (facts: maas.md 2.9). */
export const scriptStatus = {
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
  applyingNetconf: 10,
  failedApplyingNetconf: 11,
} as const;

const names = [
  "Pending",
  "Running",
  "Passed",
  "Failed",
  "Timed out",
  "Aborted",
  "Degraded",
  "Installing dependencies",
  "Failed installing dependencies",
  "Skipped",
  "Applying custom network configuration",
  "Failed to apply custom network configuration",
];

export const scriptStatusName = (status: number): string => names[status] ?? "Unknown";

const runningStatuses = new Set<number>([scriptStatus.running, scriptStatus.applyingNetconf, scriptStatus.installing]);
const failedStatuses = new Set<number>([
  scriptStatus.failed,
  scriptStatus.failedApplyingNetconf,
  scriptStatus.failedInstalling,
  scriptStatus.timedOut,
]);

export const isUnfinished = (status: number): boolean => status === scriptStatus.pending || runningStatuses.has(status);
export const hasFailed = (status: number): boolean => failedStatuses.has(status);

/** In order of precedence; what is not listed counts as passed. */
const precedence = [
  scriptStatus.running,
  scriptStatus.applyingNetconf,
  scriptStatus.installing,
  scriptStatus.pending,
  scriptStatus.aborted,
  scriptStatus.failed,
  scriptStatus.failedApplyingNetconf,
  scriptStatus.failedInstalling,
  scriptStatus.timedOut,
  scriptStatus.degraded,
];

/** -1 (Unknown) without any result; suppressed ones don't count. */
export function overallStatus(results: readonly { status: number; suppressed: boolean }[]): number {
  if (results.length === 0) return -1;
  const present = new Set(results.filter((result) => !result.suppressed).map((result) => result.status));
  const first = precedence.find((status) => present.has(status));
  if (first === undefined) return scriptStatus.passed;
  if (runningStatuses.has(first)) return scriptStatus.running;
  return failedStatuses.has(first) ? scriptStatus.failed : first;
}
