/** nodes/{id}/interfaces/: reading, and links to subnets (facts: maas.md 2.14; transcripts s10 to s12). */
import { rangeAround } from "./address-ranges.ts";
import { machineFor, may } from "./access.ts";
import { caller } from "./caller.ts";
import { FormErrors, invalidChoice, mandatory, readCheckbox, readStringBool, requiredMessage } from "./form.ts";
import { contains, parseIp, parseNetwork } from "./ip-address.ts";
import { ipsOfInterface, removeIp } from "./ipam.ts";
import { renderInterface, renderInterfaces } from "./interface-render.ts";
import {
  nodeById,
  childrenOf,
  clearLinks,
  dropLink,
  ensureLinkUp,
  linksOf,
  linkSubnet,
  pruneFabric,
  saveInterface,
  setVlan,
  type LinkMode,
} from "./links.ts";
import type { Interface, Machine } from "./machine-state.ts";
import { allocType, type StaticIp, type Subnet } from "./network-state.ts";
import { status } from "./node-status.ts";
import type { Call, Operation } from "./operation.ts";
import { forbidden, json, notFound, refusal } from "./reply.ts";
import { findSubnet } from "./subnets.ts";
import { splitKind } from "./specifier.ts";
import type { LabState } from "./state.ts";

const changeable = new Set<number>([status.new, status.ready, status.failedTesting, status.allocated, status.broken]);

/** 409 unless the machine is in a status in which its network may change. */
export function requireChangeable(machine: Machine, operation: string, alsoDeployed = false): void {
  if (changeable.has(machine.status) || (alsoDeployed && machine.status === status.deployed)) return;
  throw refusal(409, `Cannot ${operation} interface because the machine is not New, Ready, Allocated, or Broken.`);
}

/** The interface of the path, by id or by name. */
function find(call: Call): { machine: Machine; nic: Interface } {
  const { state, params } = call;
  const machine = nodeById(state, params["system_id"] ?? "");
  const id = params["id"] ?? "";
  const nic = machine?.interfaceIds
    .flatMap((known) => state.interfaces[known] ?? [])
    .find((row) => String(row.id) === id || row.name === id);
  if (!machine || !nic) throw notFound("Interface");
  return { machine, nic };
}

/** Changes are for administrators, but for those of one's own devices. */
export function interfaceToChange(call: Call): { machine: Machine; nic: Interface } {
  const found = find(call);
  const permission = found.machine.systemId in call.state.devices ? "edit" : "admin";
  if (!may(caller(call), found.machine, permission)) throw forbidden();
  return found;
}

function list(call: Call) {
  return json(renderInterfaces(call.state, machineFor(call, "view", "Node")));
}

function read(call: Call) {
  const { machine, nic } = find(call);
  if (!may(caller(call), machine, "view")) throw forbidden();
  return json(renderInterface(call.state, nic));
}

const modes = ["auto", "dhcp", "static", "link_up"];

/** `lab:192.168.14.0/24(vid=0)`, as errors name a subnet. */
function subnetLabel(state: LabState, subnet: Subnet): string {
  return `${subnet.name}:${subnet.cidr}(vid=${String(state.vlans[subnet.vlanId]?.vid ?? 0)})`;
}

interface LinkRequest {
  mode: LinkMode;
  subnet: Subnet | null;
  address: string | undefined;
  isGateway: boolean;
  force: boolean;
}

/** The subnet must be in the interface's VLAN, unless it has none or `force` is given. */
function readLink(call: Call, nic: Interface): LinkRequest {
  const { state, form } = call;
  const errors = new FormErrors();
  const force = readStringBool(form, "force", false);
  const sentMode = form.get("mode")?.toLowerCase() ?? "";
  const mode = modes.includes(sentMode) ? (sentMode as LinkMode) : undefined;
  if (sentMode === "") errors.add("mode", requiredMessage);
  else if (!mode)
    errors.add("mode", `'${sentMode}' is not a valid mode.  It should be one of: 'auto', 'dhcp', 'static', 'link_up'.`);
  const subnet = readSubnet(state, form.get("subnet"), force ? null : nic.vlanId, errors);
  const sentAddress = form.get("ip_address") || undefined;
  const address = sentAddress !== undefined && parseIp(sentAddress) ? sentAddress : undefined;
  if (sentAddress !== undefined && address === undefined)
    errors.add("ip_address", "Enter a valid IPv4 or IPv6 address.");
  const isGateway = readCheckbox(form, "default_gateway", false);
  for (const child of childrenOf(state, nic))
    if (child.type === "bond")
      errors.add("bond", `Cannot link interface(${nic.name}) when interface is in a bond(${child.name}).`);
  if (mode) checkMode(state, nic, { mode, subnet, address, isGateway, force }, errors);
  errors.throwIfAny();
  return { mode: mode ?? "auto", subnet, address, isGateway, force };
}

