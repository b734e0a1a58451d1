/**
 * From Ready to Deployed: allocate with our mark in the same request, deploy, follow. Whatever an earlier run left half
 * done is gone on with, and what is not ours is never touched (facts: maas.md 2.7, 3.4, 3.6).
 */
import { milliseconds } from "../core/duration.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import { ensureBridges, hasBridges } from "./acquired-bridges.ts";
import type { DeployOptions } from "./api/machine-options.ts";
import type { Machine } from "./api/machines.ts";
import type { Inputs } from "./deployment.ts";
import { waitForMachine } from "./machine-wait.ts";
import { NodeStatus, statusHelp } from "./node-status.ts";
import { isOurs, MARK_ANNOTATION, releaseIfOurs } from "./releasing.ts";
import { checkRendered } from "./rendered-network.ts";
import type { MaasServices } from "./services.ts";
import { installationReport } from "./test-results.ts";
import { userData } from "./user-data.ts";

/** Typical for a NUC (facts: maas.md 3.7). */
const USUALLY_MS = 10 * 60_000;
/** Somebody else may move the machine between our look and our request; then look again, but not for ever. */
const ATTEMPTS = 6;

/** @param ours called as soon as the machine is ours, so that a failure from then on keeps it in the state */
export async function ensureDeployed(
  context: Context<MaasServices>,
  inputs: Inputs,
  mark: string,
  ours: (machine: Machine) => void,
): Promise<Machine> {
  const { services } = context;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const machine = await look(services, inputs);
    switch (machine.status) {
      case NodeStatus.ready:
        await allocate(context, inputs, mark, ours);
        break;
      case NodeStatus.releasing:
      case NodeStatus.diskErasing:
        await followRelease(context, inputs);
        break;
      default: {
        if (!(await isOurs(services, machine, mark))) throw notOurs(machine, inputs);
        ours(machine);
        const deployed = await goOn(context, machine, inputs, mark);
        if (deployed) return deployed;
      }
    }
  }
  throw new ProviderError(
    "wrong-state",
    `machine ${inputs.hostname} does not get to Deployed: its state changes under our hands. Somebody else seems to be ` +
      "working on it; run `pulumi up` again when it rests.",
  );
}

/** The next step of a machine that is ours; the machine when it is deployed, undefined to look again. */
async function goOn(
  context: Context<MaasServices>,
  machine: Machine,
  inputs: Inputs,
  mark: string,
): Promise<Machine | undefined> {
  switch (machine.status) {
    case NodeStatus.allocated: {
      const prepared = await ensureBridges(context, machine, inputs);
      await deploy(context, inputs, mark);
      await annotate(context, prepared, mark);
      await checkRendered(context.services, prepared);
      return await followToDeployed(context, inputs);
    }
    case NodeStatus.deploying:
      await annotate(context, machine, mark);
      await checkRendered(context.services, machine);
      return await followToDeployed(context, inputs);
    case NodeStatus.deployed:
      if (machine.osystem === "ubuntu" && machine.distro_series !== inputs.series) break;
      if (!hasBridges(machine, inputs)) break;
      await annotate(context, machine, mark);
      return machine;
    case NodeStatus.failedDeployment:
      break;
    default:
      throw new ProviderError(
        "wrong-state",
        `machine ${inputs.hostname} is ours but ${machine.status_name}. ${statusHelp(machine.status)}`,
      );
  }
  // MAAS deploys neither a failed nor a deployed machine again: it must be released first.
  context.progress(
    `${machine.status_name}${machine.distro_series === "" ? "" : ` (${machine.distro_series})`}: releasing to deploy anew`,
  );
  await releaseIfOurs(context, {
    systemId: inputs.machine,
    name: `machine ${inputs.hostname}`,
    mark,
    erase: {},
    timeoutMs: milliseconds(inputs.releaseTimeout),
  });
  return undefined;
}

async function look(services: MaasServices, inputs: Inputs): Promise<Machine> {
  const machine = await services.machineById(inputs.machine);
  if (machine) return machine;
  throw new ProviderError("gone", `There is no machine ${inputs.machine} (${inputs.hostname}) in MAAS.`);
}

