/** Subnets: adopt, create, change, delete (facts: maas.md 2.12, traps 5 and 6; transcript s07). */
import { bestSubnetFor, networkOf } from "./address-ranges.ts";
import { requireAdmin } from "./caller.ts";
import { FormErrors, invalidChoice, readCheckbox, readInteger, readText, requiredMessage } from "./form.ts";
import { contains, formatIp, formatNetwork, parseIp, parseNetwork } from "./ip-address.ts";
import { removeIp } from "./ipam.ts";
import type { Subnet, Vlan } from "./network-state.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { databaseConflict, deleted, json, notFound, refusal } from "./reply.ts";
import { isId, splitKind } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";
import { defaultVlan, renderVlan, spaceName, vlansOf } from "./vlans.ts";

const defaultFabric = 0;

/** @param justWritten The answer to a write shows an empty gateway as "", a read shows null. */
export function renderSubnet(state: LabState, subnet: Subnet, justWritten = false): Record<string, unknown> {
  const vlan = state.vlans[subnet.vlanId];
  return {
    name: subnet.name,
    description: subnet.description,
    vlan: vlan ? renderVlan(state, vlan) : null,
    cidr: subnet.cidr,
    rdns_mode: subnet.rdnsMode,
    gateway_ip: subnet.gatewayIp ?? (justWritten ? "" : null),
    dns_servers: subnet.dnsServers,
    allow_dns: subnet.allowDns,
    allow_proxy: subnet.allowProxy,
    active_discovery: subnet.activeDiscovery,
    managed: subnet.managed,
    disabled_boot_architectures: subnet.disabledBootArchitectures,
    space: spaceName(state, vlan),
    id: subnet.id,
    resource_uri: `/MAAS/api/2.0/subnets/${String(subnet.id)}/`,
  };
}

/** By id, CIDR or name; `id:`, `cidr:`, `name:` and `ip:` say which. */
export function findSubnet(state: LabState, specifier: string): Subnet | undefined {
  const [kind, rest] = splitKind(specifier);
  const all = Object.values(state.subnets);
  if (kind === "ip") return bestSubnetFor(state, rest);
  if (kind === "name") return all.find((subnet) => subnet.name === rest);
  if (kind === "id" || (kind === undefined && isId(specifier))) return state.subnets[Number(rest)];
  const network = kind === "cidr" || kind === undefined ? parseNetwork(rest) : undefined;
  if (network) return all.find((subnet) => subnet.cidr === formatNetwork(network));
  return kind === undefined ? all.find((subnet) => subnet.name === rest) : undefined;
}

export function subnetOr404(call: Call): Subnet {
  const subnet = findSubnet(call.state, call.params["id"] ?? "");
  if (!subnet) throw notFound("Subnet");
  return subnet;
}

function readSubnet(state: LabState, form: Fields, current: Subnet | undefined): Omit<Subnet, "id"> {
  const errors = new FormErrors();
  const { raw, cidr } = readCidr(form, errors, current);
  const sentName = readText(form, errors, "name", {
    current: current && current.name !== current.cidr ? current.name : undefined,
    pattern: /^[ \p{L}\p{N}_./:-]+$/u,
    max: 255,
  });
  const description = readText(form, errors, "description", { current: current?.description });
  const vlanId = readVlanId(state, form, errors, current);
  const rdnsMode = readRdnsMode(form, errors, current);
  const gatewayIp = readGateway(form, errors, cidr ?? current?.cidr, current);
  const dnsServers = readDnsServers(form, errors, current);
  const disabledBootArchitectures = form.has("disabled_boot_architectures")
    ? form.all("disabled_boot_architectures").flatMap((text) => text.split(/[ ,]+/).filter(Boolean))
    : (current?.disabledBootArchitectures ?? []);
  if (form.has("space"))
    errors.add("space", "Spaces may no longer be set on subnets. Set the space on the underlying VLAN.");
  const taken = Object.values(state.subnets).some((other) => other.cidr === cidr && other.id !== current?.id);
  if (taken) errors.add("cidr", "Subnet with this Cidr already exists.");
  errors.throwIfAny();
  return {
    name: sentName || (current ? (cidr ?? current.cidr) : raw),
    description,
    vlanId,
    cidr: cidr ?? "",
    rdnsMode,
    gatewayIp,
    dnsServers,
    allowDns: readTruth(form, "allow_dns", current?.allowDns ?? true),
    allowProxy: readTruth(form, "allow_proxy", current?.allowProxy ?? true),
    activeDiscovery: readCheckbox(form, "active_discovery", current?.activeDiscovery ?? false),
    managed: readCheckbox(form, "managed", current?.managed ?? true),
    disabledBootArchitectures,
  };
}

