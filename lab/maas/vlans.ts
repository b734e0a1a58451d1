/** VLANs, by database id or by fabric and vid (facts: maas.md 2.11; transcript s08). */
import { requireAdmin } from "./caller.ts";
import { fabricOr404 } from "./fabrics.ts";
import { FormErrors, invalidChoice, readCheckbox, readInteger, readText } from "./form.ts";
import { deleteInterface, setVlan } from "./links.ts";
import type { Vlan } from "./network-state.ts";
import { noteDhcp } from "./notifications.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { ApiError } from "./operation.ts";
import { deleted, fieldErrors, json, notFound, refusal } from "./reply.ts";
import { findNamed, isId } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";

/** MAAS's MODEL_NAME_VALIDATOR: a word character, then word characters, blanks and dashes. */
export const namePattern = /^[\p{L}\p{N}_][ \p{L}\p{N}_-]*$/u;

/** Names of fabrics and spaces: no blanks. */
export const wordPattern = /^[\p{L}\p{N}_-]+$/u;

const minimumMtu = 552;
const maximumMtu = 65535;

export function renderVlan(state: LabState, vlan: Vlan): Record<string, unknown> {
  const relay = vlan.relayVlanId === null ? undefined : state.vlans[vlan.relayVlanId];
  return {
    vid: vlan.vid,
    mtu: vlan.mtu,
    dhcp_on: vlan.dhcpOn,
    external_dhcp: null,
    relay_vlan: relay ? renderVlan(state, relay) : null,
    fabric: state.fabrics[vlan.fabricId]?.name ?? null,
    fabric_id: vlan.fabricId,
    primary_rack: vlan.primaryRack,
    secondary_rack: vlan.secondaryRack,
    space: spaceName(state, vlan),
    id: vlan.id,
    name: isFabricDefault(state, vlan) ? "untagged" : vlan.name,
    resource_uri: `/MAAS/api/2.0/vlans/${String(vlan.id)}/`,
  };
}

export const spaceName = (state: LabState, vlan: Vlan | undefined): string =>
  (vlan && vlan.spaceId !== null ? state.spaces[vlan.spaceId]?.name : undefined) ?? "undefined";

export const vlansOf = (state: LabState, fabricId: number): Vlan[] =>
  Object.values(state.vlans).filter((vlan) => vlan.fabricId === fabricId);

/** The VLAN that came with the fabric: untagged, and not deletable. */
export function defaultVlan(state: LabState, fabricId: number): Vlan {
  const [first] = vlansOf(state, fabricId);
  if (!first) throw new Error(`Fabric ${String(fabricId)} has no VLAN`);
  return first;
}

const isFabricDefault = (state: LabState, vlan: Vlan): boolean => defaultVlan(state, vlan.fabricId).id === vlan.id;

export function newVlan(state: LabState, fabricId: number, fields: Partial<Vlan> = {}): Vlan {
  const vlan: Vlan = {
    id: nextId(state, "vlan"),
    fabricId,
    vid: 0,
    name: "Default VLAN",
    description: "",
    mtu: 1500,
    dhcpOn: false,
    primaryRack: null,
    secondaryRack: null,
    relayVlanId: null,
    spaceId: null,
    ...fields,
  };
  state.vlans[vlan.id] = vlan;
  return vlan;
}

type Draft = Omit<Vlan, "id">;

