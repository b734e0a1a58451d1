/**
 * Which interface is meant: the one of another resource by its id, "SYSTEMID/INTERFACEID", or a physical card by machine
 * and MAC address. A card's name would not do: commissioning renames it (facts: maas.md trap 16). Neither would the MAC
 * address of anything else: bridges, bonds and VLAN interfaces share that of their parent.
 */
import type { Check } from "../core/check.ts";
import { ProviderError } from "../core/errors.ts";
import { macProblem } from "./addresses.ts";
import type { Interface } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import type { Origin } from "./origin.ts";
import type { MaasServices } from "./services.ts";

/** By `id`, or by `machine` and `macAddress`. */
export interface Reference {
  id?: string | undefined;
  machine?: string | undefined;
  macAddress?: string | undefined;
}

export interface Found {
  machine: Machine;
  nic: Interface;
}

export const interfaceId = (machine: Machine, nic: Interface): string => `${machine.system_id}/${String(nic.id)}`;

export const systemIdOf = (reference: Reference): string =>
  reference.machine ?? (reference.id ?? "").split("/")[0] ?? "";

/** Undefined when the machine or the interface is not there (any more). */
export async function lookForInterface(services: MaasServices, reference: Reference): Promise<Found | undefined> {
  const machine = await services.machineById(systemIdOf(reference));
  const nic = machine?.interface_set.find(isMeant(reference));
  return machine && nic && { machine, nic };
}

/** @throws ProviderError that names the interfaces there are */
export async function findInterface(services: MaasServices, reference: Reference): Promise<Found> {
  const machine = await services.machineById(systemIdOf(reference));
  if (!machine) throw new ProviderError("gone", `There is no machine ${systemIdOf(reference)} in MAAS.`);
  const nic = machine.interface_set.find(isMeant(reference));
  if (nic) return { machine, nic };
  const candidates = machine.interface_set.filter(({ type }) => reference.id !== undefined || type === "physical");
  const known = candidates.map((other) => `${other.name} ${other.mac_address}`).join(", ");
  throw new ProviderError(
    "bad-input",
    `machine ${machine.hostname} has no ${reference.id === undefined ? `network card ${reference.macAddress ?? ""}` : `interface ${reference.id}`}; ` +
      `it has ${known === "" ? "none" : known}.`,
  );
}

const isMeant =
  ({ id, macAddress }: Reference) =>
  (nic: Interface): boolean =>
    id === undefined ? nic.type === "physical" && nic.mac_address === macAddress : id.endsWith(`/${String(nic.id)}`);

/** @param key the input that takes an id */
export function checkReference(check: Check, key: string): void {
  if (check.absent(key)) {
    check.required("machine", "`server1.id`, the output of a Machine");
    check.required("macAddress", `"1c:69:7a:00:00:01", or instead of machine and macAddress \`${key}: bond.id\``);
    check.text("machine");
    check.text("macAddress", macProblem);
    return;
  }
  check.text(key, interfaceIdProblem);
  for (const other of ["machine", "macAddress"]) {
    if (!check.absent(other)) check.fail(other, `follows from ${key}; leave one of the two out`);
  }
}

export const interfaceIdProblem = (id: string): string | undefined =>
  /^[a-z0-9]+\/\d+$/.test(id)
    ? undefined
    : `"${id}" is no interface's id; write \`bridge.id\` of a resource, or "abc123/7": the system ID and the interface's number`;

/** What names of interfaces are claimed by: the machine, as surely as the program tells it. */
export const machineKey = (check: Check, reference: Reference): string | undefined => {
  const origin = check.value("origin.machine");
  if (typeof origin === "string") return origin;
  const id = systemIdOf(reference);
  return id === "" ? undefined : id;
};

/** The same card, however it is referred to. */
export const cardKey = (reference: Reference, origin: Origin): string | undefined =>
  reference.macAddress ?? origin.macAddress ?? reference.id;
