/**
 * A machine at work: allocated to this stack, with an operating system on it. Deleting it releases the machine, after
 * making sure that it is still ours: nobody else's machine is ever released.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Duration } from "../core/duration.ts";
import { milliseconds } from "../core/duration.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { ownershipMark } from "../core/ownership.ts";
import { stackId } from "../core/stack-identity.ts";
import { bridgesOf, checkBridges, normaliseBridges } from "./acquired-bridges.ts";
import type { AcquiredBridge, AcquiredBridgeArgs } from "./acquired-bridges.ts";
import type { Machine } from "./api/machines.ts";
import { addressProblem, hostnameProblem } from "./addresses.ts";
import { deployedOrBroken, isBroken, staysBroken } from "./broken.ts";
import { isOurs, releaseIfOurs } from "./releasing.ts";
import type { Erase } from "./releasing.ts";
import { checkSeries, kernelProblem } from "./series.ts";
import type { MaasServices } from "./services.ts";
import { sshKeyProblem, userDataProblem } from "./user-data.ts";

export interface DeploymentArgs {
  /** System ID of the machine (`machine.id`). Changing this replaces: the old machine is released. */
  machine: pulumi.Input<string>;
  /** The machine's hostname, for messages. @default its system ID */
  hostname?: pulumi.Input<string>;
  /** Ubuntu series, e.g. "jammy". Changing this redeploys the machine. @default "jammy" */
  series?: pulumi.Input<string>;
  /** Kernel, e.g. "ga-22.04" or "hwe-22.04". Changing this redeploys the machine. @default MAAS's choice */
  kernel?: pulumi.Input<string>;
  /** Cloud-init user-data as text, sent as it is. Changing this redeploys the machine. */
  userData?: pulumi.Input<string>;
  /**
   * Public SSH keys for the user `ubuntu` of this machine alone, beside those of the MAAS user (`SshKey`).
   * Changing this redeploys the machine.
   */
  sshKeys?: pulumi.Input<pulumi.Input<string>[]>;
  /** Erase the disks on release; at most one way of it. @default none */
  erase?: pulumi.Input<Erase>;
  /**
   * Addresses that its cards must have when it is installed (`interfaceLink.address`): they tell the order, links before
   * the deployment. Changing them redeploys the machine, since MAAS changes links only while nothing runs.
   */
  staticAddresses?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Ids of what must be as the program says when it is installed and has no address of its own: a bond, a card, a storage
   * layout (`bond.id`, `storageLayout.id`). They tell the order like `staticAddresses`. Changing them redeploys the machine.
   */
  layout?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Bridges that come and go with this deployment: they take over the links of their cards, and MAAS undoes them at release.
   * Bridges of the machine itself are `OvsBridge` and `Bridge`. Changing them redeploys the machine. @default none
   */
  acquiredBridges?: pulumi.Input<pulumi.Input<AcquiredBridgeArgs>[]>;
  /**
   * What to do with a machine that does not get to Deployed. `fail`: it stays as it is, in our hands, and the run fails. `broken`:
   * it is given back and marked broken in MAAS with the reason as comment, the output `failure` tells it, and the run goes on. One
   * that is Broken already is left so. @default "fail"
   */
  onFailure?: pulumi.Input<"fail" | "broken">;
  /** How long a deployment may take. @default "45 minutes" */
  deployTimeout?: pulumi.Input<Duration>;
  /** How long a release may take, erasing included. @default "15 minutes", with erase "12 hours" */
  releaseTimeout?: pulumi.Input<Duration>;
}

export interface Inputs {
  machine: string;
  hostname: string;
  series: string;
  kernel?: string;
  userData?: string;
  sshKeys: string[];
  staticAddresses: string[];
  layout?: string[];
  acquiredBridges?: AcquiredBridge[];
  onFailure?: "broken";
  erase: Erase;
  deployTimeout: Duration;
  releaseTimeout: Duration;
  /** This stack's identity; part of the ownership mark. */
  stackId: string;
}

export interface State extends Inputs {
  /** What MAAS knows the machine by as ours (agent_name). */
  mark: string;
  status: string;
  fqdn: string;
  addresses: string[];
  osystem: string;
  /** MAAS's id of what the installation printed: another one after each installation. */
  installation: string;
  /** Why it could not be deployed, of a machine that is marked broken; "" of one that works. */
  failure: string;
}

const OUTPUTS = ["mark", "status", "fqdn", "addresses", "osystem", "installation", "failure"] as const;
const REDEPLOYS =
  "redeploys the machine: it is released, then installed anew; what runs on it stops and what is on its disks is lost";

