/** Bridges, permanent in Ready and acquired in Allocated (facts: maas.md 4, traps 8 to 11; transcripts s11, s12). */
import { machineFor } from "./access.ts";
import { FormErrors, readCheckbox, readInteger, requiredMessage } from "./form.ts";
import { readNullBoolean, readParams, readParents, readTags, readVlan, spreadMtu } from "./interface-form.ts";
import { requireChangeable } from "./interfaces.ts";
import { renderInterface } from "./interface-render.ts";
import { childrenOf, ensureLinkUp, handOver, interfacesOf, linksOf, newInterface, saveInterface } from "./links.ts";
import { normalMac } from "./machine-form.ts";
import type { Interface, Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { json } from "./reply.ts";
import type { LabState } from "./state.ts";

const defaultForwardDelay = 15;
const blankMessage = "This field cannot be blank.";

function checkParent(state: LabState, parents: Interface[], errors: FormErrors): void {
  if (errors.has("parent")) return;
  const [parent] = parents;
  if (!parent || parents.length !== 1) errors.add("parent", "A bridge interface must have exactly one parent.");
  else if (parent.type === "bridge")
    errors.add("parent", "A bridge interface can't have another bridge interface as parent.");
  else if (childrenOf(state, parent).some(({ type }) => type === "bond" || type === "bridge"))
    errors.add("parent", "A bridge interface can't have a parent that is already in a bond or a bridge.");
}

/** The name is only checked where the parent is right, and then in the words of the database. */
function checkBridgeName(state: LabState, machine: Machine, name: string, errors: FormErrors): void {
  if (name === "") errors.add("name", requiredMessage);
  else if (!/^[\w\-_.:]+$/.test(name)) errors.add("name", "Enter a valid value.");
  else if (!errors.any && interfacesOf(state, machine).some((nic) => nic.name === name))
    errors.add("__all__", "Interface with this Node config and Name already exists.");
}

function createBridge(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  requireChangeable(machine, "create bridge");
  const isAcquired = machine.status === status.allocated;
  const errors = new FormErrors();
  const parents = readParents(state, machine, form, "parent", errors);
  checkParent(state, parents, errors);
  const [parent] = parents;
  if (errors.has("parent") && !form.has("mac_address")) errors.add("mac_address", blankMessage);
  const type = form.get("bridge_type") || "standard";
  if (type !== "standard" && type !== "ovs")
    errors.add("bridge_type", `'${type}' is not a valid bridge_type.  It should be one of: 'standard', 'ovs'.`);
  const delay = readInteger(form, errors, "bridge_fd", { min: 0 }) ?? defaultForwardDelay;
  const params = readParams(form, errors, {});
  // An acquired bridge is where its parent is.
  const sentVlan = isAcquired ? null : readVlan(state, form, errors, null);
  checkBridgeName(state, machine, form.get("name") ?? "", errors);
  errors.throwIfAny();
  if (!parent) throw new Error("checkParent lets no bridge pass without a parent");
  const bridge = newInterface(state, machine, {
    name: form.get("name") ?? "",
    type: "bridge",
    mac: form.has("mac_address") ? normalMac(form.get("mac_address") ?? "") : parent.mac,
    vlanId: sentVlan ?? parent.vlanId,
    parentIds: [parent.id],
    tags: readTags(form, []),
    acquired: isAcquired,
    linkConnected: readCheckbox(form, "link_connected", false),
  });
  const bridgeParams = {
    bridge_type: type,
    bridge_stp: readNullBoolean(form, "bridge_stp") ?? false,
    bridge_fd: delay,
  };
  spreadMtu(state, bridge, { ...params, ...bridgeParams });
  if (isAcquired) for (const row of linksOf(state, parent)) handOver(state, row, parent, bridge);
  saveInterface(state, bridge);
  ensureLinkUp(state, bridge);
  return json(renderInterface(state, bridge));
}

export const bridgeOperations: Operation[] = [
  {
    method: "POST",
    path: "nodes/:system_id/interfaces/",
    op: "create_bridge",
    access: "user",
    handle: createBridge,
  },
];