/** Checks a form against the VLAN it would become; `current` is undefined on creation. */
function readVlan(state: LabState, form: Fields, fabricId: number, current: Vlan | undefined): Draft {
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { current: current?.name ?? undefined, pattern: namePattern, max: 256 });
  const description = readText(form, errors, "description", { current: current?.description });
  const vid = readInteger(form, errors, "vid", { current: current?.vid, required: true });
  const mtu = readInteger(form, errors, "mtu", { current: current?.mtu, min: minimumMtu }) ?? current?.mtu ?? 1500;
  const dhcpOn = readDhcpOn(state, form, errors, current);
  const sentPrimary = readRack(state, form, errors, "primary_rack", current);
  const sentSecondary = readRack(state, form, errors, "secondary_rack", current);
  const [primaryRack, secondaryRack] = promoted(sentPrimary, sentSecondary, current);
  const relayVlanId = readRelay(state, form, errors, current);
  const spaceId = readSpace(state, form, errors, current);
  const fabric = readFabric(state, form, errors) ?? fabricId;
  checkRacks(errors, { primaryRack, secondaryRack, dhcpOn }, current);
  const known = vid ?? current?.vid;
  if (known === undefined || known < 0 || known > 4094) errors.add("vid", "VID must be between 0 and 4094.");
  else if (mtu > maximumMtu) errors.add("mtu", `MTU must be between ${String(minimumMtu)} and ${String(maximumMtu)}.`);
  errors.throwIfAny();
  if (vlansOf(state, fabric).some((other) => other.vid === vid && other.id !== current?.id))
    throw fieldErrors({ __all__: ["A VLAN with the specified VID already exists in the destination fabric."] });
  return {
    fabricId: fabric,
    vid: vid ?? 0,
    name: name === "" ? null : name,
    description,
    mtu,
    dhcpOn,
    primaryRack: primaryRack ?? null,
    secondaryRack: secondaryRack ?? null,
    // A VLAN that serves DHCP itself cannot relay.
    relayVlanId: dhcpOn ? null : relayVlanId,
    spaceId,
  };
}

function readDhcpOn(state: LabState, form: Fields, errors: FormErrors, current: Vlan | undefined): boolean {
  const wanted = readCheckbox(form, "dhcp_on", current?.dhcpOn ?? false);
  if (!wanted) return false;
  const hasRange = Object.values(state.ipRanges).some(
    (range) => range.type === "dynamic" && state.subnets[range.subnetId]?.vlanId === current?.id,
  );
  if (!hasRange) errors.add("dhcp_on", "dhcp can only be turned on when a dynamic IP range is defined.");
  return true;
}

/** undefined when the field has an error. Only racks with an interface on a VLAN of this vid can serve. */
function readRack(
  state: LabState,
  form: Fields,
  errors: FormErrors,
  name: "primary_rack" | "secondary_rack",
  current: Vlan | undefined,
): string | null | undefined {
  const before = name === "primary_rack" ? current?.primaryRack : current?.secondaryRack;
  const wanted = form.get(name) ?? before ?? "";
  if (wanted === "") return null;
  const rack = state.controllers[wanted];
  if (rack && state.vlans[rack.interface.vlanId]?.vid === current?.vid) return wanted;
  errors.add(name, `Select a valid choice. ${wanted} is not one of the available choices.`);
  return undefined;
}

type Rack = string | null | undefined;

/** Where the primary goes, the secondary takes its place. */
function promoted(primary: Rack, secondary: Rack, current: Vlan | undefined): [Rack, Rack] {
  if (!current?.secondaryRack || (primary && primary !== current.secondaryRack)) return [primary, secondary];
  return [current.secondaryRack, null];
}

function checkRacks(
  errors: FormErrors,
  wanted: { primaryRack: string | null | undefined; secondaryRack: string | null | undefined; dhcpOn: boolean },
  current: Vlan | undefined,
): void {
  const { primaryRack, secondaryRack, dhcpOn } = wanted;
  if (secondaryRack && secondaryRack === current?.primaryRack)
    errors.add("__all__", `${secondaryRack} is already set as the primary rack controller`);
  else if (secondaryRack && secondaryRack === primaryRack)
    errors.add("__all__", "The primary and secondary rack must be different");
  else if (dhcpOn && !errors.has("dhcp_on") && !primaryRack && !current?.primaryRack)
    errors.add("__all__", "dhcp can only be turned on when a primary rack controller is set.");
}

function readRelay(state: LabState, form: Fields, errors: FormErrors, current: Vlan | undefined): number | null {
  const text = form.get("relay_vlan");
  if (text === undefined) return current?.relayVlanId ?? null;
  if (text === "") return null;
  const relay = isId(text) ? state.vlans[Number(text)] : undefined;
  const possible = current?.dhcpOn
    ? relay?.id === current.relayVlanId
    : relay?.relayVlanId === null && relay.id !== current?.id;
  if (relay && possible) return relay.id;
  errors.add("relay_vlan", invalidChoice);
  return null;
}

