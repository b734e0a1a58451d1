/** Making, changing and deleting interfaces: physical, bond, VLAN and bridge (facts: maas.md 2.14, 4; transcripts s10 to s12). */
import { machineFor } from "./access.ts";
import { FormErrors, readCheckbox, readInteger, requiredMessage } from "./form.ts";
import {
  checkName,
  macProblem,
  readNullBoolean,
  readParams,
  readParents,
  readTags,
  readVlan,
  spreadMtu,
} from "./interface-form.ts";
import { checkBondParents, readBondChanges } from "./interface-bond.ts";
import { interfaceToChange, requireChangeable } from "./interfaces.ts";
import { renderInterface } from "./interface-render.ts";
import {
  childrenOf,
  clearLinks,
  deleteInterface,
  ensureLinkUp,
  newInterface,
  nextInterfaceName,
  parentsOf,
  saveInterface,
  setVlan,
} from "./links.ts";
import { normalMac } from "./machine-form.ts";
import type { Interface, Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import type { Json, LabState } from "./state.ts";

function createPhysical(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin", "Node");
  requireChangeable(machine, "create");
  const errors = new FormErrors();
  const mac = form.get("mac_address") ?? "";
  const problem = mac === "" ? requiredMessage : macProblem(state, mac);
  if (problem !== undefined) errors.add("mac_address", problem);
  const name = form.get("name") || nextInterfaceName(state, machine);
  checkName(state, machine, name, errors);
  const vlanId = readVlan(state, form, errors, null);
  const params = readParams(form, errors, {});
  const enabled = readNullBoolean(form, "enabled") ?? true;
  const interfaceSpeed = readInteger(form, errors, "interface_speed", { min: 0 }) ?? 0;
  errors.throwIfAny();
  const nic = newInterface(state, machine, {
    name,
    type: "physical",
    mac: normalMac(mac),
    vlanId,
    params,
    enabled,
    interfaceSpeed,
    tags: readTags(form, []),
    linkConnected: readCheckbox(form, "link_connected", false),
  });
  ensureLinkUp(state, nic);
  return json(renderInterface(state, nic));
}

/** Named after its parent and VLAN, `enp1s0.20`, unless a name is sent. */
function createVlan(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  requireChangeable(machine, "create VLAN");
  const errors = new FormErrors();
  const parents = readParents(state, machine, form, "parent", errors);
  const [parent] = parents;
  if (parents.length !== 1 && !errors.has("parent"))
    errors.add("parent", "A VLAN interface must have exactly one parent.");
  if (parent?.type === "vlan") errors.add("parent", "A VLAN interface can't have another VLAN interface as parent.");
  if (parent && childrenOf(state, parent).some(({ type }) => type === "bond"))
    errors.add("parent", "A VLAN interface can't have a parent that is already in a bond.");
  const vlanId = readVlan(state, form, errors, null);
  const vlan = vlanId === null ? undefined : state.vlans[vlanId];
  if (!vlan && !errors.has("vlan")) errors.add("vlan", "A VLAN interface must be connected to a tagged VLAN.");
  if (vlan?.vid === 0) errors.add("vlan", "A VLAN interface can only belong to a tagged VLAN.");
  const parentVlan = parent?.vlanId == null ? undefined : state.vlans[parent.vlanId];
  // MAAS does not look whether the parent is on a VLAN at all.
  if (vlan && parent && !errors.any && !parentVlan)
    throw refusal(500, "'NoneType' object has no attribute 'fabric_id'");
  if (vlan && parent && !errors.has("vlan") && parentVlan?.fabricId !== vlan.fabricId)
    errors.add("vlan", "A VLAN interface can only belong to a tagged VLAN on the same fabric as its parent interface.");
  const name = form.get("name") || (parent && vlan ? `${parent.name}.${String(vlan.vid)}` : "");
  if (parent && vlan) checkName(state, machine, name, errors);
  const params = readParams(form, errors, {});
  errors.throwIfAny();
  const nic = newInterface(state, machine, {
    name,
    type: "vlan",
    mac: parent?.mac ?? "",
    vlanId,
    parentIds: parent ? [parent.id] : [],
    params,
    tags: readTags(form, []),
    linkConnected: readCheckbox(form, "link_connected", false),
  });
  ensureLinkUp(state, nic);
  return json(renderInterface(state, nic));
}

/** Deployed machines only take name, MAC and what the link is like. */
function update(call: Call) {
  const { state, form } = call;
  const { machine, nic } = interfaceToChange(call);
  requireChangeable(machine, "update interface", true);
  const errors = new FormErrors();
  const isDeployed = machine.status === status.deployed;
  const name = form.get("name") ?? nic.name;
  if (form.has("name")) checkName(state, machine, name, errors, nic);
  const mac = form.get("mac_address");
  const problem = mac === undefined ? undefined : macProblem(state, mac, nic);
  if (problem !== undefined) errors.add("mac_address", problem);
  const speed = (field: string, current: number): number =>
    readInteger(form, errors, field, { min: 0, current }) ?? current;
  const interfaceSpeed = speed("interface_speed", nic.interfaceSpeed);
  const linkSpeed = speed("link_speed", nic.linkSpeed);
  const linkConnected = readCheckbox(form, "link_connected", nic.linkConnected);
  if (!linkConnected && !nic.linkConnected && form.has("link_speed") && linkSpeed !== 0)
    errors.add("__all__", "link_speed cannot be set when link_connected is false.");
  const vlanId = isDeployed ? nic.vlanId : readVlan(state, form, errors, nic.vlanId);
  const params = isDeployed ? nic.params : readParams(form, errors, nic.params);
  const own = isDeployed ? {} : readOwnChanges(nic, form, errors);
  const parents = isDeployed ? undefined : readNewParents(call, machine, nic, errors);
  errors.throwIfAny();
  Object.assign(nic, { name, interfaceSpeed, linkConnected, linkSpeed: linkConnected ? linkSpeed : 0 });
  if (mac !== undefined) nic.mac = normalMac(mac);
  if (isDeployed) return json(renderInterface(state, nic));
  nic.tags = readTags(form, nic.tags);
  if (parents) moveToParents(state, nic, parents, form.has("mac_address"));
  setVlan(state, nic, vlanId);
  spreadMtu(state, nic, { ...params, ...own });
  if (nic.type === "physical") setEnabled(state, nic, readNullBoolean(form, "enabled") ?? nic.enabled);
  saveInterface(state, nic);
  return json(renderInterface(state, nic));
}

function readOwnChanges(nic: Interface, form: Fields, errors: FormErrors): Record<string, Json> {
  if (nic.type === "bridge") return readBridgeChanges(form, errors);
  return nic.type === "bond" ? readBondChanges(form, errors) : {};
}

/** Undefined where none were sent. A VLAN interface calls its only one `parent`. */
function readNewParents(
  { state, form }: Call,
  machine: Machine,
  nic: Interface,
  errors: FormErrors,
): Interface[] | undefined {
  const sent = form.has("parents") || (nic.type === "vlan" && form.has("parent"));
  if (!sent || nic.type === "physical") return undefined;
  const field = nic.type === "vlan" ? "parent" : "parents";
  const parents = readParents(state, machine, form, field, errors);
  if (errors.has(field)) return undefined;
  if (nic.type !== "bond" && parents.length !== 1)
    errors.add(field, `A ${nic.type === "vlan" ? "VLAN" : "bridge"} interface must have exactly one parent.`);
  if (nic.type === "bond") checkBondParents(state, parents, errors, nic);
  return parents;
}

/** A bond whose MAC was a former parent's takes a new one's. */
function moveToParents(state: LabState, nic: Interface, parents: Interface[], hasMac: boolean): void {
  const former = parentsOf(state, nic);
  const lost = former.some((parent) => parent.mac === nic.mac && !parents.includes(parent));
  nic.parentIds = parents.map(({ id }) => id);
  if (!hasMac && lost && parents[0]) nic.mac = parents[0].mac;
}

function readBridgeChanges(form: Fields, errors: FormErrors): Record<string, Json> {
  const changes: Record<string, Json> = {};
  const type = form.get("bridge_type");
  if (type !== undefined && type !== "") {
    if (type !== "standard" && type !== "ovs")
      errors.add("bridge_type", `'${type}' is not a valid bridge_type.  It should be one of: 'standard', 'ovs'.`);
    changes["bridge_type"] = type;
  }
  const stp = readNullBoolean(form, "bridge_stp");
  if (stp !== null) changes["bridge_stp"] = stp;
  const delay = readInteger(form, errors, "bridge_fd", { min: 0 });
  if (delay !== null) changes["bridge_fd"] = delay;
  return changes;
}

function setEnabled(state: LabState, nic: Interface, enabled: boolean): void {
  if (nic.enabled === enabled) return;
  nic.enabled = enabled;
  if (enabled) ensureLinkUp(state, nic);
  else clearLinks(state, nic);
}

function remove(call: Call) {
  const { machine, nic } = interfaceToChange(call);
  requireChangeable(machine, "delete interface");
  deleteInterface(call.state, nic);
  return deleted();
}

const collection = "nodes/:system_id/interfaces/";

export const interfaceEditOperations: Operation[] = [
  { method: "POST", path: collection, op: "create_physical", access: "user", handle: createPhysical },
  { method: "POST", path: collection, op: "create_vlan", access: "user", handle: createVlan },
  { method: "PUT", path: `${collection}:id/`, access: "user", handle: update },
  { method: "DELETE", path: `${collection}:id/`, access: "user", handle: remove },
];
