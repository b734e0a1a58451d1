/** Power types and their parameters: what a form may set, and which machine a BMC belongs to (facts: maas.md 2.3, trap 21). */
import { readFileSync } from "node:fs";
import { bestSubnetFor } from "./address-ranges.ts";
import { requiredMessage, type FormErrors } from "./form.ts";
import { parseIp } from "./ip-address.ts";
import { addIp, removeIp } from "./ipam.ts";
import type { Machine } from "./machine-state.ts";
import { allocType } from "./network-state.ts";
import type { Fields } from "./operation.ts";
import { databaseConflict } from "./reply.ts";
import type { Json, LabState } from "./state.ts";

interface PowerField {
  name: string;
  label: string;
  required: boolean;
  default: Json;
}

interface PowerDriver {
  name: string;
  chassis: boolean;
  fields: PowerField[];
}

const drivers = JSON.parse(readFileSync(new URL("seed/power-types.json", import.meta.url), "utf8")) as PowerDriver[];
const driverOf = (type: string): PowerDriver | undefined => drivers.find(({ name }) => name === type);

export interface PowerSettings {
  type: string;
  parameters: Record<string, Json>;
}

const prefix = "power_parameters_";
const skipCheck = "power_parameters_skip_check";

/**
 * The power settings a form asks for, or undefined when it asks for none. One parameter alone merges with those that are there; another
 * type starts afresh.
 */
export function readPower(form: Fields, errors: FormErrors, current?: PowerSettings): PowerSettings | undefined {
  const sentType = form.get("power_type");
  const type = sentType ?? current?.type ?? "";
  const names = form.names().filter((name) => name.startsWith("power_parameters") && name !== skipCheck);
  if (sentType !== undefined && sentType !== "" && !driverOf(sentType)) {
    errors.add("power_type", `Select a valid choice. ${sentType} is not one of the available choices.`);
    return undefined;
  }
  if (sentType === undefined && (names.length === 0 || type === "")) return undefined;
  const driver = driverOf(type);
  if (!driver) return { type: "", parameters: {} };
  const sent = sentParameters(form, names, errors);
  const known = current?.type === type ? current.parameters : {};
  const values: Record<string, Json> = { ...known, ...sent };
  if (form.get(skipCheck) !== "true") checkRequired(driver, values, Object.keys(sent).length > 0, errors);
  return {
    type,
    parameters: Object.fromEntries(driver.fields.map((field) => [field.name, values[field.name] ?? field.default])),
  };
}

function sentParameters(form: Fields, names: string[], errors: FormErrors): Record<string, Json> {
  const sent: Record<string, Json> = {};
  const whole = form.get("power_parameters")?.trim();
  if (whole) {
    try {
      Object.assign(sent, JSON.parse(whole) as Record<string, Json>);
    } catch {
      errors.add("power_parameters", "Failed to parse JSON power_parameters");
    }
  }
  for (const name of names) if (name.startsWith(prefix)) sent[name.slice(prefix.length)] = form.get(name) ?? "";
  return sent;
}

/** Nothing sent at all is one error; each empty required field is another, named by its label. */
function checkRequired(driver: PowerDriver, values: Record<string, Json>, anySent: boolean, errors: FormErrors): void {
  const missing = driver.fields.filter(({ name, required }) => required && (values[name] ?? "") === "");
  if (missing.length === 0) return;
  if (!anySent && Object.keys(values).length === 0) errors.add("power_parameters", requiredMessage);
  else for (const { label } of missing) errors.add("power_parameters", `${label}: ${requiredMessage}`);
}

const addressOf = (parameters: Record<string, Json>): string => {
  const address = parameters["power_address"];
  return typeof address === "string" ? address : "";
};

/** One machine a BMC, except behind a chassis: the same address again is a conflict for ever. */
export function checkUniqueBmc(state: LabState, { type, parameters }: PowerSettings, self?: Machine): void {
  const address = addressOf(parameters);
  if (address === "" || driverOf(type)?.chassis !== false) return;
  const taken = Object.values(state.machines).some(
    (machine) => machine !== self && machine.powerType === type && addressOf(machine.powerParameters) === address,
  );
  if (taken) throw databaseConflict();
}

/** Sets it, and keeps the BMC's address among the used ones. */
export function setPower(state: LabState, machine: Machine, { type, parameters }: PowerSettings): void {
  machine.powerType = type;
  machine.powerParameters = parameters;
  forgetBmcAddress(state, machine);
  const address = /\d+\.\d+\.\d+\.\d+/.exec(addressOf(parameters))?.[0] ?? addressOf(parameters);
  if (!parseIp(address) || Object.values(state.ips).some(({ ip }) => ip === address)) return;
  const subnet = bestSubnetFor(state, address);
  addIp(state, { allocType: allocType.sticky, ip: address, subnetId: subnet?.id ?? null, bmcOf: machine.systemId });
}

export function forgetBmcAddress(state: LabState, machine: Machine): void {
  for (const row of Object.values(state.ips)) if (row.bmcOf === machine.systemId) removeIp(state, row.id);
}
