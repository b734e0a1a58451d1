/**
 * Giving a machine back. Whose it is is read first, by the mark that went to MAAS when it was taken: a release asked for
 * twice, or after somebody else took the machine, does nothing (facts: maas.md 2.7, 3.5, 3.6).
 */
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { ErrorCode } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import type { ReleaseOptions } from "./api/machine-options.ts";
import type { Machine } from "./api/machines.ts";
import { waitForMachine } from "./machine-wait.ts";
import { NodeStatus, statusHelp } from "./node-status.ts";
import type { MaasServices } from "./services.ts";

/** Typical for a NUC (facts: maas.md 3.7). */
const USUALLY_MS = 60_000;
const ERASE_USUALLY_MS = 6 * 60_000;
const ATTEMPTS = 3;
/** After these the machine may be released all the same, or somebody else moved it. */
const WORTH_A_LOOK: ErrorCode[] = ["ambiguous", "conflict", "power-failed", "server-error", "wrong-state"];

const FREE: number[] = [NodeStatus.ready, NodeStatus.new];
const LEAVING: number[] = [NodeStatus.releasing, NodeStatus.diskErasing];
const RELEASABLE: number[] = [
  NodeStatus.allocated,
  NodeStatus.reserved,
  NodeStatus.broken,
  NodeStatus.deploying,
  NodeStatus.deployed,
  NodeStatus.failedDeployment,
  NodeStatus.failedDiskErasing,
  NodeStatus.failedReleasing,
];

const FAILED: number[] = [NodeStatus.failedReleasing, NodeStatus.failedDiskErasing];

export interface Erase {
  /** Overwrite the disks on release: hours on large ones. @default false */
  full?: boolean;
  /** Only the beginning and the end of each disk: minutes. @default false */
  quick?: boolean;
  /** The disk's own secure erase, where it has one. @default false */
  secure?: boolean;
}

export interface Release {
  systemId: string;
  /** For messages: "machine server1". */
  name: string;
  mark: string;
  erase: Erase;
  timeoutMs: number;
}

/** The workload annotation that repeats the mark (deploying.ts writes it). */
export const MARK_ANNOTATION = "metalform-mark";

/**
 * By the annotation, which stays until a release has ended well; else by agent_name, which MAAS clears already when a
 * release begins, also one whose power action then fails (facts: maas.md 3.6). That one is not part of MAAS's answers, only
 * a filter: one question for one machine.
 */
export async function isOurs(services: MaasServices, machine: Machine, mark: string): Promise<boolean> {
  if (machine.owner === null) return false;
  if (machine.owner_data[MARK_ANNOTATION] === mark) return true;
  const marked = await services.client.machines.list({ id: [machine.system_id], agent_name: [mark] });
  return marked.length === 1;
}

/** Ends with the machine Ready (or New, where MAAS wants it commissioned anew), or not ours. */
export async function releaseIfOurs(context: Context<MaasServices>, release: Release): Promise<void> {
  const { services } = context;
  for (let attempt = 1; ; attempt++) {
    const machine = await services.machineById(release.systemId);
    if (!machine || (FREE.includes(machine.status) && machine.owner === null)) return;
    // From Releasing on the mark may be gone, and what MAAS does it does whoever asked for it.
    if (!LEAVING.includes(machine.status)) {
      if (!(await isOurs(services, machine, release.mark))) {
        context.warn(
          `${release.name} is ${machine.status_name}, owned by ${machine.owner ?? "nobody"}, and not as we left it: ` +
            "somebody else released or took it. It is left alone.",
        );
        return;
      }
      if (machine.locked) {
        throw new ProviderError(
          "not-allowed",
          `${release.name} is locked in MAAS. Unlock it (Take action > Unlock), then run this again.`,
        );
      }
      if (!RELEASABLE.includes(machine.status)) {
        throw new ProviderError(
          "wrong-state",
          `${release.name} cannot be released while it is ${machine.status_name}. ${statusHelp(machine.status)}`,
        );
      }
      if (!(await askRelease(context, release, attempt))) continue;
    }
    await followToFree(context, release);
    return;
  }
}

/** @returns false when it must be looked at again, since MAAS answered badly or somebody moved the machine */
async function askRelease(context: Context<MaasServices>, release: Release, attempt: number): Promise<boolean> {
  context.progress("Releasing");
  try {
    const options: ReleaseOptions = {
      comment: "Released by Metalform",
      ...(release.erase.full === true ? { erase: true } : {}),
      ...(release.erase.quick === true ? { erase: true, quick_erase: true } : {}),
      ...(release.erase.secure === true ? { erase: true, secure_erase: true } : {}),
    };
    await context.services.client.machines.release(release.systemId, options);
    return true;
  } catch (error) {
    if (attempt < ATTEMPTS && isError(error, ...WORTH_A_LOOK)) return false;
    if (isError(error, "power-failed", "server-error", "ambiguous")) {
      throw new ProviderError(
        "release-failed",
        `${release.name} was not released: ${messageOf(error)} Most likely its power could not be switched off. Check its ` +
          "power address and password; with a dead BMC, set its power type to manual in MAAS, then run this again.",
        { cause: error },
      );
    }
    throw error;
  }
}

async function followToFree(context: Context<MaasServices>, release: Release): Promise<void> {
  const erases = Object.values(release.erase).includes(true);
  const freed = await waitForMachine(context, {
    systemId: release.systemId,
    name: release.name,
    phase: erases ? "Releasing, erasing its disks" : "Releasing",
    takes: erases ? "release with erase" : "release",
    usuallyMs: erases ? ERASE_USUALLY_MS : USUALLY_MS,
    until: "Ready",
    timeoutMs: release.timeoutMs,
    // As soon as it is free somebody else may have it, or commission it: that is no matter of ours any more.
    done: (seen) => !LEAVING.includes(seen.status) && !FAILED.includes(seen.status),
    failed: (seen) =>
      LEAVING.includes(seen.status)
        ? undefined
        : new ProviderError("release-failed", `${release.name} became ${seen.status_name}. ${statusHelp(seen.status)}`),
  });
  if (freed.status === NodeStatus.new) {
    context.warn(
      `${release.name} is New after its release: its last commissioning had not passed. The next up commissions it.`,
    );
  }
}
