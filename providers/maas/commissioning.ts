/**
 * Commissioning and hardware tests: from whatever state a machine is in to Ready, or to an error that shows what
 * failed. Commissioned means status Ready *and* commissioning passed; Ready with an owner is what a failed power action
 * leaves behind (facts: maas.md 3.3, 3.6, 9).
 */
import { milliseconds } from "../core/duration.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import type { CommissionOptions } from "./api/machine-options.ts";
import type { Machine } from "./api/machines.ts";
import { ScriptStatus } from "./api/results.ts";
import type { Inputs } from "./machine.ts";
import { waitForMachine } from "./machine-wait.ts";
import { NodeStatus, statusHelp } from "./node-status.ts";
import type { MaasServices } from "./services.ts";
import { failureReport } from "./test-results.ts";

export type TestPolicy = "fail" | "warn" | "override";
export const testPolicies: TestPolicy[] = ["fail", "warn", "override"];

/** Typical for a NUC (facts: maas.md 3.7). */
const USUALLY_MS = 6 * 60_000;
/** Somebody else may move the machine between our look and our request; then look again, but not for ever. */
const ATTEMPTS = 6;

const IN_USE: number[] = [
  NodeStatus.allocated,
  NodeStatus.deploying,
  NodeStatus.deployed,
  NodeStatus.reserved,
  NodeStatus.failedDeployment,
];
export const isInUse = (status: number): boolean => IN_USE.includes(status);

const ON_THE_WAY_BACK: number[] = [NodeStatus.releasing, NodeStatus.diskErasing];
const RUNNING: number[] = [NodeStatus.commissioning, NodeStatus.testing];

/** @param again what to repeat although the machine is Ready, after a change of the tests, say */
export async function ensureCommissioned(
  context: Context<MaasServices>,
  found: Machine,
  inputs: Inputs,
  again?: "commission" | "test",
): Promise<Machine> {
  let machine = found;
  let repeat = again;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const status = machine.status;
    if (status === NodeStatus.ready && isCommissioned(machine)) {
      if (repeat === undefined) return machine;
      machine = await start(context, machine, inputs, repeat);
      repeat = undefined;
    } else if (IN_USE.includes(status)) {
      if (repeat !== undefined)
        context.warn(`${nameOf(machine)} is ${machine.status_name}: it is tested when it is Ready again.`);
      return machine;
    } else if (RUNNING.includes(status)) {
      machine = await followToReady(context, machine, inputs);
    } else if (ON_THE_WAY_BACK.includes(status)) {
      machine = await settle(context, machine, inputs);
    } else if (status === NodeStatus.failedTesting) {
      const left = await judgeFailedTests(context, machine, inputs, attempt > 0);
      if (left) return left;
      machine = await reread(context, machine);
    } else if (status === NodeStatus.broken && machine.commissioning_status === ScriptStatus.passed) {
      // Whoever deploys decides whether that is the end (`onFailure` of a Deployment).
      context.warn(`${nameOf(machine)} is Broken in MAAS: ${machine.error_description}. ${statusHelp(status)}`);
      return machine;
    } else if (canCommission(status)) {
      machine = await start(context, machine, inputs, "commission");
    } else {
      throw new ProviderError("wrong-state", `${nameOf(machine)} is ${machine.status_name}. ${statusHelp(status)}`);
    }
  }
  throw new ProviderError(
    "wrong-state",
    `${nameOf(machine)} is ${machine.status_name} again and again; somebody else seems to be working on it. ` +
      "Run `pulumi up` again when it rests.",
  );
}

const isCommissioned = (machine: Machine): boolean =>
  machine.commissioning_status === ScriptStatus.passed && machine.owner === null;

const canCommission = (status: number): boolean =>
  status === NodeStatus.new || status === NodeStatus.failedCommissioning || status === NodeStatus.ready;

/** Asks MAAS to begin; when the answer is bad or lost, looks at what came of it (facts: maas.md 3.6). */
async function start(
  context: Context<MaasServices>,
  machine: Machine,
  inputs: Inputs,
  what: "commission" | "test",
): Promise<Machine> {
  const { machines } = context.services.client;
  const scripts = inputs.testingScripts.length === 0 ? "none" : inputs.testingScripts.join(",");
  if (what === "test" && inputs.testingScripts.length === 0) return machine;
  context.progress(what === "commission" ? "Powering on for commissioning" : "Powering on for hardware tests");
  try {
    return what === "commission"
      ? await machines.commission(machine.system_id, { testing_scripts: scripts, ...kept(machine) })
      : await machines.test(machine.system_id, { testing_scripts: scripts });
  } catch (error) {
    const now = await reread(context, machine);
    if (RUNNING.includes(now.status)) return now;
    if (isError(error, "server-error", "ambiguous", "unreachable", "power-failed")) {
      throw new ProviderError(
        "power-failed",
        `${nameOf(machine)} could not be powered on for ${what === "commission" ? "commissioning" : "tests"} (it is ` +
          `${now.status_name}): ${messageOf(error)} Check its power address, its password and that it has mains power; ` +
          "then run `pulumi up` again.",
        { cause: error },
      );
    }
    if (now.status !== machine.status) return now;
    throw error;
  }
}

