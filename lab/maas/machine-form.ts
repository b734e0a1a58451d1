/** The form that enlists and changes machines: every error at once, in MAAS's words (facts: maas.md 2.3, 2.4; transcript s02). */
import { FormErrors, invalidChoice, invalidChoiceText, readInteger, requiredMessage } from "./form.ts";
import { nodeById } from "./links.ts";
import { isAddressName, isHostnameTaken, madeUpHostname, readHostname } from "./hostnames.ts";
import { usableArchitectures } from "./images.ts";
import type { Machine } from "./machine-state.ts";
import type { Fields } from "./operation.ts";
import { checkUniqueBmc, readPower, type PowerSettings } from "./power-form.ts";
import { refusal } from "./reply.ts";
import { isId } from "./specifier.ts";
import type { LabState } from "./state.ts";

export interface MachineDraft {
  hostname: string;
  domainId: number;
  zoneId: number;
  poolId: number;
  description: string;
  architecture: string;
  minHweKernel: string;
  swapSize: number | null;
  cpuCount: number;
  memory: number;
  /** Lower case, with colons. */
  macs: string[];
  power: PowerSettings | undefined;
}

interface FormOptions {
  /** Undefined on creation. */
  current?: Machine | undefined;
  /** Zone, pool, description and hardware figures are for administrators. */
  isAdmin: boolean;
  /** An enlistment as deployed needs neither architecture nor MAC. */
  isDeployed?: boolean;
  /** A device has neither architecture nor power. */
  isDevice?: boolean;
}

/** What the database holds. */
const count = { min: -(2 ** 31), max: 2 ** 31 - 1 };

const defaultPool = 0;
const defaultZone = 1;

/** Throws 400 with all field errors, or 409 for a BMC that another machine has. */
export function readMachineForm(state: LabState, form: Fields, options: FormOptions): MachineDraft {
  const errors = new FormErrors();
  const { current, isAdmin } = options;
  const power = options.isDevice
    ? undefined
    : readPower(form, errors, current && { type: current.powerType, parameters: current.powerParameters });
  const isOptional = form.get("power_type") === "ipmi" || (options.isDeployed === true && !form.has("power_type"));
  const needsHardware = !current && !isOptional;
  const architecture = options.isDevice
    ? (current?.architecture ?? "")
    : readArchitecture(state, form, errors, current, needsHardware);
  const macs = current ? [] : readMacs(state, form, errors, needsHardware);
  const named = readName(state, form, errors, current);
  const chooses = isAdmin ? form : noFields;
  const draft: MachineDraft = {
    ...named,
    zoneId: readByName(state.zones, chooses, errors, "zone") ?? current?.zoneId ?? defaultZone,
    poolId: readByName(state.pools, chooses, errors, "pool") ?? current?.poolId ?? defaultPool,
    description: chooses.get("description") ?? current?.description ?? "",
    architecture,
    minHweKernel: form.get("min_hwe_kernel") ?? current?.minHweKernel ?? "",
    swapSize: readSwapSize(form, errors, current),
    cpuCount: readInteger(chooses, errors, "cpu_count", { ...count, current: current?.cpuCount ?? 0 }) ?? 0,
    memory: readInteger(chooses, errors, "memory", { ...count, current: current?.memory ?? 0 }) ?? 0,
    macs,
    power,
  };
  const hasInterfaces = current ? current.interfaceIds.length > 0 : macs.length > 0;
  const sentType = form.get("power_type");
  if (
    sentType &&
    !options.isDevice &&
    !errors.has("power_type") &&
    sentType !== current?.powerType &&
    sentType !== "ipmi" &&
    !hasInterfaces
  )
    errors.add("power_type", `Can't set power type to ${sentType} without network interfaces`);
  errors.throwIfAny();
  if (power) checkUniqueBmc(state, power, current);
  return draft;
}

const noFields: Fields = {
  get: () => undefined,
  all: () => [],
  has: () => false,
  names: () => [],
  isFile: () => false,
};