function readSubnet(
  state: LabState,
  text: string | undefined,
  vlanId: number | null,
  errors: FormErrors,
): Subnet | null {
  if (text === undefined || text === "") return null;
  const subnet = findSubnet(state, text);
  if (!subnet) {
    const [kind, rest] = splitKind(text);
    errors.add("subnet", `None found with ${kind ?? "id"}=${rest}.`);
    return null;
  }
  if (vlanId === null || subnet.vlanId === vlanId) return subnet;
  errors.add("subnet", invalidChoice);
  return null;
}

function checkMode(state: LabState, nic: Interface, request: LinkRequest, errors: FormErrors): void {
  const { mode, subnet, address, force } = request;
  const links = linksOf(state, nic);
  if ((mode === "auto" || mode === "static") && !subnet) errors.add("subnet", requiredMessage);
  if (mode === "static" && subnet && address !== undefined) checkAddress(state, subnet, address, errors);
  const dhcp = links.find((row) => row.allocType === allocType.dhcp);
  if (mode === "dhcp" && dhcp) {
    const known = dhcp.subnetId === null ? undefined : state.subnets[dhcp.subnetId];
    errors.add("mode", `Interface is already set to DHCP${known ? ` from '${subnetLabel(state, known)}'` : ""}.`);
  }
  // MAAS means to leave link_up itself out of this, but does not (transcript s10).
  if (mode === "link_up" && links.length > 0 && !force)
    errors.add(
      "mode",
      "Cannot configure interface to link up (with no IP address) while other links are already configured. Specify force=True to override this behavior and delete all links.",
    );
  if (request.isGateway) checkGateway(state, request, errors);
}

function checkAddress(state: LabState, subnet: Subnet, address: string, errors: FormErrors): void {
  const network = parseNetwork(subnet.cidr);
  const ip = parseIp(address);
  if (network && ip && !contains(network, ip))
    errors.add("ip_address", `IP address is not in the given subnet '${subnetLabel(state, subnet)}'.`);
  const range = rangeAround(state, subnet.id, address, "dynamic");
  if (range) errors.add("ip_address", `IP address is inside a dynamic range ${range.startIp} to ${range.endIp}.`);
}

function checkGateway(state: LabState, { mode, subnet }: LinkRequest, errors: FormErrors): void {
  if (mode !== "auto" && mode !== "static") errors.add("default_gateway", `Cannot use in mode '${mode}'.`);
  else if (!subnet) errors.add("default_gateway", "Subnet is required when default_gateway is True.");
  else if (!subnet.gatewayIp)
    errors.add(
      "default_gateway",
      `Cannot set as default gateway because subnet ${subnetLabel(state, subnet)} doesn't provide a gateway IP address.`,
    );
}

/** On a bridge's parent the link is gone again before the answer is made (trap 9). */
function link(call: Call) {
  const { state } = call;
  readStringBool(call.form, "force", false);
  const { machine, nic } = interfaceToChange(call);
  requireChangeable(machine, "link subnet");
  const { mode, subnet, address, isGateway, force } = readLink(call, nic);
  if (mode === "static" && subnet && address !== undefined && isTaken(state, address))
    throw refusal(404, "IP address is already in use.");
  if (mode === "link_up" || force) clearLinks(state, nic);
  const former = nic.vlanId;
  if (force && subnet) nic.vlanId = null;
  const row = linkSubnet(state, nic, { mode, subnet, address });
  if (former !== null && former !== nic.vlanId) pruneFabric(state, former);
  if (isGateway && subnet?.gatewayIp && !subnet.gatewayIp.includes(":")) machine.gatewayLinkId = row.id;
  return json(renderInterface(state, nic));
}

