/** Reading what the forms of interfaces have in common (facts: maas.md 2.14). */
import { invalidChoice, readInteger, type FormErrors } from "./form.ts";
import { nodeById, childrenOf, interfacesOf, parentsOf } from "./links.ts";
import { isMac, normalMac } from "./machine-form.ts";
import type { Interface, Machine } from "./machine-state.ts";
import type { Fields } from "./operation.ts";
import type { Json, LabState } from "./state.ts";

const namePattern = /^[\w\-_.:]+$/;
const minimumMtu = 552;

/** 400 for a name that is empty, odd or taken; a physical interface says so in words of its own. */
export function checkName(state: LabState, machine: Machine, name: string, errors: FormErrors, self?: Interface): void {
  if (name === "") errors.add("name", "This field cannot be blank.");
  else if (!namePattern.test(name)) errors.add("name", "Enter a valid value.");
  else if (interfacesOf(state, machine).some((nic) => nic !== self && nic.name === name))
    nameTaken(machine, name, errors, self);
}

function nameTaken(machine: Machine, name: string, errors: FormErrors, self: Interface | undefined): void {
  if (self?.type === "bridge" || self?.type === "bond")
    errors.add("__all__", "Interface with this Node config and Name already exists.");
  else errors.add("name", `Node ${machine.systemId} (${machine.hostname}) already has an interface named '${name}'.`);
}

export function readVlan(state: LabState, form: Fields, errors: FormErrors, current: number | null): number | null {
  const text = form.get("vlan");
  if (text === undefined) return current;
  if (text === "") return null;
  const vlan = /^\d+$/.test(text) ? state.vlans[Number(text)] : undefined;
  if (!vlan) errors.add("vlan", invalidChoice);
  return vlan?.id ?? null;
}

/** `mtu` and `accept_ra` live in `params`; an empty value takes them away. */
export function readParams(form: Fields, errors: FormErrors, current: Record<string, Json>): Record<string, Json> {
  const params = { ...current };
  const mtu = readInteger(form, errors, "mtu", { min: minimumMtu });
  if (mtu !== null) params["mtu"] = mtu;
  else if (form.get("mtu") === "") delete params["mtu"];
  const acceptRa = readNullBoolean(form, "accept_ra");
  if (acceptRa !== null) params["accept-ra"] = acceptRa;
  else if (form.get("accept_ra") === "") delete params["accept-ra"];
  return params;
}

/** `true` and `false` only; anything else counts as not sent (facts: maas.md 1.4). */
export function readNullBoolean(form: Fields, name: string): boolean | null {
  const text = form.get(name)?.toLowerCase();
  if (text === "true") return true;
  return text === "false" ? false : null;
}

export const readTags = (form: Fields, current: string[]): string[] =>
  form.has("tags")
    ? form
        .all("tags")
        .flatMap((text) => text.split(","))
        .map((tag) => tag.trim())
        .filter((tag) => tag !== "")
    : current;

export function macProblem(state: LabState, text: string, self?: Interface): string | undefined {
  if (!isMac(text)) return `'${text}' is not a valid MAC address.`;
  const other = Object.values(state.interfaces).find(
    (nic) => nic !== self && nic.type === "physical" && nic.mac === normalMac(text),
  );
  if (!other) return undefined;
  const hostname = nodeById(state, other.systemId)?.hostname ?? "";
  return `This MAC address is already in use by ${other.name} (${other.type}) on ${hostname}.`;
}

/** Parents by id; an unknown one is an error of the field. */
export function readParents(
  state: LabState,
  machine: Machine,
  form: Fields,
  field: string,
  errors: FormErrors,
): Interface[] {
  const ids = [...form.all("parents"), ...form.all("parent")].filter((id) => id !== "");
  const known = interfacesOf(state, machine);
  const unknown = ids.find((id) => !known.some((nic) => String(nic.id) === id));
  if (unknown !== undefined)
    errors.add(
      field,
      /^\d+$/.test(unknown)
        ? `Select a valid choice. ${unknown} is not one of the available choices.`
        : `“${unknown}” is not a valid value.`,
    );
  // The first of them lends its MAC and its VLAN: the oldest, in whatever order they were sent.
  return known.filter(({ id }) => ids.includes(String(id))).toSorted((a, b) => a.id - b.id);
}

/** A larger MTU is handed to the parents, a smaller one to the children. */
export function spreadMtu(state: LabState, nic: Interface, params: Record<string, Json>): void {
  const before = nic.params["mtu"];
  nic.params = params;
  const mtu = params["mtu"];
  if (typeof mtu !== "number" || mtu === before) return;
  for (const child of childrenOf(state, nic)) {
    const own = child.params["mtu"];
    if (typeof own === "number" && own > mtu) child.params = { ...child.params, mtu };
  }
  for (const parent of parentsOf(state, nic)) {
    const own = parent.params["mtu"];
    if (typeof own !== "number" || own < mtu) parent.params = { ...parent.params, mtu };
  }
}
