/** DNS records that are no addresses: CNAME, TXT, MX, NS, SRV, SSHFP (facts: maas.md 2.13; transcript s23). */
import { requireAdmin } from "./caller.ts";
import { isDomainName, isResourceName, readName } from "./dns-names.ts";
import { fqdnOfResource, recordsOf } from "./dns-resources.ts";
import { FormErrors, readInteger, readText } from "./form.ts";
import type { DnsRecord, DnsResource } from "./network-state.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, fieldErrors, json, refusal } from "./reply.ts";
import { rowOr404 } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";

const supported = ["CNAME", "MX", "NS", "SRV", "SSHFP", "TXT"];

export function renderRecord(state: LabState, record: DnsRecord): Record<string, unknown> {
  const resource = state.dnsResources[record.resourceId];
  return {
    ttl: record.ttl,
    rrtype: record.rrtype,
    rrdata: record.rrdata,
    fqdn: resource ? fqdnOfResource(state, resource) : null,
    id: record.id,
    resource_uri: `/MAAS/api/2.0/dnsresourcerecords/${String(record.id)}/`,
  };
}

function list({ state, query }: Call) {
  const rrtype = query.get("rrtype");
  const { name, domain } = readName(state, query, rrtype);
  const rows = Object.values(state.dnsRecords).flatMap((record) => {
    const resource = state.dnsResources[record.resourceId];
    const wanted =
      resource !== undefined &&
      (!domain || resource.domainId === domain.id) &&
      (name === undefined || resource.name === name) &&
      (rrtype === undefined || record.rrtype === rrtype);
    return wanted ? [{ record, resource }] : [];
  });
  const sorted = rows.toSorted(
    (a, b) =>
      a.resource.domainId - b.resource.domainId ||
      (a.resource.name < b.resource.name ? -1 : a.resource.name > b.resource.name ? 1 : 0),
  );
  return json(sorted.map(({ record }) => renderRecord(state, record)));
}

const isPort = (text: string | undefined): boolean => text !== undefined && Number(text) <= 65535;

/** What is wrong with the data of a type, in MAAS's words. */
function dataProblem(rrtype: string, rrdata: string): string | undefined {
  const notADomain = (name: string): string | undefined =>
    isDomainName(name) ? undefined : `Invalid domain name: ${name}.`;
  switch (rrtype) {
    case "CNAME": {
      const part = "[_a-zA-Z0-9]([-_a-zA-Z0-9]{0,62}[_a-zA-Z0-9])?";
      return new RegExp(`^(${part}[.])*${part}[.]?$`).test(rrdata) ? undefined : "Invalid CNAME: Should be '<server>'.";
    }
    case "MX": {
      const [, preference, server] = /^(\d+)\s+(.+)$/.exec(rrdata) ?? [];
      if (!isPort(preference) || server === undefined)
        return "Invalid MX: Should be '<preference> <server>'. Range for preference is 0-65535.";
      return notADomain(server);
    }
    case "NS":
      return notADomain(rrdata);
    case "SRV": {
      const [, priority, weight, port, target = ""] = /^(\d+)\s+(\d+)\s+(\d+)\s+(.*)/.exec(rrdata) ?? [];
      if (!isPort(priority) || !isPort(weight) || !isPort(port))
        return "Invalid SRV: Should be '<priority> <weight> <port> <server>'. Range for priority, weight, and port are 0-65536.";
      return target === "." ? undefined : notADomain(target);
    }
    case "SSHFP":
      return /^\d+\s+\d+\s+.*$/.test(rrdata)
        ? undefined
        : "Invalid SSHFP: Should be '<algorithm> <fptype> <fingerprint>'.";
    default:
      return undefined;
  }
}