const isTaken = (state: LabState, address: string): boolean =>
  Object.values(state.ips).some(({ ip }) => ip === address);

/** Also a discovered address has an id that is accepted here. */
function unlink(call: Call) {
  const { state, form } = call;
  const { machine, nic } = interfaceToChange(call);
  requireChangeable(machine, "unlink subnet");
  const row = chosenLink(ipsOfInterface(state, nic.id), form.get("id"), "id", true);
  if (row) dropLink(state, nic, row);
  if (nic.enabled) ensureLinkUp(state, nic);
  return json(renderInterface(state, nic));
}

function chosenLink(
  rows: StaticIp[],
  text: string | undefined,
  field: string,
  isRequired: boolean,
): StaticIp | undefined {
  const errors = new FormErrors();
  const row = rows.find(({ id }) => String(id) === text);
  if (text === undefined || text === "") {
    if (isRequired) errors.add(field, requiredMessage);
  } else if (!row) {
    const choices = rows.map(({ id }) => `'${String(id)}'`).join(", ");
    errors.add(field, `'${text}' is not a valid ${field}.  It should be one of: ${choices}.`);
  }
  errors.throwIfAny();
  return row;
}

/** No link, no discovered address, no VLAN. */
function disconnect(call: Call) {
  const { state } = call;
  const { machine, nic } = interfaceToChange(call);
  requireChangeable(machine, "disconnect");
  clearLinks(state, nic);
  for (const row of ipsOfInterface(state, nic.id)) removeIp(state, row.id);
  setVlan(state, nic, null);
  saveInterface(state, nic);
  return json(renderInterface(state, nic));
}

/** Without `link_id` the interface must have one gateway only. */
function setDefaultGateway(call: Call) {
  const { state, form } = call;
  const { machine, nic } = interfaceToChange(call);
  requireChangeable(machine, "set default gateway");
  const usable = linksOf(state, nic).filter(
    (row) => row.subnetId !== null && Boolean(state.subnets[row.subnetId]?.gatewayIp),
  );
  const errors = new FormErrors();
  if (usable.length === 0) errors.add("__all__", "This interface has no usable gateways.");
  errors.throwIfAny();
  const chosen = chosenLink(usable, form.get("link_id"), "link_id", false);
  const gateways = new Set(usable.map((row) => state.subnets[row.subnetId ?? 0]?.gatewayIp));
  if (!chosen && gateways.size > 1)
    errors.add("link_id", "This field is required; Interface has more than one usable IPv4 gateway.");
  errors.throwIfAny();
  machine.gatewayLinkId = (chosen ?? usable[0])?.id ?? null;
  return json(renderInterface(state, nic));
}

function addTag(call: Call) {
  const { nic } = interfaceToChange(call);
  const tag = mandatory(call.form, "tag");
  if (!nic.tags.includes(tag)) nic.tags.push(tag);
  return json(renderInterface(call.state, nic));
}

function removeTag(call: Call) {
  const { nic } = interfaceToChange(call);
  const tag = mandatory(call.form, "tag");
  nic.tags = nic.tags.filter((other) => other !== tag);
  return json(renderInterface(call.state, nic));
}

const path = "nodes/:system_id/interfaces/:id/";

export const interfaceOperations: Operation[] = [
  { method: "GET", path: "nodes/:system_id/interfaces/", access: "user", handle: list },
  { method: "GET", path, access: "user", handle: read },
  { method: "POST", path, op: "link_subnet", access: "user", handle: link },
  { method: "POST", path, op: "unlink_subnet", access: "user", handle: unlink },
  { method: "POST", path, op: "disconnect", access: "user", handle: disconnect },
  { method: "POST", path, op: "set_default_gateway", access: "user", handle: setDefaultGateway },
  { method: "POST", path, op: "add_tag", access: "user", handle: addTag },
  { method: "POST", path, op: "remove_tag", access: "user", handle: removeTag },
];