/** Host bits are cut: 10.9.0.7/24 is 10.9.0.0/24. */
function readCidr(form: Fields, errors: FormErrors, current: Subnet | undefined): { raw: string; cidr?: string } {
  const raw = (form.get("cidr") ?? current?.cidr ?? "").trim();
  const network = parseNetwork(raw);
  if (raw === "") errors.add("cidr", requiredMessage);
  else if (!network) errors.add("cidr", "Required format: <network>/<prefixlen>.");
  else if (network.prefix === 0) errors.add("cidr", "Prefix length must be greater than 0.");
  else return { raw, cidr: formatNetwork(network) };
  return { raw };
}

/** `vlan` and `fabric` are ids; `fabric` and `vid` help on creation only. */
function readVlanId(state: LabState, form: Fields, errors: FormErrors, current: Subnet | undefined): number {
  const fallback = current?.vlanId ?? defaultVlan(state, defaultFabric).id;
  const vlanText = form.get("vlan") ?? "";
  const vlan = isId(vlanText) ? state.vlans[Number(vlanText)] : undefined;
  if (vlanText !== "" && !vlan) errors.add("vlan", invalidChoice);
  const fabricText = form.get("fabric") ?? "";
  const fabric = isId(fabricText) ? state.fabrics[Number(fabricText)] : undefined;
  if (fabricText !== "" && !fabric) errors.add("fabric", invalidChoice);
  const vid = readInteger(form, errors, "vid", { min: 0, max: 4094 });
  if (vlan || current || errors.any) {
    if (vlan && fabric && !current && vlan.fabricId !== fabric.id)
      errors.add("vlan", `VLAN ${fullName(state, vlan)} is not in fabric name=${fabric.name}.`);
    return vlan?.id ?? fallback;
  }
  const fabricId = fabric?.id ?? defaultFabric;
  if (!vid) return defaultVlan(state, fabricId).id;
  const found = vlansOf(state, fabricId).find((one) => one.vid === vid);
  const where = fabric ? `fabric name=${fabric.name}` : "default fabric";
  if (!found) errors.add("vid", `No VLAN with vid ${String(vid)} in ${where}.`);
  return found?.id ?? fallback;
}

const fullName = (state: LabState, vlan: Vlan): string =>
  `${state.fabrics[vlan.fabricId]?.name ?? ""}.${defaultVlan(state, vlan.fabricId).id === vlan.id ? "untagged" : (vlan.name ?? "None")}`;

function readRdnsMode(form: Fields, errors: FormErrors, current: Subnet | undefined): number {
  const text = form.get("rdns_mode") ?? "";
  if (text === "") return current?.rdnsMode ?? 2;
  if (!["0", "1", "2"].includes(text))
    errors.add("rdns_mode", `Select a valid choice. ${text} is not one of the available choices.`);
  return Number(text);
}

function readGateway(
  form: Fields,
  errors: FormErrors,
  cidr: string | undefined,
  current: Subnet | undefined,
): string | null {
  const text = (form.get("gateway_ip") ?? current?.gatewayIp ?? "").trim();
  if (text === "") return null;
  const ip = parseIp(text);
  const network = cidr === undefined ? undefined : parseNetwork(cidr);
  if (!ip) errors.add("gateway_ip", "Enter a valid IPv4 or IPv6 address.");
  else if (network) {
    const linkLocal = ip.version === 6 && ip.value >> 118n === 0xfe80n >> 6n;
    if (!contains(network, ip) && !(network.version === 6 && linkLocal))
      errors.add("gateway_ip", "Gateway IP must be within CIDR range.");
  }
  return ip ? formatIp(ip) : null;
}

