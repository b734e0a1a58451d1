/** Addresses reserved by users (facts: maas.md 2.13; transcript s23). */
import { bestSubnetFor, nextFreeAddress, rangeAround } from "./address-ranges.ts";
import { caller } from "./caller.ts";
import { renderControllerInterface } from "./controllers.ts";
import { FormErrors, mandatory, readStringBool } from "./form.ts";
import { renderInterface } from "./interface-render.ts";
import { contains, formatIp, parseIp, parseNetwork } from "./ip-address.ts";
import { addIp, removeIp } from "./ipam.ts";
import { dropLink, ensureLinkUp } from "./links.ts";
import { allocType, type DnsResource, type StaticIp, type Subnet } from "./network-state.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, json, notFound, refusal } from "./reply.ts";
import { nextId, type LabState } from "./state.ts";
import { findSubnet, renderSubnet } from "./subnets.ts";
import { isoTime } from "./timestamp.ts";
import { renderUser } from "./users.ts";

const typeNames: Record<number, string> = {
  [allocType.auto]: "Automatic",
  [allocType.sticky]: "Static",
  [allocType.userReserved]: "User reserved",
  [allocType.dhcp]: "DHCP",
  [allocType.discovered]: "Observed",
};

export function renderIpAddress(state: LabState, row: StaticIp): Record<string, unknown> {
  const subnet = row.subnetId === null ? undefined : state.subnets[row.subnetId];
  const owner = row.userId === null ? undefined : state.users[row.userId];
  return {
    created: isoTime(row.created),
    ip: row.ip,
    alloc_type: row.allocType,
    subnet: subnet ? renderSubnet(state, subnet) : null,
    alloc_type_name: typeNames[row.allocType],
    owner: owner ? renderUser(owner) : null,
    interface_set: row.interfaceId === null ? [] : interfacesWith(state, row.interfaceId),
    resource_uri: "/MAAS/api/2.0/ipaddresses/",
  };
}

function interfacesWith(state: LabState, interfaceId: number): unknown[] {
  const nic = state.interfaces[interfaceId];
  if (nic) return [renderInterface(state, nic)];
  const rack = Object.values(state.controllers).find((one) => one.interface.id === interfaceId);
  return rack ? [renderControllerInterface(state, rack)] : [];
}

/** Plain HTTP 4xx texts that the handler returns rather than raises. */
const say = (status: number, body: string) => ({ status, contentType: "text/plain", body });

function list(call: Call) {
  const { state, query } = call;
  const user = caller(call);
  const all = readStringBool(query, "all", false);
  const [ip, owner] = [query.get("ip"), query.get("owner")];
  if (ip !== undefined && !parseIp(ip)) return say(400, "Parameter 'ip' must contain an IP address.");
  if (all && !user.isSuperuser) return say(403, "Listing all IP addresses requires admin privileges.");
  if (owner !== undefined && !user.isSuperuser)
    return say(403, "Listing another user's IP addresses requires admin privileges.");
  const ownerId = Object.values(state.users).find((one) => one.username === owner)?.id;
  const rows = Object.values(state.ips).filter((row) => {
    if (row.ip === null || (ip !== undefined && row.ip !== ip)) return false;
    if (!all && row.allocType !== allocType.userReserved) return false;
    if (owner !== undefined) return row.userId === ownerId;
    return all || row.userId === user.id;
  });
  return json(rows.map((row) => renderIpAddress(state, row)));
}

function reserve(call: Call) {
  const { state, form } = call;
  const address = form.get("ip") ?? form.get("ip_address");
  const errors = new FormErrors();
  if (address !== undefined && address !== "" && !parseIp(address))
    errors.add("ip_address", "Enter a valid IPv4 or IPv6 address.");
  errors.throwIfAny();
  if (form.get("mac")) throw refusal(501, "Not simulated by the lab: POST ipaddresses/ op=reserve with mac");
  const subnet = subnetFor(state, address, form.get("subnet"));
  if (address !== undefined && rangeAround(state, subnet.id, address, "dynamic"))
    throw refusal(
      403,
      `IP address ${address} belongs to an existing dynamic range. To reserve this IP address, a MAC address is required. (Create a device instead.)`,
    );
  const domainId = readDomain(state, form.get("hostname"));
  const ip = address === undefined ? pick(state, subnet) : checked(state, subnet, address);
  const row = addIp(state, { allocType: allocType.userReserved, ip, subnetId: subnet.id, userId: caller(call).id });
  const hostname = form.get("hostname")?.split(".")[0] ?? "";
  if (hostname !== "") nameIt(state, row, hostname, domainId);
  return json(renderIpAddress(state, row));
}

