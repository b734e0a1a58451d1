/** The address book of the region: which addresses are used, and whose they are. */
import type { StaticIp } from "./network-state.ts";
import { nextId, type LabState } from "./state.ts";

type NewIp = Pick<StaticIp, "allocType"> & Partial<Omit<StaticIp, "id" | "allocType" | "created" | "updated">>;

/** Adds a row to `ips`; its id (sequence "ip") is the id of the link when it has an interface. */
export function addIp(state: LabState, fields: NewIp): StaticIp {
  const now = Date.now();
  const row: StaticIp = {
    id: nextId(state, "ip"),
    ip: null,
    subnetId: null,
    interfaceId: null,
    bmcOf: null,
    userId: null,
    ...fields,
    created: now,
    updated: now,
  };
  state.ips[row.id] = row;
  if (row.interfaceId !== null) addToIndex(state, row.interfaceId, row.id);
  return row;
}

export function removeIp(state: LabState, id: number): void {
  const row = state.ips[id];
  if (!row) return;
  if (row.interfaceId !== null) dropFromIndex(state, row.interfaceId, id);
  for (const resource of Object.values(state.dnsResources))
    if (resource.ipIds.includes(id)) resource.ipIds = resource.ipIds.filter((other) => other !== id);
  Reflect.deleteProperty(state.ips, id);
}

/** Hands a link over to another interface (an acquired bridge takes its parent's links). */
export function moveIp(state: LabState, id: number, interfaceId: number): void {
  const row = state.ips[id];
  if (!row) return;
  if (row.interfaceId !== null) dropFromIndex(state, row.interfaceId, id);
  row.interfaceId = interfaceId;
  addToIndex(state, interfaceId, id);
}

/** The rows of one interface, links and discovered addresses alike, in the order they were added. */
export const ipsOfInterface = (state: LabState, interfaceId: number): StaticIp[] =>
  (state.ipsByInterface[interfaceId] ?? []).flatMap((id) => state.ips[id] ?? []);

function addToIndex(state: LabState, interfaceId: number, id: number): void {
  const known = state.ipsByInterface[interfaceId];
  if (known) known.push(id);
  else state.ipsByInterface[interfaceId] = [id];
}

function dropFromIndex(state: LabState, interfaceId: number, id: number): void {
  const left = (state.ipsByInterface[interfaceId] ?? []).filter((other) => other !== id);
  if (left.length > 0) state.ipsByInterface[interfaceId] = left;
  else Reflect.deleteProperty(state.ipsByInterface, interfaceId);
}

/** All rows of a subnet that hold an address. */
export const addressesOf = (state: LabState, subnetId: number): StaticIp[] =>
  Object.values(state.ips).filter((row) => row.subnetId === subnetId && row.ip !== null && row.ip !== "");

/** Whoever has this address: a link, a discovered one, a BMC, a rack, a reservation. */
export const holderOf = (state: LabState, address: string): StaticIp | undefined =>
  Object.values(state.ips).find((row) => row.ip === address);