export const deployment: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    machine: { replace: "another machine: the old one is released", evenUnknown: true },
    series: { redeploy: REDEPLOYS },
    kernel: { redeploy: REDEPLOYS },
    userData: { redeploy: REDEPLOYS },
    sshKeys: { redeploy: REDEPLOYS },
    staticAddresses: { redeploy: REDEPLOYS, evenUnknown: true },
    layout: { redeploy: REDEPLOYS, evenUnknown: true },
    acquiredBridges: { redeploy: REDEPLOYS },
    onFailure: "update",
    hostname: "update",
    erase: "update",
    deployTimeout: "ignore",
    releaseTimeout: "update",
    stackId: "ignore",
  },
  // One machine cannot have two deployments.
  deleteBeforeReplace: true,
  // As long as there is a deployment, its machine is at work.
  inUse: () => Promise.resolve(true),

  normalise: (inputs) => ({
    ...inputs,
    ...(inputs.hostname === undefined && inputs.machine !== undefined ? { hostname: inputs.machine } : {}),
    series: withoutSystem(inputs.series ?? "jammy"),
    sshKeys: Array.isArray(inputs.sshKeys) ? [...inputs.sshKeys].sort() : (inputs.sshKeys ?? []),
    staticAddresses: inputs.staticAddresses ?? [],
    // Nothing is written down where there is nothing: states of before have neither.
    layout: leaveOutNone(inputs.layout),
    acquiredBridges: normaliseBridges(inputs.acquiredBridges) as AcquiredBridge[],
    onFailure: (inputs.onFailure === "fail" ? undefined : inputs.onFailure) as "broken",
    erase: inputs.erase ?? {},
    deployTimeout: inputs.deployTimeout ?? "45 minutes",
    releaseTimeout: inputs.releaseTimeout ?? (erases(inputs.erase) ? "12 hours" : "15 minutes"),
  }),

  async check(check, { services, urn, warn }) {
    check.onlyKnown([...Object.keys(deployment.changes), ...OUTPUTS]);
    check.required("machine", "`server1.id`, the output of a Machine");
    check.text("machine");
    check.text("hostname", hostnameProblem);
    check.text("kernel", kernelProblem);
    check.text("userData", userDataProblem);
    check.texts("sshKeys", sshKeyProblem);
    check.texts("staticAddresses", addressProblem);
    check.texts("layout");
    checkBridges(check, urn);
    check.oneOf("onFailure", ["fail", "broken"]);
    check.onlyKnown(["full", "quick", "secure"], "erase");
    for (const way of ["full", "quick", "secure"]) check.flag(`erase.${way}`);
    const ways = ["full", "quick", "secure"].filter((way) => check.value(`erase.${way}`) === true);
    if (ways.length > 1) {
      check.fail("erase", `has ${ways.join(" and ")}, which contradict each other; write one of them`);
    }
    check.duration("deployTimeout");
    check.duration("releaseTimeout");
    await checkSeries(check, services, warn);
  },

  async create(context, inputs) {
    const mark = ownershipMark(inputs.stackId, context.urn);
    const { machine, failure } = await deployedOrBroken(context, inputs, mark, (ours) => {
      context.created(inputs.machine, toState(inputs, ours, mark));
    });
    return { id: inputs.machine, state: toState(inputs, machine, mark, failure) };
  },

  async leftBehind({ services, urn }, inputs) {
    const mark = ownershipMark(inputs.stackId, urn);
    const found = await services.machineById(inputs.machine);
    if (!found || !(await isOurs(services, found, mark))) return undefined;
    return { id: inputs.machine, state: toState(inputs, found, mark) };
  },

  async read(context, id, state) {
    const found = await context.services.machineById(id);
    if (!found) return undefined;
    // Marked broken it is nobody's; marked fixed since, it is to be deployed anew.
    const isPutAside = Boolean(state.failure) && isBroken(found);
    if (!isPutAside && !(await isOurs(context.services, found, state.mark))) return undefined;
    const series = found.distro_series === "" ? state.series : found.distro_series;
    return {
      ...toState(state, found, state.mark, isPutAside ? state.failure : ""),
      series,
      ...(state.acquiredBridges === undefined ? {} : { acquiredBridges: bridgesOf(found, state.acquiredBridges) }),
    };
  },

  async update(context, _id, old, inputs) {
    // A renamed resource keeps the mark under which it took the machine.
    const mark = old.mark;
    const { machine, failure } = await deployedOrBroken(context, inputs, mark, () => undefined);
    return toState(inputs, machine, mark, failure);
  },

  async delete(context, id, state) {
    if (state.failure && (await staysBroken(context, id, state.hostname))) return;
    await releaseIfOurs(context, {
      systemId: id,
      name: `machine ${state.hostname}`,
      mark: state.mark,
      erase: state.erase,
      timeoutMs: milliseconds(state.releaseTimeout),
    });
  },
};

const toState = (inputs: Inputs, machine: Machine, mark: string, failure = ""): State => ({
  ...inputs,
  failure,
  mark,
  status: machine.status_name,
  fqdn: machine.fqdn,
  addresses: machine.ip_addresses,
  osystem: machine.osystem,
  installation: String(machine.current_installation_result_id ?? ""),
});

const leaveOutNone = (list: string[] | string | undefined): string[] =>
  (Array.isArray(list) && list.length === 0 ? undefined : list) as string[];

/** MAAS itself says "ubuntu/jammy" in places. What is no text is left for the check to tell. */
const withoutSystem = (series: unknown): string =>
  typeof series === "string" ? series.replace(/^ubuntu\//, "") : (series as string);

const erases = (erase: Erase | string | undefined): boolean =>
  typeof erase === "object" && Object.values(erase).includes(true);

export class Deployment extends DynamicResource {
  declare readonly status: pulumi.Output<string>;
  declare readonly fqdn: pulumi.Output<string>;
  /** Addresses of the running machine. */
  declare readonly addresses: pulumi.Output<string[]>;
  declare readonly osystem: pulumi.Output<string>;
  /** Another one after each installation: for what has to be done over then. */
  declare readonly installation: pulumi.Output<string>;
  declare readonly series: pulumi.Output<string>;
  /** Why it could not be deployed (`onFailure: "broken"`); "" when it could. */
  declare readonly failure: pulumi.Output<string>;

  constructor(name: string, args: DeploymentArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Deployment", name, { ...args, stackId: stackId() }, OUTPUTS, options);
  }
}