async function allocate(
  context: Context<MaasServices>,
  inputs: Inputs,
  mark: string,
  ours: (machine: Machine) => void,
): Promise<void> {
  context.progress("Allocating");
  try {
    // Pinned by its system ID: without one MAAS may compose a virtual machine instead (peers.md 3, TFM #80).
    const options = { system_id: inputs.machine, agent_name: mark, comment: "Allocated by Metalform" };
    ours(await context.services.client.machines.allocate(options));
  } catch (error) {
    // Not Ready any more, or the answer was lost: looking again tells whose it is.
    if (!isError(error, "ambiguous", "wrong-state", "conflict", "server-error")) throw error;
  }
}

async function deploy(context: Context<MaasServices>, inputs: Inputs, mark: string): Promise<void> {
  context.progress(`Powering on to install ${inputs.series}`);
  const data = userData(inputs.userData, inputs.sshKeys);
  const options: DeployOptions = {
    distro_series: inputs.series,
    agent_name: mark,
    ...(inputs.kernel === undefined ? {} : { hwe_kernel: inputs.kernel }),
    ...(data === undefined ? {} : { user_data: Buffer.from(data).toString("base64") }),
  };
  try {
    await context.services.client.machines.deploy(inputs.machine, options);
  } catch (error) {
    const now = await look(context.services, inputs);
    if (now.status !== NodeStatus.allocated) return;
    if (!isError(error, "power-failed", "server-error", "ambiguous", "unreachable")) throw error;
    throw new ProviderError(
      "power-failed",
      `machine ${inputs.hostname} could not be powered on to install ${inputs.series}; it stays allocated to this stack: ` +
        `${messageOf(error)} Check its power address and password, then run \`pulumi up\` again.`,
      { cause: error },
    );
  }
}

/** Whose it is, for people to read in MAAS, and the mark once more; MAAS itself takes all of it away at release. */
async function annotate(context: Context<MaasServices>, machine: Machine, mark: string): Promise<void> {
  const [, stack = "", project = ""] = /^urn:pulumi:([^:]*)::([^:]*)::/.exec(context.urn) ?? [];
  const wanted = { "deployed-by": "metalform", stack: `${project}/${stack}`, [MARK_ANNOTATION]: mark };
  if (machine.owner_data[MARK_ANNOTATION] === mark) return;
  try {
    await context.services.client.machines.setWorkloadAnnotations(machine.system_id, wanted);
  } catch (error) {
    context.warn(`machine ${machine.hostname} could not be annotated: ${messageOf(error)}`);
  }
}

async function followToDeployed(context: Context<MaasServices>, inputs: Inputs): Promise<Machine> {
  return await waitForMachine(context, {
    systemId: inputs.machine,
    name: `machine ${inputs.hostname}`,
    phase: `Deploying ${inputs.series}`,
    takes: `deploy ${inputs.series}`,
    usuallyMs: USUALLY_MS,
    until: "Deployed",
    timeoutMs: milliseconds(inputs.deployTimeout),
    done: (seen) => seen.status === NodeStatus.deployed,
    failed: async (seen) => {
      if (seen.status === NodeStatus.deploying) return undefined;
      const said = seen.error_description === "" ? "" : ` MAAS says: ${seen.error_description}`;
      const report = await installationReport(context.services.client, inputs.machine);
      return new ProviderError(
        "deploy-failed",
        `machine ${inputs.hostname} became ${seen.status_name} while deploying ${inputs.series}.${said}` +
          `${report === "" ? "" : `\n${report}`}\nRun \`pulumi up\` again to release it and deploy anew.`,
      );
    },
  });
}

async function followRelease(context: Context<MaasServices>, inputs: Inputs): Promise<void> {
  await waitForMachine(context, {
    systemId: inputs.machine,
    name: `machine ${inputs.hostname}`,
    phase: "Being released by an earlier run",
    takes: "release",
    usuallyMs: 60_000,
    until: "Ready",
    timeoutMs: milliseconds(inputs.releaseTimeout),
    done: (seen) => seen.status !== NodeStatus.releasing && seen.status !== NodeStatus.diskErasing,
    failed: () => undefined,
  });
}

function notOurs(machine: Machine, inputs: Inputs): ProviderError {
  const owner = machine.owner ?? "nobody";
  const stack = machine.owner_data["stack"];
  return new ProviderError(
    "not-ours",
    `machine ${inputs.hostname} (${inputs.machine}) is ${machine.status_name}, owned by ${owner}` +
      `${stack === undefined ? "" : ` (stack ${stack})`}, not by this stack: it is left alone. ${statusHelp(machine.status)}`,
  );
}