/** `amd64` is `amd64/generic`; kernels are not part of an architecture any more. */
function readArchitecture(
  state: LabState,
  form: Fields,
  errors: FormErrors,
  current: Machine | undefined,
  isRequired: boolean,
): string {
  const sent = form.get("architecture");
  const sub = form.get("subarchitecture");
  if (/(hwe|ga)-.+/.test(`${sent ?? ""} ${sub ?? ""}`))
    throw refusal(400, "hwe kernel must be specified using the min_hwe_kernel argument.");
  const minimum = form.get("min_hwe_kernel");
  if (minimum && !/^(hwe|ga)-.+/.test(minimum)) throw refusal(400, 'min_hwe_kernel must start with "hwe-" or "ga-"');
  if (sent === undefined || sent === "") {
    if (isRequired) errors.add("architecture", requiredMessage);
    return current?.architecture ?? "";
  }
  if (sent.includes("/") && sub) throw refusal(400, "Subarchitecture cannot be specified twice.");
  const architecture = sent.includes("/") || current ? sent : `${sent}/${sub ?? "generic"}`;
  const usable = usableArchitectures(state);
  if (!usable.includes(architecture))
    errors.add("architecture", invalidChoiceText("architecture", architecture, usable));
  return architecture;
}

const macPattern = /^([0-9a-fA-F]{1,2}[:-]){5}[0-9a-fA-F]{1,2}$/;
export const isMac = (text: string): boolean =>
  macPattern.test(text) || /^([0-9a-fA-F]{3,4}\.){2}[0-9a-fA-F]{3,4}$/.test(text);
export const normalMac = (text: string): string => text.trim().toLowerCase().replaceAll("-", ":");

function readMacs(state: LabState, form: Fields, errors: FormErrors, isRequired: boolean): string[] {
  const sent = form.all("mac_addresses").filter((mac) => mac !== "");
  if (sent.length === 0) {
    if (isRequired) errors.add("mac_addresses", requiredMessage);
    return [];
  }
  const invalid = sent.filter((mac) => !isMac(mac));
  const problems =
    invalid.length > 0
      ? invalid.map((mac) => `'${mac}' is not a valid MAC address.`)
      : sent.map(normalMac).flatMap((mac) => {
          const owner = ownerOfMac(state, mac);
          return owner === undefined ? [] : [`MAC address ${mac} already in use on ${owner}.`];
        });
  const merged = `One or more MAC addresses is invalid. (${problems.slice(0, 10).join(" — ")})`;
  if (problems.length > 0 && sent.length > 1) errors.add("mac_addresses", merged);
  else for (const problem of problems) errors.add("mac_addresses", problem);
  return problems.length > 0 ? [] : [...new Set(sent.map(normalMac))];
}

function ownerOfMac(state: LabState, mac: string): string | undefined {
  const nic = Object.values(state.interfaces).find((row) => row.mac === mac);
  if (nic) return nodeById(state, nic.systemId)?.hostname;
  return Object.values(state.controllers).find((rack) => rack.interface.mac === mac)?.hostname;
}

function readName(
  state: LabState,
  form: Fields,
  errors: FormErrors,
  current: Machine | undefined,
): { hostname: string; domainId: number } {
  const domainId = readDomain(state, form, errors) ?? current?.domainId ?? state.defaultDomainId;
  const sent = form.get("hostname")?.trim();
  if (sent === undefined && current) return { hostname: current.hostname, domainId };
  if (!sent || isAddressName(sent)) return { hostname: madeUpHostname(state), domainId };
  const named = readHostname(state, sent, domainId, errors);
  if (!errors.has("hostname") && isHostnameTaken(state, named.hostname, current))
    errors.add("hostname", "Node with this Hostname already exists.");
  return named;
}

function readDomain(state: LabState, form: Fields, errors: FormErrors): number | undefined {
  const text = form.get("domain")?.trim();
  if (!text) return undefined;
  const domain = isId(text)
    ? state.domains[Number(text)]
    : Object.values(state.domains).find(({ name }) => name === text);
  if (!domain) errors.add("domain", `Unable to find domain ${text}`);
  return domain?.id;
}

function readByName(
  table: Record<string, { id: number; name: string }>,
  form: Fields,
  errors: FormErrors,
  field: string,
): number | undefined {
  const text = form.get(field);
  if (text === undefined || text === "") return undefined;
  const row = Object.values(table).find(({ name }) => name === text);
  if (!row) errors.add(field, invalidChoice);
  return row?.id;
}

const sizes: Record<string, number> = { K: 1e3, M: 1e6, G: 1e9, T: 1e12 };

function readSwapSize(form: Fields, errors: FormErrors, current: Machine | undefined): number | null {
  const text = form.get("swap_size")?.trim();
  if (text === undefined) return current?.swapSize ?? null;
  if (text === "") return null;
  const [, number = "", unit = ""] = /^(-?\d+)([KMGT]?)$/.exec(text) ?? [];
  if (number === "") errors.add("swap_size", `Invalid size for swap: ${text}`);
  return Number(number) * (sizes[unit] ?? 1);
}
