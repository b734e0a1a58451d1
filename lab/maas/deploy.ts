/** Deploying: every check before any change, then the machine is on its way (facts: maas.md 2.7, 3.4; transcript s15). */
import { machineFor, may } from "./access.ts";
import { acquire, readAcquireOptions, type AcquireOptions } from "./acquire.ts";
import { committed, type AfterCommit } from "./after-commit.ts";
import { caller } from "./caller.ts";
import { configValue } from "./config.ts";
import { storageIssues } from "./curtin-storage.ts";
import { addEvent, addRequest } from "./events.ts";
import { FormErrors } from "./form.ts";
import { findSeries, hasImage, seriesChoices, type Series } from "./images.ts";
import { workingKernel } from "./kernels.ts";
import { bootInterface, interfacesOf, isOnNetwork, linksOf } from "./links.ts";
import type { Machine } from "./machine-state.ts";
import { changeStatus, load } from "./machine-status.ts";
import { mayFollow, status, statusName } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { ApiError } from "./operation.ts";
import { fieldErrors, forbidden, refusal } from "./reply.ts";
import { nodeToken } from "./node-token.ts";
import { startInstallationSet } from "./script-sets.ts";
import { startMachine } from "./start.ts";
import type { LabState, User } from "./state.ts";
import { blockDevicesOf } from "./storage.ts";

interface Target extends Series {
  kernel: string;
}

/** Who may, and in which state: first the user's rights, then the machine's status (409). */
function checkState(call: Call, machine: Machine, options: AcquireOptions): void {
  const user = caller(call);
  const isAdmin = may(user, machine, "admin");
  if (options.installRackd && !isAdmin) throw forbidden("Only administrators can deploy MAAS racks");
  const hostsVms = options.installKvm || options.registerVmhost;
  if (hostsVms && !isAdmin) throw forbidden("Only administratros can deploy VM hosts");
  if (hostsVms && isEphemeral(call.state, machine, options))
    throw refusal(400, "A machine can not be a VM host if it is deployed to memory.");
  if (machine.status === status.ready && machine.ownerId !== null && machine.ownerId !== user.id)
    throw refusal(409, "Can't allocate a machine belonging to another user.");
  const afterAcquire = machine.status === status.ready ? status.allocated : machine.status;
  if (!mayFollow(afterAcquire, status.deploying) || afterAcquire === status.deploying)
    throw refusal(409, `Can't deploy a machine that is in the '${statusName(machine.status)}' state`);
}

/** A machine without disks runs from memory. */
const isEphemeral = (state: LabState, machine: Machine, options: AcquireOptions): boolean =>
  options.ephemeralDeploy || blockDevicesOf(state, machine).length === 0;

function readTarget({ state, form }: Call, machine: Machine): Target {
  const errors = new FormErrors();
  const sent = form.get("distro_series");
  const fallback = configValue(state, "default_distro_series");
  const text = sent === undefined || sent === "" ? (typeof fallback === "string" ? fallback : "") : sent;
  const series = findSeries(state, text);
  if (!series) {
    const choices = ["", ...seriesChoices(state)].map((choice) => `'${choice}'`).join(", ");
    errors.add("distro_series", `'${text}' is not a valid distro_series.  It should be one of: ${choices}.`);
    throw errors.error();
  }
  const kernel = workingKernel(state, series, {
    wanted: form.get("hwe_kernel") ?? "",
    minimum: machine.minHweKernel,
    architecture: machine.architecture,
  });
  if ("error" in kernel) {
    errors.add("hwe_kernel", kernel.error);
    throw errors.error();
  }
  return { ...series, kernel: kernel.kernel };
}

