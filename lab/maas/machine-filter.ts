/** The filters that listing and allocating have in common (facts: maas.md 2.2, 2.7; transcripts s02, s14). */
import { pythonFloat } from "./constraint-maps.ts";
import type { FormErrors } from "./form.ts";
import { ipsOfInterface } from "./ipam.ts";
import { interfacesOf } from "./links.ts";
import type { Machine } from "./machine-state.ts";
import { usableArchitectures } from "./images.ts";
import type { Fields } from "./operation.ts";
import { findSubnet } from "./subnets.ts";
import type { LabState } from "./state.ts";
import { findVlans } from "./vlan-specifier.ts";

export type Predicate = (machine: Machine) => boolean;

export interface Filters {
  predicates: Predicate[];
  /** `key=value` of each constraint, for the text that allocate answers when nothing matches. */
  described: Map<string, string>;
}

export const newFilters = (): Filters => ({ predicates: [], described: new Map() });

/** Fields that are options, not constraints. */
export const ignoredFields = new Set([
  "comment",
  "bridge_all",
  "bridge_type",
  "bridge_stp",
  "bridge_fd",
  "dry_run",
  "verbose",
  "op",
  "agent_name",
]);

export interface FilterContext {
  state: LabState;
  fields: Fields;
  errors: FormErrors;
  filters: Filters;
}

/** Keeps machines for which `valueOf` gives one of the values; `not` keeps the others. */
export function matchAny(
  { fields, filters }: FilterContext,
  name: string,
  valuesOf: (machine: Machine) => (string | number | null)[],
  options: { not?: boolean; values?: string[] } = {},
): void {
  const values = options.values ?? fields.all(name);
  if (values.length === 0) return;
  filters.described.set(name, values.join(","));
  const wanted = new Set(values);
  filters.predicates.push(
    (machine) => valuesOf(machine).some((value) => wanted.has(String(value))) !== (options.not ?? false),
  );
}

/** Names must exist: an unknown one is an error, not an empty list. */
export function matchNames(
  context: FilterContext,
  name: string,
  kind: string,
  existing: readonly string[],
  valueOf: (machine: Machine) => string | undefined,
  not = false,
): void {
  const values = context.fields.all(name);
  const unknown = [...new Set(values)].filter((value) => !existing.includes(value)).sort();
  if (unknown.length > 0)
    context.errors.add(
      name,
      kind === "owner" ? `No such owner: '${unknown[0] ?? ""}'.` : `No such ${kind}(s): ${unknown.join(", ")}.`,
    );
  matchAny(context, name, (machine) => [valueOf(machine) ?? null], { not, values });
}

function matchAtLeast(
  context: FilterContext,
  name: string,
  error: string,
  valuesOf: (machine: Machine) => number[],
): void {
  const { errors, fields, filters } = context;
  const texts = fields.all(name);
  if (texts.length === 0) return;
  const values = texts.map(Number);
  if (values.some((value, index) => Number.isNaN(value) || texts[index]?.trim() === "")) {
    errors.add(name, error);
    return;
  }
  filters.described.set(name, values.map(pythonFloat).join(","));
  const least = Math.min(...values);
  filters.predicates.push((machine) => valuesOf(machine).some((value) => value >= least));
}

/** Tags: all of them, and unknown ones are errors. */
function matchTags({ state, fields, errors, filters }: FilterContext): void {
  const names = [...new Set(fields.all("tags").flatMap((text) => text.match(/[^\s,]+/g) ?? []))];
  const tags = new Map(Object.values(state.tags).map((tag) => [tag.name, tag.id]));
  const unknown = names.filter((name) => !tags.has(name));
  if (unknown.length > 0) errors.add("tags", `No such tag(s): ${unknown.map((name) => `'${name}'`).join(", ")}.`);
  if (names.length === 0) return;
  filters.described.set("tags", names.toSorted().join(","));
  filters.predicates.push((machine) => names.every((name) => machine.tagIds.includes(tags.get(name) ?? -1)));
}

