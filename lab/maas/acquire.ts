/** Taking a machine for a user: by allocate, or by deploying it straight from Ready (facts: maas.md 2.7). */
import { createAcquiredBridges, type BridgeOptions } from "./acquired-bridges.ts";
import { addRequest } from "./events.ts";
import { readStringBool } from "./form.ts";
import type { Machine } from "./machine-state.ts";
import { changeStatus, load, setOwner } from "./machine-status.ts";
import { status } from "./node-status.ts";
import type { Fields } from "./operation.ts";
import { fieldErrors, refusal } from "./reply.ts";
import type { LabState, User } from "./state.ts";
import { acquireFilesystems } from "./storage.ts";

export interface AcquireOptions {
  agentName: string;
  comment: string | undefined;
  bridgeAll: boolean;
  bridge: BridgeOptions;
  installRackd: boolean;
  installKvm: boolean;
  registerVmhost: boolean;
  ephemeralDeploy: boolean;
  enableHwSync: boolean;
}

const bridgeTypes = ["standard", "ovs"];

/** The options of allocate and deploy; a bad one is a 400 text, a bad bridge_type a field error. */
export function readAcquireOptions(form: Fields): AcquireOptions {
  const flag = (name: string, missing = false): boolean => readStringBool(form, name, missing);
  const installRackd = flag("install_rackd");
  const installKvm = flag("install_kvm");
  const registerVmhost = flag("register_vmhost");
  const ephemeralDeploy = flag("ephemeral_deploy");
  const bridgeAll = flag("bridge_all", (installKvm || registerVmhost) && !ephemeralDeploy);
  const type = form.get("bridge_type") ?? "standard";
  if (!bridgeTypes.includes(type))
    throw fieldErrors({
      bridge_type: [`'${type}' is not a valid bridge_type.  It should be one of: 'standard', 'ovs'.`],
    });
  const stp = flag("bridge_stp");
  const delay = form.get("bridge_fd") ?? "0";
  if (!/^-?\d+$/.test(delay)) throw refusal(400, "Invalid bridge_fd: Please enter an integer value");
  return {
    agentName: form.get("agent_name") ?? "",
    comment: form.get("comment"),
    bridgeAll,
    bridge: { type, stp, fd: Number(delay) },
    installRackd,
    installKvm,
    registerVmhost,
    ephemeralDeploy,
    enableHwSync: flag("enable_hw_sync"),
  };
}

export function acquire(state: LabState, machine: Machine, user: User, options: AcquireOptions): void {
  acquireFilesystems(state, machine);
  addRequest(state, machine, "requestAcquire", user, "acquire", options.comment);
  changeStatus(load(machine), status.allocated);
  setOwner(machine, user.id);
  machine.agentName = options.agentName;
  if (options.bridgeAll) createAcquiredBridges(state, machine, options.bridge);
}
