/** MAAS's machine statuses: numbers, names, and which may follow which (facts: maas.md 3.1, 3.2). */
export const status = {
  new: 0,
  commissioning: 1,
  failedCommissioning: 2,
  missing: 3,
  ready: 4,
  reserved: 5,
  deployed: 6,
  retired: 7,
  broken: 8,
  deploying: 9,
  allocated: 10,
  failedDeployment: 11,
  releasing: 12,
  failedReleasing: 13,
  diskErasing: 14,
  failedDiskErasing: 15,
  rescueMode: 16,
  enteringRescueMode: 17,
  failedEnteringRescueMode: 18,
  exitingRescueMode: 19,
  failedExitingRescueMode: 20,
  testing: 21,
  failedTesting: 22,
} as const;

interface StatusFacts {
  /** `status_name`. */
  name: string;
  /** As filters and event texts spell it: in lower case `?status=failed_deployment`, in upper case "Aborting DEPLOYING". */
  label: string;
  /** What may follow; anything else is 409 "Invalid transition: X -> Y." */
  next: readonly number[];
  /** Where mark_failed leads. */
  failed?: number;
}

/** By number. */
export const statuses: Readonly<Record<number, StatusFacts>> = {
  0: { name: "New", label: "new", next: [1, 21, 3, 4, 7, 8, 17] },
  1: { name: "Commissioning", label: "commissioning", next: [2, 4, 7, 3, 0, 8, 21], failed: 2 },
  2: { name: "Failed commissioning", label: "failed_commissioning", next: [1, 3, 7, 8, 17, 21] },
  3: { name: "Missing", label: "missing", next: [0, 4, 10, 1, 8, 17, 21] },
  4: { name: "Ready", label: "ready", next: [17, 1, 10, 5, 7, 3, 8, 21] },
  5: { name: "Reserved", label: "reserved", next: [4, 10, 7, 3, 8, 14, 12, 17, 21] },
  6: { name: "Deployed", label: "deployed", next: [10, 3, 8, 4, 14, 12, 17, 21] },
  7: { name: "Retired", label: "retired", next: [0, 4, 3, 8, 17, 21] },
  8: { name: "Broken", label: "broken", next: [1, 4, 14, 12, 17, 21, 6] },
  9: { name: "Deploying", label: "deploying", next: [10, 3, 8, 11, 6, 4, 14, 12], failed: 11 },
  10: { name: "Allocated", label: "allocated", next: [4, 7, 3, 8, 9, 14, 12, 17, 21] },
  11: { name: "Failed deployment", label: "failed_deployment", next: [10, 3, 8, 4, 14, 12, 17, 21] },
  12: { name: "Releasing", label: "releasing", next: [0, 10, 5, 6, 4, 8, 3, 11, 15, 13], failed: 13 },
  13: { name: "Releasing failed", label: "failed_releasing", next: [12, 14, 4, 8, 21] },
  14: { name: "Disk erasing", label: "disk_erasing", next: [8, 14, 15, 4, 12], failed: 15 },
  15: { name: "Failed disk erasing", label: "failed_disk_erasing", next: [14, 12, 8, 10, 4, 17, 21] },
  16: { name: "Rescue mode", label: "rescue_mode", next: [8, 19, 21] },
  17: { name: "Entering rescue mode", label: "entering_rescue_mode", next: [4, 8, 6, 16, 18, 19], failed: 18 },
  18: { name: "Failed to enter rescue mode", label: "failed_entering_rescue_mode", next: [8, 17, 19, 21] },
  19: {
    name: "Exiting rescue mode",
    label: "exiting_rescue_mode",
    next: [0, 8, 2, 4, 5, 10, 11, 6, 3, 7, 13, 15, 16, 18, 20, 22],
    failed: 20,
  },
  20: { name: "Failed to exit rescue mode", label: "failed_exiting_rescue_mode", next: [8, 19, 21] },
  21: {
    name: "Testing",
    label: "testing",
    next: [8, 0, 4, 5, 10, 6, 1, 11, 3, 7, 13, 15, 18, 20, 22],
    failed: 22,
  },
  22: { name: "Failed testing", label: "failed_testing", next: [1, 8, 3, 17, 21, 4, 6] },
};

export const statusName = (number: number): string => statuses[number]?.name ?? "Unknown";
export const statusLabel = (number: number): string => statuses[number]?.label ?? "unknown";

/** The status of a lower-case label, as filters spell it. */
export function statusOfLabel(label: string): number | undefined {
  const found = Object.entries(statuses).find(([, facts]) => facts.label === label);
  return found && Number(found[0]);
}

/** A status may always stay what it is. */
export const mayFollow = (from: number, to: number): boolean =>
  from === to || (statuses[from]?.next ?? []).includes(to);

export const failedStatusOf = (number: number): number | undefined => statuses[number]?.failed;

const failures = new Set<number>(Object.values(statuses).flatMap((facts) => facts.failed ?? []));
export const isFailure = (number: number): boolean => failures.has(number);

/** What release accepts, single and bulk (facts: maas.md 2.7). */
export const releasable: ReadonlySet<number> = new Set([
  status.allocated,
  status.reserved,
  status.broken,
  status.deploying,
  status.deployed,
  status.failedDeployment,
  status.failedDiskErasing,
  status.failedReleasing,
]);

/** `simple_status` of filters, as the UI groups them. */
export const simpleStatuses: Readonly<Record<string, readonly number[]>> = {
  new: [0],
  commissioning: [1],
  failed: [2, 11, 15, 18, 20, 13, 22],
  ready: [4],
  deployed: [6],
  broken: [8],
  deploying: [9],
  allocated: [10],
  releasing: [14, 12],
  rescue_mode: [17, 19, 16],
  testing: [21],
  other: [3, 5, 7],
};

/** An allocation is (or was) in progress: the machine's file systems are the allocation's own copies (transcript s03). */
export const allocationStatuses: ReadonlySet<number> = new Set([
  10, 9, 6, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22,
]);