function matchArchitectures({ state, fields, errors, filters }: FilterContext): void {
  const usable = usableArchitectures(state);
  const wanted: string[] = [];
  for (const value of fields.all("arch")) {
    const expanded = usable.includes(value) ? [value] : usable.filter((arch) => arch.split("/")[0] === value);
    if (expanded.length === 0) {
      errors.add("arch", "Architecture not recognised.");
      return;
    }
    wanted.push(...expanded);
  }
  if (wanted.length === 0) return;
  filters.described.set("arch", wanted.join(","));
  filters.predicates.push((machine) => wanted.includes(machine.architecture));
}

type Specified = "subnets" | "vlans";

/** `subnets` must all be linked, of `vlans` one is enough; the `not_` twins exclude any. */
function matchSpecifiers(context: FilterContext, kind: Specified, not: boolean): void {
  const { state, fields, errors, filters } = context;
  const name = not ? `not_${kind}` : kind;
  const specifiers = fields.all(name);
  if (specifiers.length === 0) return;
  const find = (text: string): number[] =>
    kind === "vlans" ? findVlans(state, text).map((vlan) => vlan.id) : [findSubnet(state, text)?.id ?? []].flat();
  const ids = [...new Set(specifiers.flatMap(find))].sort((a, b) => a - b);
  if (ids.length === 0) {
    errors.add(name, `No matching ${kind === "vlans" ? "VLANs" : "subnets"} found.`);
    return;
  }
  filters.described.set(name, ids.join(","));
  const attached = (machine: Machine): Set<number | null> =>
    new Set(
      interfacesOf(state, machine).flatMap((nic) =>
        kind === "vlans" ? [nic.vlanId] : ipsOfInterface(state, nic.id).map((row) => row.subnetId),
      ),
    );
  filters.predicates.push((machine) => {
    const has = attached(machine);
    if (not) return !ids.some((id) => has.has(id));
    return kind === "subnets" ? ids.every((id) => has.has(id)) : ids.some((id) => has.has(id));
  });
}

const powerStates = ["on", "off", "unknown", "error"];

/** A field of fixed choices; a leading `=` is allowed. */
export function chosen(context: FilterContext, name: string, choices: readonly string[]): string[] {
  const values = context.fields.all(name).map((value) => value.replace(/^=/, ""));
  const wrong = values.find((value) => !choices.includes(value));
  if (wrong === undefined) return values;
  context.errors.add(name, `Select a valid choice. ${wrong} is not one of the available choices.`);
  return [];
}

