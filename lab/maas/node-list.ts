/** What a list of nodes leaves out (facts: maas.md 2.2). */
import { FormErrors } from "./form.ts";
import { interfacesOf } from "./links.ts";
import { addCommonFilters, commonFields, chosen, matchAny, newFilters, refuseUnknown } from "./machine-filter.ts";
import { isMac } from "./machine-form.ts";
import type { Machine } from "./machine-state.ts";
import { simpleStatuses, statusOfLabel, statuses } from "./node-status.ts";
import type { Call } from "./operation.ts";

const listFields = new Set([
  ...commonFields,
  ...["id", "hostname", "domain", "agent_name", "status", "simple_status"].flatMap((name) => [name, `not_${name}`]),
  "mac_address",
]);

/** The filters work on rows: what they leave out is never rendered. */
export function filteredNodes<Row extends Machine>({ state, query }: Call, rows: readonly Row[]): Row[] {
  const errors = new FormErrors();
  const filters = newFilters();
  const context = { state, fields: query, errors, filters };
  refuseUnknown(context, listFields);
  addCommonFilters(context);
  const domainOf = ({ domainId }: Machine): string => state.domains[domainId]?.name ?? "";
  for (const not of [false, true]) {
    const prefix = not ? "not_" : "";
    matchAny(context, `${prefix}id`, ({ systemId }) => [systemId], { not });
    matchAny(context, `${prefix}hostname`, ({ hostname }) => [hostname], { not });
    matchAny(context, `${prefix}domain`, (machine) => [domainOf(machine)], { not });
    matchAny(context, `${prefix}agent_name`, ({ agentName }) => [agentName], { not });
    const labels = chosen(
      context,
      `${prefix}status`,
      Object.values(statuses).map(({ label }) => label),
    );
    const numbers = labels.flatMap((label) => statusOfLabel(label) ?? []).map(String);
    matchAny(context, `${prefix}status`, (machine) => [machine.status], { not, values: numbers });
    const simple = chosen(context, `${prefix}simple_status`, Object.keys(simpleStatuses));
    const grouped = simple.flatMap((name) => simpleStatuses[name] ?? []).map(String);
    matchAny(context, `${prefix}simple_status`, (machine) => [machine.status], { not, values: grouped });
  }
  for (const mac of query.all("mac_address"))
    if (!isMac(mac)) errors.add("mac_address", `'${mac}' is not a valid MAC address.`);
  matchAny(context, "mac_address", (machine) => interfacesOf(state, machine).map((nic) => nic.mac));
  errors.throwIfAny();
  return rows.filter((machine) => filters.predicates.every((accepts) => accepts(machine)));
}
