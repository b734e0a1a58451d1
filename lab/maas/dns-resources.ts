/** Extra names for addresses (facts: maas.md 2.13; transcript s23). Machines get theirs by themselves. */
import { bestSubnetFor } from "./address-ranges.ts";
import { caller, requireAdmin } from "./caller.ts";
import { isResourceName, readName } from "./dns-names.ts";
import { renderRecord } from "./dns-records.ts";
import { FormErrors, readInteger, requiredMessage } from "./form.ts";
import { renderIpAddress } from "./ip-addresses.ts";
import { formatIp, parseIp } from "./ip-address.ts";
import { addIp, holderOf } from "./ipam.ts";
import { allocType, type DnsResource } from "./network-state.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import { isId, rowOr404 } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";

export function fqdnOfResource(state: LabState, resource: DnsResource): string {
  const domain = state.domains[resource.domainId]?.name ?? "";
  return resource.name === "@" ? domain : `${resource.name}.${domain}`;
}

export const recordsOf = (state: LabState, resource: DnsResource) =>
  Object.values(state.dnsRecords)
    .filter((record) => record.resourceId === resource.id)
    .toSorted((a, b) => (a.rrtype < b.rrtype ? -1 : a.rrtype > b.rrtype ? 1 : 0));

const render = (state: LabState, resource: DnsResource): Record<string, unknown> => ({
  address_ttl: resource.addressTtl,
  fqdn: fqdnOfResource(state, resource),
  resource_records: recordsOf(state, resource).map((record) => renderRecord(state, record)),
  ip_addresses: resource.ipIds.flatMap((id) => {
    const row = state.ips[id];
    return row ? [renderIpAddress(state, row)] : [];
  }),
  id: resource.id,
  resource_uri: `/MAAS/api/2.0/dnsresources/${String(resource.id)}/`,
});

/** Sorted by domain, then name. */
function list({ state, query }: Call) {
  const rrtype = query.get("rrtype")?.toUpperCase();
  const { name, domain } = readName(state, query, rrtype);
  const found = Object.values(state.dnsResources).filter(
    (resource) =>
      (!domain || resource.domainId === domain.id) &&
      (name === undefined || resource.name === name) &&
      (rrtype === undefined || recordsOf(state, resource).some((record) => record.rrtype === rrtype)),
  );
  return json(sortedByName(found).map((resource) => render(state, resource)));
}

const sortedByName = (resources: DnsResource[]): DnsResource[] =>
  resources.toSorted((a, b) => a.domainId - b.domainId || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));

type ResourceFields = Omit<DnsResource, "id" | "ipIds">;

/** @param wanted The addresses sent, or undefined when the field was not. */
function read({ state, form }: Call, wanted: string[] | undefined, current?: DnsResource): ResourceFields {
  const sent = readName(state, form, "A");
  const name = sent.name ?? current?.name ?? "";
  const domainId = sent.domain?.id ?? current?.domainId;
  const errors = new FormErrors();
  if (name === "") errors.add("name", requiredMessage);
  if (domainId === undefined) errors.add("domain", requiredMessage);
  const addressTtl = readInteger(form, errors, "address_ttl", {
    current: current?.addressTtl,
    min: 0,
    max: 2 ** 31 - 1,
  });
  if (name !== "" && wanted && !isResourceName(name, "A")) errors.add("__all__", `Invalid dnsresource name: ${name}.`);
  errors.throwIfAny();
  const taken = Object.values(state.dnsResources).some((row) => row.name === name && row.domainId === domainId);
  if (taken && !current) errors.add("__all__", "Labels must be unique within their zone.");
  errors.throwIfAny();
  return { name, domainId: domainId ?? 0, addressTtl };
}

const wantedAddresses = (call: Call): string[] | undefined =>
  call.form.get("ip_addresses")?.split(/\s+/).filter(Boolean);

/** Ids in `ips`: of known addresses, or of new reservations of the caller. */
function claim(call: Call, wanted: string[]): number[] {
  const { state } = call;
  for (const text of wanted)
    if (!isId(text) && !parseIp(text)) throw refusal(500, `failed to detect a valid IP address from '${text}'`);
  return wanted.map((text) => {
    if (isId(text)) return Number(text);
    const ip = parseIp(text);
    const address = ip ? formatIp(ip) : text;
    const subnetId = bestSubnetFor(state, address)?.id ?? null;
    const row =
      holderOf(state, address) ??
      addIp(state, { allocType: allocType.userReserved, ip: address, subnetId, userId: caller(call).id });
    return row.id;
  });
}

const resourceOr404 = (call: Call): DnsResource =>
  rowOr404(call.state.dnsResources, call.params["id"] ?? "", "DNSResource");

function create(call: Call) {
  const { state } = call;
  const wanted = wantedAddresses(call);
  const fields = read(call, wanted);
  const ipIds = claim(call, wanted ?? []);
  const resource: DnsResource = { id: nextId(state, "dnsResource"), ...fields, ipIds };
  state.dnsResources[resource.id] = resource;
  return json(render(state, resource));
}

function update(call: Call) {
  const resource = resourceOr404(call);
  requireAdmin(call);
  const wanted = wantedAddresses(call);
  const fields = read(call, wanted, resource);
  const ipIds = wanted ? claim(call, wanted) : resource.ipIds;
  Object.assign(resource, fields, { ipIds });
  return json(render(call.state, resource));
}

/** Takes its records along. Its addresses stay reserved. */
function remove(call: Call) {
  const { state } = call;
  const resource = resourceOr404(call);
  requireAdmin(call);
  for (const record of recordsOf(state, resource)) Reflect.deleteProperty(state.dnsRecords, record.id);
  Reflect.deleteProperty(state.dnsResources, resource.id);
  return deleted();
}

const path = "dnsresources/";

export const dnsResourceOperations: Operation[] = [
  { method: "GET", path, access: "user", handle: list },
  { method: "POST", path, access: "admin", handle: create },
  {
    method: "GET",
    path: `${path}:id/`,
    access: "user",
    handle: (call) => json(render(call.state, resourceOr404(call))),
  },
  { method: "PUT", path: `${path}:id/`, access: "user", handle: update },
  { method: "DELETE", path: `${path}:id/`, access: "user", handle: remove },
];
