/** DNS domains (facts: maas.md 2.13; transcript s23). */
import { requireAdmin } from "./caller.ts";
import { isDomainName, labelsProblem } from "./dns-names.ts";
import { FormErrors, readInteger, readText } from "./form.ts";
import type { Domain } from "./network-state.ts";
import { ApiError, type Call, type Fields, type Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import { namedOr404 } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";

export const renderDomain = (state: LabState, domain: Domain): Record<string, unknown> => ({
  authoritative: domain.authoritative,
  ttl: domain.ttl,
  is_default: domain.id === state.defaultDomainId,
  id: domain.id,
  name: domain.name,
  resource_record_count: recordCount(state, domain.id),
  resource_uri: `/MAAS/api/2.0/domains/${String(domain.id)}/`,
});

/** Addresses and records that were added by hand; those of machines don't count. */
function recordCount(state: LabState, domainId: number): number {
  const resources = Object.values(state.dnsResources).filter((resource) => resource.domainId === domainId);
  if (resources.length === 0) return 0;
  const ids = new Set(resources.map((resource) => resource.id));
  const addresses = new Set(resources.flatMap((resource) => resource.ipIds));
  const records = Object.values(state.dnsRecords).filter((record) => ids.has(record.resourceId));
  return addresses.size + records.length;
}

/** Two checks of MAAS tell what they find, each once. */
function checkName(errors: FormErrors, name: string): void {
  if (name.length > 255) errors.add("name", "Domain name length cannot exceed 255 characters.");
  else if (!isDomainName(name)) {
    const strange = name.replace(/[a-zA-Z0-9.-]*/g, "") !== "";
    errors.add("name", strange ? "Domain name contains invalid characters." : `Invalid domain name: ${name}.`);
  }
  const problem = labelsProblem(name);
  if (problem !== undefined) errors.add("name", problem);
}

const oneWeek = 604800;

function readDomain(state: LabState, form: Fields, current?: Domain): Omit<Domain, "id"> {
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { current: current?.name, required: true, max: 256 });
  if (name !== "") checkName(errors, name);
  const ttl = readInteger(form, errors, "ttl", { current: current?.ttl, min: 1, max: oneWeek });
  const authoritative = readNullBoolean(form, "authoritative") ?? current?.authoritative ?? true;
  const forwardDnsServers = form.get("forward_dns_servers") ?? current?.forwardDnsServers ?? "";
  if (form.get("authoritative") && forwardDnsServers !== "")
    errors.add("__all__", "a domain cannot be both authoritative and have forward dns servers");
  const taken = Object.values(state.domains).some((domain) => domain.name === name && domain.id !== current?.id);
  if (taken) errors.add("name", "Domain with this Name already exists.");
  errors.throwIfAny();
  return { name, ttl, authoritative, forwardDnsServers };
}

/** Only true and false say something; all else is ignored (facts: maas.md 1.4 c). */
function readNullBoolean(form: Fields, name: string): boolean | undefined {
  const word = form.get(name)?.toLowerCase();
  return word === "true" ? true : word === "false" ? false : undefined;
}

const domainOr404 = (call: Call): Domain => namedOr404(call.state.domains, call.params["id"] ?? "", "Domain");

function create({ state, form }: Call) {
  const fields = readDomain(state, form);
  const domain: Domain = { id: nextId(state, "domain"), ...fields };
  state.domains[domain.id] = domain;
  return json(renderDomain(state, domain));
}

function update(call: Call) {
  const domain = domainOr404(call);
  requireAdmin(call);
  Object.assign(domain, readDomain(call.state, call.form, domain));
  return json(renderDomain(call.state, domain));
}

function setDefault(call: Call) {
  const { state } = call;
  const domain = domainOr404(call);
  requireAdmin(call);
  for (const machine of Object.values(state.machines))
    if (machine.domainId === state.defaultDomainId && machine.ownerId === null) machine.domainId = domain.id;
  state.defaultDomainId = domain.id;
  return json(renderDomain(state, domain));
}

function remove(call: Call) {
  const { state } = call;
  const domain = domainOr404(call);
  requireAdmin(call);
  if (domain.id === state.defaultDomainId)
    throw refusal(400, "This domain is the default domain, it cannot be deleted.");
  const resources = Object.values(state.dnsResources).filter((resource) => resource.domainId === domain.id);
  if (resources.length > 0) {
    const named = resources.map((resource) => `<DNSResource: name=${resource.name}>`).join(", ");
    // A protected foreign key, told in Python's words.
    throw refusal(
      500,
      `("Cannot delete some instances of model 'Domain' because they are referenced through protected foreign keys: 'DNSResource.domain'.", {${named}})`,
    );
  }
  const machines = Object.values(state.machines).filter((machine) => machine.domainId === domain.id);
  if (machines.length > 0) {
    const named = machines.map((machine) => `<Node: ${machine.systemId} (${machine.hostname}.${domain.name})>`);
    throw refusal(
      500,
      `("Cannot delete some instances of model 'Domain' because they are referenced through protected foreign keys: 'Node.domain'.", {${named.join(", ")}})`,
    );
  }
  Reflect.deleteProperty(state.domains, domain.id);
  return deleted();
}

const greatestSerial = 2 ** 32 - 1;

/** Nothing shows the zones' serial number. */
function setSerial({ form }: Call) {
  const text = form.get("serial");
  const refuse = (sentence: string): ApiError => new ApiError(json({ serial: sentence }, 400));
  if (text === undefined) throw refuse("Missing parameter");
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw refuse("Expected a serial number");
  const serial = Number(text);
  if (serial === 0 || serial > greatestSerial)
    throw refuse(`Expected a serial number between 1 and ${String(greatestSerial)}`);
  return json(null);
}

const path = "domains/:id/";

export const domainOperations: Operation[] = [
  {
    method: "GET",
    path: "domains/",
    access: "user",
    handle: ({ state }) => json(Object.values(state.domains).map((domain) => renderDomain(state, domain))),
  },
  { method: "POST", path: "domains/", access: "admin", handle: create },
  { method: "POST", path: "domains/", op: "set_serial", access: "admin", handle: setSerial },
  { method: "GET", path, access: "user", handle: (call) => json(renderDomain(call.state, domainOr404(call))) },
  { method: "PUT", path, access: "user", handle: update },
  { method: "DELETE", path, access: "user", handle: remove },
  { method: "POST", path, op: "set_default", access: "user", handle: setDefault },
];
