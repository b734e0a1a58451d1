/** events/?op=query: the newest first, or what came after an id (facts: maas.md 2.17). */
import { visibleMachines } from "./access.ts";
import { caller } from "./caller.ts";
import { level } from "./events.ts";
import { isMac } from "./machine-form.ts";
import type { Machine, MachineEvent } from "./machine-state.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { json, refusal } from "./reply.ts";
import type { LabState } from "./state.ts";
import { shortTime } from "./timestamp.ts";

const levels: Record<string, number> = {
  AUDIT: level.audit,
  DEBUG: level.debug,
  INFO: level.info,
  WARNING: level.warning,
  ERROR: level.error,
  CRITICAL: 50,
};

const defaultLimit = 100;
const maximumLimit = 1000;

const levelName = (value: number): string => Object.entries(levels).find(([, number]) => number === value)?.[0] ?? "";

function readInteger(query: Fields, name: string): number | undefined {
  const text = query.get(name);
  if (text === undefined) return undefined;
  if (!/^-?\d+$/.test(text.trim())) throw refusal(400, `Invalid ${name}: Please enter an integer value`);
  return Number(text);
}

function wantedMachines(call: Call): Machine[] {
  const { state, query } = call;
  const has = (name: string, value: string): boolean => !query.has(name) || query.all(name).includes(value);
  const macs = query.all("mac_address");
  const wrong = macs.filter((mac) => !isMac(mac));
  if (wrong.length > 0) throw refusal(400, `Invalid MAC address(es): ${wrong.join(", ")}`);
  return visibleMachines(state, caller(call)).filter(
    (machine) =>
      has("id", machine.systemId) &&
      has("hostname", machine.hostname) &&
      has("domain", state.domains[machine.domainId]?.name ?? "") &&
      has("zone", state.zones[machine.zoneId]?.name ?? "") &&
      has("pool", state.pools[machine.poolId]?.name ?? "") &&
      has("agent_name", machine.agentName) &&
      (macs.length === 0 || machine.interfaceIds.some((id) => macs.includes(state.interfaces[id]?.mac ?? ""))),
  );
}

function matchingEvents(call: Call): MachineEvent[] {
  const { state, query } = call;
  const wanted = query.get("level") ?? "INFO";
  const least = levels[wanted];
  if (least === undefined) throw refusal(400, `Unrecognised log level: ${wanted}`);
  const owner = query.get("owner");
  const isWanted = (event: MachineEvent): boolean =>
    (wanted === "AUDIT" ? event.level === level.audit : event.level >= least) &&
    (owner === undefined || event.username === owner);
  return wantedMachines(call)
    .flatMap((machine) => machine.eventIds.flatMap((id) => state.events[id] ?? []))
    .filter(isWanted)
    .sort((a, b) => b.id - a.id);
}

const render = (state: LabState, event: MachineEvent) => ({
  username: event.username,
  node: event.systemId,
  hostname: state.machines[event.systemId]?.hostname ?? "",
  id: event.id,
  level: levelName(event.level),
  created: shortTime(event.created),
  type: event.type,
  description: event.description,
});

const known = ["agent_name", "domain", "hostname", "id", "level", "limit", "mac_address", "op", "zone", "owner"];

/** The same query with another place to go on from. */
function uri(query: Fields, place?: { name: "after" | "before"; id: number }): string {
  const drop = place?.name === "after" ? "before" : "after";
  const pairs = query.names().flatMap((name) => {
    const keeps =
      known.includes(name) || (name !== drop && name !== place?.name && (name === "after" || name === "before"));
    return keeps ? query.all(name).map((value): [string, string] => [name, value]) : [];
  });
  if (place) pairs.push([place.name, String(place.id)]);
  return `/MAAS/api/2.0/events/?${new URLSearchParams(pairs).toString()}`;
}

function query(call: Call) {
  const { state, query: fields } = call;
  const after = readInteger(fields, "after");
  const before = readInteger(fields, "before");
  const limit = readInteger(fields, "limit") ?? defaultLimit;
  if (limit > maximumLimit)
    throw refusal(400, `Requested number of events ${String(limit)} is greater than limit: ${String(maximumLimit)}`);
  const all = matchingEvents(call);
  if (after !== undefined && before !== undefined)
    throw refusal(400, "There is undetermined behaviour when both `after` and `before` are specified.");
  const count = Math.max(limit, 1);
  // After an id come the oldest first, so that nothing is skipped between two queries.
  const newer = all.filter((event) => event.id > (after ?? 0));
  const page =
    after === undefined ? all.filter((event) => event.id < (before ?? Infinity)).slice(0, count) : newer.slice(-count);
  const [newest] = page;
  const oldest = page.at(-1);
  return json({
    count: page.length,
    events: page.map((event) => render(state, event)),
    next_uri: newest
      ? uri(fields, { name: "after", id: newest.id })
      : uri(fields, before === undefined ? undefined : { name: "after", id: before - 1 }),
    prev_uri: oldest
      ? uri(fields, { name: "before", id: oldest.id })
      : after === undefined
        ? null
        : uri(fields, { name: "before", id: after + 1 }),
  });
}

export const eventOperations: Operation[] = [
  { method: "GET", path: "events/", op: "query", access: "user", handle: query },
];
