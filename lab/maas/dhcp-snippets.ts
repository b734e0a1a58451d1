/**
 * Pieces of dhcpd's configuration: for all, for a subnet or for a machine (src/maasserver/api/dhcpsnippets.py, forms/dhcpsnippet.py).
 * What is in them is not looked at, as in a region whose rack does not answer.
 */
import { FormErrors, invalidChoice, readCheckbox, readText, requiredMessage } from "./form.ts";
import { renderMachine } from "./machine-render.ts";
import type { DhcpSnippet, IpRange, Subnet } from "./network-state.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, fieldErrors, json, refusal } from "./reply.ts";
import { isId, namedOr404 } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";
import { findSubnet, renderSubnet } from "./subnets.ts";
import { longTime } from "./timestamp.ts";

function render(state: LabState, row: DhcpSnippet): Record<string, unknown> {
  const subnet = row.subnetId === null ? undefined : state.subnets[row.subnetId];
  const machine = row.systemId === null ? undefined : state.machines[row.systemId];
  return {
    id: row.id,
    name: row.name,
    value: row.history[0]?.value ?? "",
    history: row.history.map(({ id, value, created }) => ({ id, value, created: longTime(created) })),
    description: row.description,
    enabled: row.enabled,
    node: machine
      ? { ...renderMachine(state, machine), resource_uri: `/MAAS/api/2.0/nodes/${machine.systemId}/` }
      : null,
    subnet: subnet ? renderSubnet(state, subnet) : null,
    global_snippet: !machine && !subnet,
    resource_uri: `/MAAS/api/2.0/dhcp-snippets/${String(row.id)}/`,
  };
}

interface Place {
  systemId: string | null;
  subnetId: number | null;
  rangeId: number | null;
}

/** A machine takes a subnet's place and the other way round; both anew at once are an error. */
function readPlace({ state, form }: Call, errors: FormErrors, current: Place): Place {
  const text = (name: string): string | undefined => form.get(name)?.trim();
  const find = <Row>(
    name: string,
    kept: Row | undefined,
    look: (wanted: string) => Row | undefined,
  ): Row | undefined => {
    const wanted = text(name);
    if (wanted === undefined || wanted === "") return wanted === undefined ? kept : undefined;
    const found = look(wanted);
    if (!found) errors.add(name, invalidChoice);
    return found;
  };
  const before = state.machines[current.systemId ?? ""];
  const machine = find("node", before, (wanted) =>
    Object.values(state.machines).find(({ systemId, hostname }) => [systemId, hostname].includes(wanted)),
  );
  const subnet = find<Subnet>("subnet", state.subnets[current.subnetId ?? -1], (wanted) => findSubnet(state, wanted));
  const range = find<IpRange>("iprange", state.ipRanges[current.rangeId ?? -1], (wanted) =>
    isId(wanted) ? state.ipRanges[Number(wanted)] : undefined,
  );
  const place = { systemId: machine?.systemId ?? null, subnetId: subnet?.id ?? null, rangeId: range?.id ?? null };
  if (readCheckbox(form, "global_snippet", false)) return { ...place, systemId: null, subnetId: null };
  if (current.subnetId === place.subnetId && machine) return { ...place, subnetId: null };
  if (current.systemId === place.systemId && subnet) return { ...place, systemId: null };
  return place;
}

function checkPlace(state: LabState, { systemId, subnetId, rangeId }: Place): void {
  const refuse = (sentence: string): never => {
    throw fieldErrors({ __all__: [sentence] });
  };
  if (systemId !== null && subnetId !== null)
    refuse("A DHCP snippet cannot be enabled on a node and subnet at the same time.");
  if (rangeId === null) return;
  if (subnetId === null) refuse("A DHCP snippet cannot be enabled on an iprange withouta parent subnet");
  if (state.ipRanges[rangeId]?.subnetId !== subnetId)
    refuse("A DHCP snippet's IP Range must be within theparent subnet");
}

const nowhere: Place = { systemId: null, subnetId: null, rangeId: null };

function save(call: Call, current?: DhcpSnippet) {
  const { state, form } = call;
  const errors = new FormErrors();
  const name = readText(form, errors, "name", { current: current?.name, required: !current, max: 255 });
  const value = form.get("value")?.replaceAll("\r\n", "\n");
  if (!current && (value === undefined || value === "")) errors.add("value", requiredMessage);
  const place = readPlace(call, errors, current ?? nowhere);
  const fields = {
    name: name === "" ? (current?.name ?? "") : name,
    description: readText(form, errors, "description", { current: current?.description }),
    enabled: readCheckbox(form, "enabled", current?.enabled ?? true),
    ...place,
  };
  errors.throwIfAny();
  checkPlace(state, place);
  const row: DhcpSnippet = current ?? { id: nextId(state, "dhcpSnippet"), history: [], ...fields };
  Object.assign(row, fields);
  const isNew = value !== undefined && value !== "" && value !== row.history[0]?.value;
  if (isNew) row.history = [{ id: nextId(state, "scriptVersion"), value, created: Date.now() }, ...row.history];
  state.dhcpSnippets[row.id] = row;
  return json(render(state, row));
}

const snippetOr404 = (call: Call): DhcpSnippet =>
  namedOr404(call.state.dhcpSnippets, call.params["id"] ?? "", "DHCPSnippet");

function remove(call: Call) {
  Reflect.deleteProperty(call.state.dhcpSnippets, snippetOr404(call).id);
  return deleted();
}

/** To the version with this id, or so many versions back when it is negative. */
function revert(call: Call) {
  const text = call.form.get("to");
  if (text === undefined) throw refusal(400, "You must specify where to revert to");
  if (!/^\s*[-+]?\d+\s*$/.test(text)) throw refusal(400, `${text} is an invalid 'to' value`);
  const to = Number(text);
  const row = snippetOr404(call);
  const index = to > 0 ? row.history.findIndex(({ id }) => id === to) : -to;
  if (index < 0) throw refusal(400, `${String(to)} not found in history`);
  if (index >= row.history.length) throw refusal(400, "Goes too far back.");
  row.history = row.history.slice(index);
  return json(render(call.state, row));
}

const path = "dhcp-snippets/";

export const dhcpSnippetOperations: Operation[] = [
  {
    method: "GET",
    path,
    access: "user",
    handle: ({ state }) => json(Object.values(state.dhcpSnippets).map((row) => render(state, row))),
  },
  { method: "POST", path, access: "admin", handle: (call) => save(call) },
  {
    method: "GET",
    path: `${path}:id/`,
    access: "user",
    handle: (call) => json(render(call.state, snippetOr404(call))),
  },
  { method: "PUT", path: `${path}:id/`, access: "admin", handle: (call) => save(call, snippetOr404(call)) },
  { method: "DELETE", path: `${path}:id/`, access: "admin", handle: remove },
  { method: "POST", path: `${path}:id/`, op: "revert", access: "admin", handle: revert },
];
