/**
 * The states of a machine and the rules about them. Texts are irregular ("Failed deployment", but "Releasing failed"):
 * decide by the number, print the label. Authority: facts (maas.md 3.1, 2.5 to 2.8, 3.2), and in MAAS's source
 * `src/maascommon/enums/node.py` (numbers and labels) and `src/maascommon/node.py`, `src/maasserver/node_action.py`.
 */
export const NodeStatus = {
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

export type NodeStatus = (typeof NodeStatus)[keyof typeof NodeStatus];

interface StatusRule {
  /** MAAS's `status_name`. */
  label: string;
  /** moving: MAAS or the machine is at work and leaves it by itself; failed: somebody has to do something. */
  kind: "resting" | "moving" | "failed";
  /** What it means and what to do next, one sentence or two for a person. */
  help: string;
}

const S = NodeStatus;

const STATUS: Record<NodeStatus, StatusRule> = {
  [S.new]: { label: "New", kind: "resting", help: "It is enlisted; commission it." },
  [S.commissioning]: { label: "Commissioning", kind: "moving", help: "Wait until it is Ready, or abort it." },
  [S.failedCommissioning]: {
    label: "Failed commissioning",
    kind: "failed",
    help: "A commissioning script failed, or the machine was not heard of for 30 minutes; see its commissioning results, check power, PXE boot and cabling, then commission it again.",
  },
  [S.missing]: { label: "Missing", kind: "failed", help: "MAAS has lost it; look it up in MAAS, then commission it." },
  [S.ready]: { label: "Ready", kind: "resting", help: "It can be deployed." },
  [S.reserved]: {
    label: "Reserved",
    kind: "resting",
    help: "Somebody has reserved it; release it in MAAS if it is free.",
  },
  [S.deployed]: { label: "Deployed", kind: "resting", help: "It is in use; release it to use it for something else." },
  [S.retired]: {
    label: "Retired",
    kind: "resting",
    help: "Somebody has retired it; bring it back in MAAS if it is to be used.",
  },
  [S.broken]: {
    label: "Broken",
    kind: "failed",
    help: "Somebody marked it as broken; see its events for why, then mark it as fixed or commission it again.",
  },
  [S.deploying]: { label: "Deploying", kind: "moving", help: "Wait until it is Deployed, or abort it." },
  [S.allocated]: { label: "Allocated", kind: "resting", help: "It belongs to its owner; deploy or release it." },
  [S.failedDeployment]: {
    label: "Failed deployment",
    kind: "failed",
    help: "Installation failed or went silent; see the installation log. It must be released before it can be deployed again.",
  },
  [S.releasing]: { label: "Releasing", kind: "moving", help: "Wait until it is Ready." },
  [S.failedReleasing]: {
    label: "Releasing failed",
    kind: "failed",
    help: "Its power could not be switched off or a release script failed; check its BMC, then release it again.",
  },
  [S.diskErasing]: {
    label: "Disk erasing",
    kind: "moving",
    help: "Wait until it is Ready: MAAS has no time limit for it, and refuses a release meanwhile.",
  },
  [S.failedDiskErasing]: {
    label: "Failed disk erasing",
    kind: "failed",
    help: "Its disks may still hold data; release it again, with or without erasing.",
  },
  [S.rescueMode]: {
    label: "Rescue mode",
    kind: "resting",
    help: "Somebody repairs it; exit rescue mode in MAAS first.",
  },
  [S.enteringRescueMode]: { label: "Entering rescue mode", kind: "moving", help: "Somebody repairs it; wait." },
  [S.failedEnteringRescueMode]: {
    label: "Failed to enter rescue mode",
    kind: "failed",
    help: "It did not boot into rescue mode; check power and PXE boot, then exit rescue mode in MAAS.",
  },
  [S.exitingRescueMode]: {
    label: "Exiting rescue mode",
    kind: "moving",
    help: "Wait until it is in its former state.",
  },
  [S.failedExitingRescueMode]: {
    label: "Failed to exit rescue mode",
    kind: "failed",
    help: "It did not come back from rescue mode; check its power, then exit rescue mode in MAAS again.",
  },
  [S.testing]: { label: "Testing", kind: "moving", help: "Wait until its tests are over, or abort them." },
  [S.failedTesting]: {
    label: "Failed testing",
    kind: "failed",
    help: "A hardware test failed; see its test results, replace what is broken and test again, or override the result.",
  },
};

/** Every status there is, by number. */
export const nodeStatuses: readonly NodeStatus[] = Object.values(NodeStatus).sort((a, b) => a - b);

/** False for a status of a MAAS newer than this table: news, never silently passed over. */
export const isKnownStatus = (status: number): status is NodeStatus => status in STATUS;

export const statusLabel = (status: number): string =>
  isKnownStatus(status) ? STATUS[status].label : `status ${String(status)}`;

/** What a status means and what to do next, for the end of a message. */
export const statusHelp = (status: number): string =>
  isKnownStatus(status) ? STATUS[status].help : "This Metalform does not know that status; is MAAS newer than 3.5?";

/** MAAS or the machine is at work and will leave the status by itself. */
export const isTransitional = (status: number): boolean => isKnownStatus(status) && STATUS[status].kind === "moving";

/** Somebody has to do something. */
export const isFailed = (status: number): boolean => isKnownStatus(status) && STATUS[status].kind === "failed";

export type MachineAction =
  | "abort"
  | "allocate"
  | "commission"
  | "deploy"
  | "link"
  | "lock"
  | "markFixed"
  | "overrideFailedTesting"
  | "release"
  | "setWorkloadAnnotations"
  | "test";

/**
 * In which states MAAS accepts what. The lab states the same rules its own way, as transitions; a contract test holds
 * the two against each other.
 */
const allowedIn = {
  // facts: maas.md 2.6, 3.2
  abort: [S.commissioning, S.deploying, S.diskErasing, S.testing],
  // 2.7: only Ready ones are candidates
  allocate: [S.ready],
  // 2.6
  commission: [S.new, S.failedCommissioning, S.ready, S.broken],
  // 2.7: from Ready it allocates on the way; not from Failed deployment
  deploy: [S.ready, S.allocated],
  // 2.14
  link: [S.new, S.ready, S.allocated, S.broken, S.failedTesting],
  // 2.8
  lock: [S.deployed, S.deploying],
  markFixed: [S.broken],
  // 2.6
  overrideFailedTesting: [S.failedTesting],
  // 2.7: Ready and Releasing are a 200 that does nothing
  release: [
    S.ready,
    S.reserved,
    S.deployed,
    S.broken,
    S.deploying,
    S.allocated,
    S.failedDeployment,
    S.releasing,
    S.failedReleasing,
    S.failedDiskErasing,
  ],
  // 2.8: the caller must own it
  setWorkloadAnnotations: [S.allocated, S.deploying, S.deployed, S.failedDeployment],
  // 2.6, 3.2: whence Testing can be reached; never without a commissioning before
  test: [
    S.failedCommissioning,
    S.missing,
    S.ready,
    S.reserved,
    S.deployed,
    S.retired,
    S.broken,
    S.allocated,
    S.failedDeployment,
    S.failedReleasing,
    S.failedDiskErasing,
    S.rescueMode,
    S.failedEnteringRescueMode,
    S.failedExitingRescueMode,
    S.failedTesting,
  ],
} satisfies Record<MachineAction, readonly NodeStatus[]>;

/** Whether MAAS accepts the action in this status. */
export const canDo = (action: MachineAction, status: number): boolean => {
  const allowed: readonly number[] = allowedIn[action];
  return allowed.includes(status);
};

/** The labels of the states in which MAAS accepts it, for messages: "Ready or Allocated". */
export const allowedStates = (action: MachineAction): string =>
  new Intl.ListFormat("en", { type: "disjunction" }).format(allowedIn[action].map(statusLabel));