/** A CNAME stands alone at its name. */
function coexistence(state: LabState, resource: DnsResource | undefined, rrtype: string): string | undefined {
  if (!resource) return undefined;
  const records = recordsOf(state, resource);
  const hasAlias = records.some((record) => record.rrtype === "CNAME");
  const hasOther = records.some((record) => record.rrtype !== "CNAME") || resource.ipIds.length > 0;
  const mixed = "CNAME records for a name cannot coexist with non-CNAME records.";
  if (rrtype !== "CNAME") return hasAlias ? mixed : undefined;
  if (hasOther) return mixed;
  return hasAlias ? "Only one CNAME can be associated with a name." : undefined;
}

function read({ form }: Call, current?: DnsRecord): Omit<DnsRecord, "id" | "resourceId"> {
  const errors = new FormErrors();
  const rrtype = readText(form, errors, "rrtype", { current: current?.rrtype, required: true, max: 8 }).toUpperCase();
  const rrdata = readText(form, errors, "rrdata", { current: current?.rrdata, required: true });
  const ttl = readInteger(form, errors, "ttl", { current: current?.ttl, min: 0, max: 2 ** 31 - 1 });
  if (rrtype !== "" && !supported.includes(rrtype))
    errors.add("rrtype", `${rrtype} is not one of ${supported.join(" ")}.`);
  else if (rrdata !== "") {
    const problem = dataProblem(rrtype, rrdata);
    if (problem !== undefined) errors.add("__all__", problem);
  }
  errors.throwIfAny();
  return { rrtype, rrdata, ttl };
}

function create(call: Call) {
  const { state, form } = call;
  const rrtype = form.get("rrtype");
  if (rrtype === undefined) throw refusal(400, "rrtype must be provided.");
  if (form.get("rrdata") === undefined) throw refusal(400, "rrdata must be provided.");
  const { name, domain } = readName(state, form, rrtype);
  if (!domain || name === undefined) throw refusal(400, "Either name and domain (or fqdn) must be specified");
  const existing = Object.values(state.dnsResources).find((row) => row.name === name && row.domainId === domain.id);
  const fields = read(call);
  if (!existing && form.has("ip_addresses") && !isResourceName(name, "A"))
    throw fieldErrors({ __all__: [`Invalid dnsresource name: ${name}.`] });
  const conflict = coexistence(state, existing, fields.rrtype);
  if (conflict !== undefined) throw fieldErrors({ __all__: [conflict] });
  const resource = existing ?? newResource(state, name, domain.id);
  const record: DnsRecord = { id: nextId(state, "dnsRecord"), resourceId: resource.id, ...fields };
  state.dnsRecords[record.id] = record;
  return json(renderRecord(state, record));
}

function newResource(state: LabState, name: string, domainId: number): DnsResource {
  const resource: DnsResource = { id: nextId(state, "dnsResource"), name, domainId, addressTtl: null, ipIds: [] };
  state.dnsResources[resource.id] = resource;
  return resource;
}

const recordOr404 = (call: Call): DnsRecord => rowOr404(call.state.dnsRecords, call.params["id"] ?? "", "DNSData");

function update(call: Call) {
  const record = recordOr404(call);
  requireAdmin(call);
  Object.assign(record, read(call, record));
  return json(renderRecord(call.state, record));
}

/** The name goes with its last record, unless it has addresses. */
function remove(call: Call) {
  const { state } = call;
  const record = recordOr404(call);
  requireAdmin(call);
  Reflect.deleteProperty(state.dnsRecords, record.id);
  const resource = state.dnsResources[record.resourceId];
  if (resource?.ipIds.length === 0 && recordsOf(state, resource).length === 0)
    Reflect.deleteProperty(state.dnsResources, resource.id);
  return deleted();
}

const path = "dnsresourcerecords/";

export const dnsRecordOperations: Operation[] = [
  { method: "GET", path, access: "user", handle: list },
  { method: "POST", path, access: "admin", handle: create },
  {
    method: "GET",
    path: `${path}:id/`,
    access: "user",
    handle: (call) => json(renderRecord(call.state, recordOr404(call))),
  },
  { method: "PUT", path: `${path}:id/`, access: "user", handle: update },
  { method: "DELETE", path: `${path}:id/`, access: "user", handle: remove },
];