/**
 * Commissioned again, a machine keeps what somebody has laid out since: MAAS would clear all links and storage at once, and
 * delete bridges, bonds and VLAN interfaces, which the commissioning system does not see (facts: maas.md trap 17).
 */
function kept(machine: Machine): CommissionOptions {
  if (machine.commissioning_status !== ScriptStatus.passed) return {};
  const hasNetwork = machine.interface_set.some(
    ({ type, links }) => type !== "physical" || links.some(({ mode }) => mode === "static"),
  );
  const hasStorage = [machine.volume_groups, machine.bcaches, machine.raids].some((groups) => groups.length > 0);
  return { ...(hasNetwork ? { skip_networking: true } : {}), ...(hasStorage ? { skip_storage: true } : {}) };
}

/** Follows a commissioning or a test that runs. */
async function followToReady(context: Context<MaasServices>, machine: Machine, inputs: Inputs): Promise<Machine> {
  return await waitForMachine(context, {
    systemId: machine.system_id,
    name: nameOf(machine),
    phase: "Commissioning",
    takes: `commission ${inputs.testingScripts.join(" ")}`.trim(),
    usuallyMs: USUALLY_MS,
    until: "Ready",
    timeoutMs: milliseconds(inputs.commissionTimeout),
    // Whoever is faster than our next look may have taken it by now: commissioned it is all the same.
    done: (seen) =>
      seen.status === NodeStatus.failedTesting || (settled(seen) && seen.commissioning_status === ScriptStatus.passed),
    failed: (seen) => commissioningFailure(context, seen),
  });
}

const settled = (machine: Machine): boolean => machine.status === NodeStatus.ready || IN_USE.includes(machine.status);

async function commissioningFailure(context: Context<MaasServices>, seen: Machine): Promise<ProviderError | undefined> {
  const { client } = context.services;
  switch (seen.status) {
    case NodeStatus.commissioning:
    case NodeStatus.testing:
      return undefined;
    case NodeStatus.failedCommissioning:
      return new ProviderError(
        "commission-failed",
        [
          `${nameOf(seen)} failed commissioning${said(seen)}.`,
          await failureReport(client, seen.system_id, "commissioning"),
          "Put the machine right, then run `pulumi up` again: it is commissioned anew.",
        ]
          .filter((line) => line !== "")
          .join("\n"),
      );
    case NodeStatus.new:
    case NodeStatus.ready:
      return new ProviderError(
        "commission-failed",
        `${nameOf(seen)} went back to ${seen.status_name} without having been commissioned${said(seen)}: it was aborted, or ` +
          "its power did not come on. Check its power address and password, then run `pulumi up` again.",
      );
    default:
      return new ProviderError("wrong-state", `${nameOf(seen)} became ${seen.status_name}. ${statusHelp(seen.status)}`);
  }
}

/** What to do about failed tests: the machine to go on with, or undefined to look again. */
async function judgeFailedTests(
  context: Context<MaasServices>,
  machine: Machine,
  inputs: Inputs,
  justTested: boolean,
): Promise<Machine | undefined> {
  const { client } = context.services;
  if (inputs.onTestFailure !== "override" && !justTested && inputs.testingScripts.length > 0) {
    await start(context, machine, inputs, "test");
    return undefined;
  }
  const report = await failureReport(client, machine.system_id, "testing");
  const failure = `${nameOf(machine)} failed its hardware tests${said(machine)}.${report === "" ? "" : `\n${report}`}`;
  if (inputs.onTestFailure === "fail") {
    throw new ProviderError(
      "test-failed",
      `${failure}\nReplace what is broken and run \`pulumi up\` again to test anew, or set onTestFailure to "override".`,
    );
  }
  if (inputs.onTestFailure === "warn") {
    context.warn(`${failure}\nIt stays in Failed testing (onTestFailure: warn) and cannot be deployed.`);
    return machine;
  }
  context.warn(`${failure}\nIt is marked Ready all the same (onTestFailure: override).`);
  await client.machines.overrideFailedTesting(machine.system_id);
  return undefined;
}

/** Waits for a transition that runs to its end, whatever it is; used before a machine is left alone or looked at. */
export async function settle(context: Context<MaasServices>, machine: Machine, inputs: Inputs): Promise<Machine> {
  const moving = [...RUNNING, ...ON_THE_WAY_BACK];
  if (!moving.includes(machine.status)) return machine;
  return await waitForMachine(context, {
    systemId: machine.system_id,
    name: nameOf(machine),
    phase: machine.status_name,
    takes: `settle ${machine.status_name}`,
    usuallyMs: USUALLY_MS,
    until: "at rest",
    timeoutMs: milliseconds(inputs.commissionTimeout),
    done: (seen) => !moving.includes(seen.status),
    failed: () => undefined,
  });
}

async function reread(context: Context<MaasServices>, machine: Machine): Promise<Machine> {
  const now = await context.services.machineById(machine.system_id);
  if (now) return now;
  throw new ProviderError("gone", `${nameOf(machine)} was deleted from MAAS meanwhile.`);
}

const said = (machine: Machine): string =>
  machine.status_message === null ? "" : ` (MAAS says: ${machine.status_message})`;

const nameOf = (machine: Machine): string => `machine ${machine.hostname} (${machine.system_id})`;