function readSpace(state: LabState, form: Fields, errors: FormErrors, current: Vlan | undefined): number | null {
  const text = form.get("space");
  if (text === undefined) return current?.spaceId ?? null;
  if (text === "" || (current && text === "undefined")) return null;
  const space = findNamed(state.spaces, text);
  if (!space) errors.add("space", invalidChoice);
  return space?.id ?? null;
}

function readFabric(state: LabState, form: Fields, errors: FormErrors): number | undefined {
  const text = form.get("fabric");
  if (text === undefined || text === "") return undefined;
  const fabric = findNamed(state.fabrics, text);
  if (!fabric) errors.add("fabric", invalidChoice);
  return fabric?.id;
}

function update(call: Call, vlan: Vlan) {
  requireAdmin(call);
  Object.assign(vlan, readVlan(call.state, call.form, vlan.fabricId, vlan));
  dropEmptyFabrics(call.state);
  noteDhcp(call.state, vlan.dhcpOn);
  return json(renderVlan(call.state, vlan));
}

/** One whose last VLAN went elsewhere goes without a word (models/vlan.py, save). */
function dropEmptyFabrics(state: LabState): void {
  for (const { id } of Object.values(state.fabrics))
    if (vlansOf(state, id).length === 0) Reflect.deleteProperty(state.fabrics, id);
}

function remove(call: Call, vlan: Vlan) {
  const { state } = call;
  requireAdmin(call);
  const target = defaultVlan(state, vlan.fabricId);
  if (target.id === vlan.id) throw refusal(400, "This VLAN is the default VLAN in the fabric, it cannot be deleted.");
  for (const nic of Object.values(state.interfaces))
    if (nic.vlanId === vlan.id) {
      if (nic.type === "vlan") deleteInterface(state, nic);
      else setVlan(state, nic, target.id);
    }
  for (const subnet of Object.values(state.subnets)) if (subnet.vlanId === vlan.id) subnet.vlanId = target.id;
  for (const rack of Object.values(state.controllers))
    if (rack.interface.vlanId === vlan.id) rack.interface.vlanId = target.id;
  for (const other of Object.values(state.vlans)) if (other.relayVlanId === vlan.id) other.relayVlanId = null;
  Reflect.deleteProperty(state.vlans, vlan.id);
  return deleted();
}

function vlanById(call: Call): Vlan {
  const vlan = isId(call.params["vlan_id"] ?? "") ? call.state.vlans[Number(call.params["vlan_id"])] : undefined;
  if (vlan) return vlan;
  throw new ApiError({ status: 404, contentType: "text/plain", body: "VLAN with specified ID does not exist." });
}

/** `vid` is a number, "untagged", or a VLAN's name. */
function vlanByVid(call: Call): Vlan {
  const fabric = fabricOr404(call);
  const wanted = call.params["vid"] ?? "";
  const vid = wanted === "untagged" ? "0" : wanted;
  const vlan = vlansOf(call.state, fabric.id).find((one) => (isId(vid) ? one.vid === Number(vid) : one.name === vid));
  if (!vlan) throw notFound("VLAN");
  return vlan;
}

function list(call: Call) {
  return json(vlansOf(call.state, fabricOr404(call).id).map((vlan) => renderVlan(call.state, vlan)));
}

function create(call: Call) {
  const fabric = fabricOr404(call);
  requireAdmin(call);
  const vlan = newVlan(call.state, fabric.id, readVlan(call.state, call.form, fabric.id, undefined));
  noteDhcp(call.state, vlan.dhcpOn);
  return json(renderVlan(call.state, vlan));
}

const itemOperations = (path: string, find: (call: Call) => Vlan): Operation[] => [
  { method: "GET", path, access: "user", handle: (call) => json(renderVlan(call.state, find(call))) },
  { method: "PUT", path, access: "user", handle: (call) => update(call, find(call)) },
  { method: "DELETE", path, access: "user", handle: (call) => remove(call, find(call)) },
];

export const vlanOperations: Operation[] = [
  { method: "GET", path: "fabrics/:fabric_id/vlans/", access: "user", handle: list },
  { method: "POST", path: "fabrics/:fabric_id/vlans/", access: "user", handle: create },
  ...itemOperations("fabrics/:fabric_id/vlans/:vid/", vlanByVid),
  ...itemOperations("vlans/:vlan_id/", vlanById),
];