function subnetFor(state: LabState, address: string | undefined, specifier: string | undefined): Subnet {
  if (address !== undefined) {
    const subnet = bestSubnetFor(state, address);
    if (!subnet) throw refusal(400, `No known subnet for IP address: ${address}.`);
    return subnet;
  }
  if (specifier === undefined) throw refusal(400, "Must supply either the 'subnet' or the 'ip' parameter.");
  const subnet = findSubnet(state, specifier);
  if (!subnet) throw refusal(400, `Unable to identify subnet: ${specifier}.`);
  return subnet;
}

function pick(state: LabState, subnet: Subnet): string {
  const free = nextFreeAddress(state, subnet);
  if (free === undefined) throw refusal(503, `No more IPs available in subnet: ${subnet.cidr}.`);
  return free;
}

/** The address as MAAS writes it, if nobody has it and no range forbids it. */
function checked(state: LabState, subnet: Subnet, text: string): string {
  const ip = parseIp(text);
  const network = parseNetwork(subnet.cidr);
  if (!ip || !network) throw refusal(400, `No known subnet for IP address: ${text}.`);
  const address = formatIp(ip);
  const taken = Object.values(state.ips).some((row) => row.ip === address && row.allocType !== allocType.discovered);
  if (taken) throw refusal(404, `The IP address ${address} is already in use.`);
  if (!contains(network, ip)) throw refusal(403, `${address} is not within subnet CIDR: ${subnet.cidr}`);
  const range = rangeAround(state, subnet.id, address, "reserved");
  if (range) throw refusal(404, `${address} is within the reserved range from ${range.startIp} to ${range.endIp}`);
  return address;
}

function readDomain(state: LabState, hostname: string | undefined): number {
  const dot = hostname?.indexOf(".") ?? -1;
  if (hostname === undefined || dot <= 0) return state.defaultDomainId;
  const domain = Object.values(state.domains).find((one) => one.name === hostname.slice(dot + 1));
  if (!domain) throw notFound("Domain");
  return domain.id;
}

function nameIt(state: LabState, row: StaticIp, name: string, domainId: number): void {
  const known = Object.values(state.dnsResources).find((one) => one.name === name && one.domainId === domainId);
  if (known) {
    known.ipIds.push(row.id);
    return;
  }
  const resource: DnsResource = {
    id: nextId(state, "dnsResource"),
    name,
    domainId,
    addressTtl: null,
    ipIds: [row.id],
  };
  state.dnsResources[resource.id] = resource;
}

function release(call: Call) {
  const { state, form } = call;
  const user = caller(call);
  const ip = mandatory(form, "ip");
  const force = readStringBool(form, "force", false);
  const discovered = readStringBool(form, "discovered", false);
  if (force && !user.isSuperuser) return say(403, "Force-releasing an IP address requires admin privileges.");
  const errors = new FormErrors();
  if (!parseIp(ip)) errors.add("ip", "Enter a valid IPv4 or IPv6 address.");
  errors.throwIfAny();
  const row = Object.values(state.ips).find((one) => {
    if (one.ip !== ip) return false;
    if (force) return (one.allocType === allocType.discovered) === discovered;
    return one.allocType === allocType.userReserved && one.userId === user.id;
  });
  if (!row)
    throw refusal(
      400,
      force
        ? `IP address ${ip} does not exist.`
        : `IP address ${ip} does not exist, is not the correct type of address, or does not belong to the requesting user.\nIf you are sure you want to release this address, use force=true as a MAAS administrator.`,
    );
  const nic = row.interfaceId === null ? undefined : state.interfaces[row.interfaceId];
  if (nic) {
    dropLink(state, nic, row);
    ensureLinkUp(state, nic);
  } else removeIp(state, row.id);
  return deleted();
}

const path = "ipaddresses/";

export const ipAddressOperations: Operation[] = [
  { method: "GET", path, access: "user", handle: list },
  { method: "POST", path, op: "reserve", access: "user", handle: reserve },
  { method: "POST", path, op: "release", access: "user", handle: release },
];