/** Commas, blanks and repeated fields all separate. */
function readDnsServers(form: Fields, errors: FormErrors, current: Subnet | undefined): string[] {
  if (!form.has("dns_servers")) return current?.dnsServers ?? [];
  const servers = form.all("dns_servers").flatMap((text) => text.split(/[\s,]+/).filter(Boolean));
  const wrong = servers.find((server) => !parseIp(server));
  if (wrong !== undefined)
    errors.add("__all__", `Invalid IP address: ${wrong}; provide a list of space-separated IP addresses`);
  return servers;
}

/** true, t and 1 in any case are true, all else is false (facts: maas.md 1.4 d). */
function readTruth(form: Fields, name: string, current: boolean): boolean {
  const text = form.get(name);
  return text === undefined ? current : ["true", "t", "1"].includes(text.toLowerCase());
}

function create({ state, form }: Call) {
  const subnet: Subnet = { id: 0, ...readSubnet(state, form, undefined) };
  subnet.id = nextId(state, "subnet");
  state.subnets[subnet.id] = subnet;
  adoptAddresses(state, subnet);
  return json(renderSubnet(state, subnet, true));
}

/** Addresses known before, such as a BMC's, belong to the new subnet from now on. */
function adoptAddresses(state: LabState, subnet: Subnet): void {
  const network = networkOf(subnet);
  for (const row of Object.values(state.ips)) {
    const ip = row.ip === null || row.subnetId !== null ? undefined : parseIp(row.ip);
    if (ip && contains(network, ip)) row.subnetId = subnet.id;
  }
}

function update(call: Call) {
  const subnet = subnetOr404(call);
  requireAdmin(call);
  Object.assign(subnet, readSubnet(call.state, call.form, subnet));
  return json(renderSubnet(call.state, subnet, true));
}

function remove(call: Call) {
  const { state } = call;
  const subnet = subnetOr404(call);
  requireAdmin(call);
  const ranges = Object.values(state.ipRanges).filter((range) => range.subnetId === subnet.id);
  const serves = state.vlans[subnet.vlanId]?.dhcpOn === true && ranges.some((range) => range.type === "dynamic");
  if (serves)
    throw refusal(
      400,
      "Cannot delete a subnet that is actively servicing a dynamic IP range. (Delete the dynamic range or disable DHCP first.)",
    );
  const addresses = Object.values(state.ips).filter((row) => row.subnetId === subnet.id);
  const bmcs = addresses.filter((row) => row.bmcOf !== null);
  // The cascade and the BMC's own bookkeeping contradict each other for ever (facts: maas.md trap 5).
  if (bmcs.length > 0 && ranges.length > 0) throw databaseConflict();
  for (const row of addresses) {
    if (row.bmcOf === null) removeIp(state, row.id);
    else row.subnetId = null;
  }
  for (const range of ranges) Reflect.deleteProperty(state.ipRanges, range.id);
  for (const route of Object.values(state.staticRoutes))
    if (route.sourceId === subnet.id || route.destinationId === subnet.id)
      Reflect.deleteProperty(state.staticRoutes, route.id);
  Reflect.deleteProperty(state.subnets, subnet.id);
  return deleted();
}

export const subnetOperations: Operation[] = [
  {
    method: "GET",
    path: "subnets/",
    access: "user",
    handle: ({ state }) => json(Object.values(state.subnets).map((subnet) => renderSubnet(state, subnet))),
  },
  { method: "POST", path: "subnets/", access: "admin", handle: create },
  {
    method: "GET",
    path: "subnets/:id+/",
    access: "user",
    handle: (call) => json(renderSubnet(call.state, subnetOr404(call))),
  },
  { method: "PUT", path: "subnets/:id+/", access: "user", handle: update },
  { method: "DELETE", path: "subnets/:id+/", access: "user", handle: remove },
];
