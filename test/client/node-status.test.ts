import assert from "node:assert/strict";
import { test } from "node:test";
import { mayFollow, statusName } from "../../lab/maas/node-status.ts";
import {
  allowedStates,
  canDo,
  isFailed,
  isKnownStatus,
  isTransitional,
  NodeStatus,
  nodeStatuses,
  statusHelp,
  statusLabel,
} from "../../providers/maas/node-status.ts";
import type { MachineAction } from "../../providers/maas/node-status.ts";

/** facts: maas.md 3.1 */
const LABELS = [
  "New",
  "Commissioning",
  "Failed commissioning",
  "Missing",
  "Ready",
  "Reserved",
  "Deployed",
  "Retired",
  "Broken",
  "Deploying",
  "Allocated",
  "Failed deployment",
  "Releasing",
  "Releasing failed",
  "Disk erasing",
  "Failed disk erasing",
  "Rescue mode",
  "Entering rescue mode",
  "Failed to enter rescue mode",
  "Exiting rescue mode",
  "Failed to exit rescue mode",
  "Testing",
  "Failed testing",
];

test("there are 23 statuses with MAAS's numbers and texts, the same as the lab's", () => {
  assert.deepEqual(nodeStatuses.map(statusLabel), LABELS);
  assert.deepEqual(
    nodeStatuses,
    LABELS.map((_, number) => number),
  );
  assert.deepEqual(nodeStatuses.map(statusName), LABELS);
});

test("every status that has failed in its text is failed, and every one whose text is a motion is moving", () => {
  for (const status of nodeStatuses) {
    const label = statusLabel(status);
    if (/failed/i.test(label)) assert.ok(isFailed(status), label);
    else if (/ing\b/.test(label) && label !== "Missing") assert.ok(isTransitional(status), label);
    assert.ok(!(isFailed(status) && isTransitional(status)), label);
  }
});

test("the statuses that end a wait badly are those of the facts (maas.md 9)", () => {
  for (const status of [2, 8, 11, 13, 15, 20, 22]) assert.ok(isFailed(status), statusLabel(status));
  for (const status of [0, 1, 4, 6, 9, 10, 12, 14, 21]) assert.ok(!isFailed(status), statusLabel(status));
});

test("every status tells in a sentence what it means or what to do", () => {
  const helps = nodeStatuses.map(statusHelp);
  for (const help of helps) assert.match(help, /^[A-Z].*\.$/);
  assert.equal(new Set(helps).size, helps.length);
});

test("a status of a newer MAAS is news and not taken for a good or a bad one", () => {
  assert.equal(isKnownStatus(23), false);
  assert.equal(isFailed(23), false);
  assert.equal(isTransitional(23), false);
  assert.equal(statusLabel(23), "status 23");
  assert.match(statusHelp(23), /newer/);
});

/** Where an action takes a machine at once. Deploy from Ready goes by way of Allocated. */
const leadsTo = {
  abort: [
    NodeStatus.new,
    NodeStatus.allocated,
    NodeStatus.failedDiskErasing,
    NodeStatus.ready,
    NodeStatus.failedTesting,
  ],
  allocate: [NodeStatus.allocated],
  commission: [NodeStatus.commissioning],
  deploy: [NodeStatus.deploying, NodeStatus.allocated],
  markFixed: [NodeStatus.ready, NodeStatus.deployed],
  overrideFailedTesting: [NodeStatus.ready, NodeStatus.deployed],
  release: [NodeStatus.releasing, NodeStatus.diskErasing],
  test: [NodeStatus.testing],
} satisfies Partial<Record<MachineAction, readonly number[]>>;

/** A 200 that changes nothing. */
const nothingToDo = (action: string, status: number): boolean =>
  action === "release" && (status === NodeStatus.ready || status === NodeStatus.releasing);

for (const [action, targets] of Object.entries(leadsTo) as [MachineAction, readonly number[]][]) {
  test(`where the client may ${action}, the lab's rules have a way from there`, () => {
    const allowed = nodeStatuses.filter((status) => canDo(action, status) && !nothingToDo(action, status));
    assert.notEqual(allowed.length, 0);
    assert.deepEqual(
      allowed.filter((status) => !targets.some((target) => mayFollow(status, target))).map(statusLabel),
      [],
    );
  });
}

/** Recorded refusals: what MAAS answered with 409 or 400 (observed.jsonl, transcripts s03, s15, s17). */
const refused: [MachineAction, number][] = [
  ["deploy", NodeStatus.new],
  ["deploy", NodeStatus.deploying],
  ["deploy", NodeStatus.deployed],
  ["deploy", NodeStatus.failedDeployment],
  ["release", NodeStatus.new],
  ["release", NodeStatus.diskErasing],
  ["release", NodeStatus.failedTesting],
  ["abort", NodeStatus.new],
  ["abort", NodeStatus.failedDeployment],
  ["lock", NodeStatus.new],
  ["markFixed", NodeStatus.new],
  ["setWorkloadAnnotations", NodeStatus.new],
  ["test", NodeStatus.new],
  ["commission", NodeStatus.deploying],
  ["link", NodeStatus.deploying],
];

for (const [action, status] of refused) {
  test(`the client may not ${action} in ${statusLabel(status)}, as MAAS does not`, () => {
    assert.equal(canDo(action, status), false);
  });
}

test("the allowed states are named for messages", () => {
  assert.equal(allowedStates("deploy"), "Ready or Allocated");
  assert.equal(allowedStates("commission"), "New, Failed commissioning, Ready, or Broken");
});