/** What MAAS finds only when it starts the machine; all of it is told before anything changes. */
function checkReadiness(state: LabState, machine: Machine, target: Series, ephemeral: boolean): void {
  if (!sharesAddressFamily(state, machine))
    throw fieldErrors({ network: ["Node has no address family in common with the server"] });
  if (!hasImage(state, target, machine.architecture))
    throw refusal(
      400,
      `Deployment operating system ${target.osystem}/${target.series} is unavailable for ${machine.architecture}.`,
    );
  if (!isOnNetwork(state, machine)) throw fieldErrors({ network: ["Node must be configured to use a network"] });
  const issues = ephemeral ? [] : storageIssues(state, machine, target.osystem);
  if (issues.length > 0) throw fieldErrors({ storage: issues });
}

/** Only checked where the VLAN of the boot interface serves DHCP and has a primary rack. */
function sharesAddressFamily(state: LabState, machine: Machine): boolean {
  const vlanId = bootInterface(state, machine)?.vlanId ?? null;
  const vlan = vlanId === null ? undefined : state.vlans[vlanId];
  if (!vlan?.dhcpOn || vlan.primaryRack === null || !state.controllers[vlan.primaryRack]) return true;
  const links = interfacesOf(state, machine).flatMap((nic) => linksOf(state, nic));
  return links.some((link) => link.subnetId !== null || link.allocType === 5);
}

/** The user's `user_data` is base64 text, decoded when the machine fetches it. */
function startDeploying(
  state: LabState,
  machine: Machine,
  user: User,
  request: { target: Target; options: AcquireOptions; userData: string | undefined },
  after: AfterCommit,
): void {
  const { options, target, userData } = request;
  if (machine.status === status.ready) acquire(state, machine, user, options);
  machine.osystem = target.osystem;
  machine.distroSeries = target.series;
  machine.hweKernel = target.kernel;
  machine.ephemeralDeploy = isEphemeral(state, machine, options);
  machine.enableHwSync = options.enableHwSync;
  nodeToken(machine);
  startDeployment(state, machine, user, { comment: options.comment, userData }, after);
}

/** From Allocated: also what power_on does there. */
export function startDeployment(
  state: LabState,
  machine: Machine,
  user: User,
  request: { comment: string | undefined; userData: string | undefined },
  after: AfterCommit,
): void {
  const loaded = load(machine);
  addRequest(state, machine, "requestDeployment", user, "start", request.comment);
  machine.userData = request.userData ?? null;
  changeStatus(loaded, status.deploying);
  if (!machine.ephemeralDeploy) startInstallationSet(state, machine);
  addEvent(state, machine, "deploying");
  startMachine(state, loaded, after, { user, oldStatus: loaded.statusAtLoad, claimAddresses: true, mayCycle: true });
}

/** Checks of a start from Allocated without naming a series: the stored one, else the default. */
export function checkDeployable(state: LabState, machine: Machine): void {
  const fallback = configValue(state, "default_distro_series");
  const text = machine.distroSeries !== "" ? machine.distroSeries : typeof fallback === "string" ? fallback : "";
  const series = findSeries(state, text);
  if (series) checkReadiness(state, machine, series, machine.ephemeralDeploy);
}

function deploy(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "edit");
  const options = readAcquireOptions(form);
  checkState(call, machine, options);
  const target = readTarget(call, machine);
  checkReadiness(state, machine, target, isEphemeral(state, machine, options));
  const request = { target, options, userData: form.get("user_data") };
  return exhaustionNamed(machine, () =>
    committed(state, machine, (after) => {
      startDeploying(state, machine, caller(call), request, after);
    }),
  );
}

/** 503 when a subnet is full: the text begins with the machine's id. */
function exhaustionNamed<Result>(machine: Machine, run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof ApiError && String(error.reply.body).startsWith("No more IPs"))
      throw refusal(503, `${machine.systemId}: Unable to allocate static IP due to address exhaustion.`);
    throw error;
  }
}

export const deployOperations: Operation[] = [
  { method: "POST", path: "machines/:system_id/", op: "deploy", access: "user", handle: deploy },
];
