/** Bonds: all parents are physical, free, and in one VLAN (facts: maas.md 2.14; src/maasserver/forms/interface.py). */
import { machineFor } from "./access.ts";
import { FormErrors, invalidChoiceText, readCheckbox, readInteger, requiredMessage } from "./form.ts";
import { macProblem, readParams, readParents, readTags, readVlan, spreadMtu } from "./interface-form.ts";
import { requireChangeable } from "./interfaces.ts";
import { renderInterface } from "./interface-render.ts";
import { childrenOf, ensureLinkUp, interfacesOf, newInterface, saveInterface } from "./links.ts";
import { isMac, normalMac } from "./machine-form.ts";
import type { Interface } from "./machine-state.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { fieldErrors, json } from "./reply.ts";
import type { Json, LabState } from "./state.ts";

/** The first of each is what a new bond has. */
const choices = {
  bond_mode: ["balance-rr", "active-backup", "balance-xor", "broadcast", "802.3ad", "balance-tlb", "balance-alb"],
  bond_lacp_rate: ["fast", "slow"],
  bond_xmit_hash_policy: ["layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4"],
} as const;

const numbers = { bond_miimon: 100, bond_downdelay: 0, bond_updelay: 0, bond_num_grat_arp: 1 } as const;

/** Only what was sent. */
export function readBondChanges(form: Fields, errors: FormErrors): Record<string, Json> {
  const changes: Record<string, Json> = {};
  for (const [field, known] of Object.entries(choices)) {
    const text = form.get(field) ?? "";
    if (text === "") continue;
    if (!known.some((choice) => choice === text)) errors.add(field, invalidChoiceText(field, text, known));
    changes[field] = text;
  }
  for (const field of Object.keys(numbers)) {
    const most = field === "bond_num_grat_arp" ? { max: 255 } : {};
    const value = readInteger(form, errors, field, { min: 0, ...most });
    if (value !== null) changes[field] = value;
  }
  return changes;
}

const defaults: Record<string, Json> = {
  ...Object.fromEntries(Object.entries(choices).map(([field, known]) => [field, known[0]])),
  ...numbers,
};

/** `self` may be a child of them already. */
export function checkBondParents(state: LabState, parents: Interface[], errors: FormErrors, self?: Interface): void {
  if (parents.length === 0) {
    errors.add("parents", "A bond interface must have one or more parents.");
    return;
  }
  const used = parents.filter((parent) => childrenOf(state, parent).some(({ id }) => id !== self?.id));
  const names = used.map(({ name }) => name).sort();
  if (names.length > 0) errors.add("parents", `Interfaces already in-use: ${names.join(", ")}.`);
}

function createBond(call: Call) {
  const { state, form } = call;
  const machine = machineFor(call, "admin");
  requireChangeable(machine, "create bond");
  const errors = new FormErrors();
  const name = form.get("name") ?? "";
  if (name === "") errors.add("name", requiredMessage);
  else if (!/^[\w\-_.:]+$/.test(name)) errors.add("name", "Enter a valid value.");
  const parents = readParents(state, machine, form, "parents", errors);
  const [first] = parents;
  const vlanId = readVlan(state, form, errors, null) ?? first?.vlanId ?? null;
  if (!errors.has("parents")) {
    checkBondParents(state, parents, errors);
    if (first && parents.some((parent) => parent.vlanId !== vlanId))
      errors.add("parents", "All parents must belong to the same VLAN.");
  }
  const mac = form.get("mac_address");
  if (mac !== undefined && mac !== "" && !isMac(mac)) errors.add("mac_address", macProblem(state, mac) ?? "");
  else if (mac === "" || (mac === undefined && !first)) errors.add("mac_address", "This field cannot be blank.");
  const params = readParams(form, errors, {});
  const bond = { ...defaults, ...readBondChanges(form, errors) };
  errors.throwIfAny();
  // What the form lets pass, the model refuses.
  if (interfacesOf(state, machine).some((nic) => nic.name === name))
    throw fieldErrors({ __all__: ["Interface with this Node config and Name already exists."] });
  if (parents.some(({ type }) => type !== "physical"))
    throw fieldErrors({ parents: ["Only physical interfaces can be bonded."] });
  const nic = newInterface(state, machine, {
    name,
    type: "bond",
    mac: mac === undefined ? (first?.mac ?? "") : normalMac(mac),
    vlanId,
    parentIds: parents.map(({ id }) => id),
    tags: readTags(form, []),
    linkConnected: readCheckbox(form, "link_connected", false),
  });
  spreadMtu(state, nic, { ...params, ...bond });
  saveInterface(state, nic);
  ensureLinkUp(state, nic);
  return json(renderInterface(state, nic));
}

export const bondOperations: Operation[] = [
  { method: "POST", path: "nodes/:system_id/interfaces/", op: "create_bond", access: "user", handle: createBond },
];