/** Every filter of the common form; returns the names it knows. */
export function addCommonFilters(context: FilterContext): void {
  const { state } = context;
  const fabricsOf = (machine: Machine): (string | null)[] =>
    interfacesOf(state, machine).map((nic) => {
      const vlan = nic.vlanId === null ? undefined : state.vlans[nic.vlanId];
      return (vlan && state.fabrics[vlan.fabricId]?.name) ?? null;
    });
  const classesOf = (machine: Machine): (string | null)[] =>
    interfacesOf(state, machine).map((nic) => {
      const vlan = nic.vlanId === null ? undefined : state.vlans[nic.vlanId];
      return (vlan && state.fabrics[vlan.fabricId]?.classType) ?? null;
    });
  const zoneOf = (machine: Machine): string | undefined => state.zones[machine.zoneId]?.name;
  const poolOf = (machine: Machine): string | undefined => state.pools[machine.poolId]?.name;
  const ownerOf = (machine: Machine): string | undefined => state.users[machine.ownerId ?? -1]?.username;
  const tagsOf = (machine: Machine): string[] => machine.tagIds.flatMap((id) => state.tags[id]?.name ?? []);
  const names = (table: Record<string, { name: string }>): string[] => Object.values(table).map(({ name }) => name);
  const owners = Object.values(state.users).map(({ username }) => username);

  matchArchitectures(context);
  matchAny(context, "not_arch", (machine) => [machine.architecture], { not: true });
  matchTags(context);
  matchAny(context, "not_tags", tagsOf, { not: true });
  matchNames(context, "zone", "zone", names(state.zones), zoneOf);
  matchNames(context, "not_in_zone", "zone", names(state.zones), zoneOf, true);
  matchNames(context, "pool", "pool", names(state.pools), poolOf);
  matchNames(context, "not_in_pool", "pool", names(state.pools), poolOf, true);
  matchNames(context, "owner", "owner", owners, ownerOf);
  matchAny(context, "not_owner", (machine) => [ownerOf(machine) ?? null], { not: true });
  matchAny(context, "fabrics", fabricsOf);
  matchAny(context, "not_fabrics", fabricsOf, { not: true });
  matchAny(context, "fabric_classes", classesOf);
  matchAny(context, "not_fabric_classes", classesOf, { not: true });
  for (const kind of ["subnets", "vlans"] as const) {
    matchSpecifiers(context, kind, false);
    matchSpecifiers(context, kind, true);
  }
  const speeds = (machine: Machine): number[] => interfacesOf(state, machine).map((nic) => nic.linkSpeed);
  matchAtLeast(context, "link_speed", "Invalid link speed: number required.", speeds);
  matchAtLeast(context, "cpu_count", "Invalid CPU count: number required.", ({ cpuCount }) => [cpuCount]);
  matchAtLeast(context, "cpu_speed", "Invalid CPU speed: number required.", ({ cpuSpeed }) => [cpuSpeed]);
  matchAtLeast(context, "mem", "Invalid memory: number of MiB required.", ({ memory }) => [memory]);
  matchAny(context, "system_id", ({ systemId }) => [systemId]);
  matchAny(context, "pod", () => []);
  matchAny(context, "not_pod", () => [], { not: true });
  matchAny(context, "pod_type", ({ powerType }) => [powerType]);
  matchAny(context, "not_pod_type", ({ powerType }) => [powerType], { not: true });
  for (const not of [false, true]) {
    const prefix = not ? "not_" : "";
    const states = chosen(context, `${prefix}power_state`, powerStates);
    matchAny(context, `${prefix}power_state`, ({ powerState }) => [powerState], { not, values: states });
    const targets = chosen(context, `${prefix}deployment_target`, ["memory", "disk"]);
    const targetOf = ({ ephemeralDeploy }: Machine): string[] => [ephemeralDeploy ? "memory" : "disk"];
    matchAny(context, `${prefix}deployment_target`, targetOf, { not, values: targets });
  }
  matchDevices(context);
}

const deviceKeys = new Set(["vendor_id", "product_id", "vendor_name", "product_name", "commissioning_driver"]);

/** The lab's machines report no PCI or USB devices: a device constraint matches none. */
function matchDevices({ fields, errors, filters }: FilterContext): void {
  const text = fields.get("devices");
  if (text === undefined || text === "") return;
  const unknown = text.split(",").find((pair) => !deviceKeys.has(pair.split("=")[0] ?? ""));
  if (unknown !== undefined) errors.add("devices", `Unknown devices constraint: '${unknown.split("=")[0] ?? ""}`);
  filters.described.set("devices", text);
  filters.predicates.push(() => false);
}

export const commonFields = [
  "arch", "not_arch", "tags", "not_tags", "fabrics", "not_fabrics", "fabric_classes", "not_fabric_classes", "subnets", "not_subnets",
  "link_speed", "vlans", "not_vlans", "zone", "not_in_zone", "system_id", "pool", "not_in_pool", "storage", "interfaces", "devices",
  "cpu_count", "cpu_speed", "mem", "pod", "not_pod", "pod_type", "not_pod_type", "owner", "not_owner", "power_state", "not_power_state",
  "deployment_target", "not_deployment_target",
]; // prettier-ignore

export function refuseUnknown({ fields, errors }: FilterContext, known: ReadonlySet<string>): void {
  for (const name of fields.names())
    if (!known.has(name) && !ignoredFields.has(name)) errors.add(name, "No such constraint.");
}
