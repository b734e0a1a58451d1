/**
 * Reads the stack's config and says everything that is wrong with it at once: which key, what is wrong, what to write.
 * This is the only place that reads config of the program; what the providers need (URL, key, passwords) they read
 * themselves when they run (providers/core/settings.ts).
 */
import { Config } from "@pulumi/pulumi/config.js";
import { RunError } from "@pulumi/pulumi/errors.js";
import { allConfig } from "@pulumi/pulumi/runtime/config.js";
import {
  addressProblem,
  Check,
  hostnameProblem,
  macProblem,
  normaliseMac,
  outsideProblem,
  suggestion,
} from "../providers/index.ts";
import type { Power, TestPolicy } from "../providers/index.ts";
import { NETWORK_KEYS, networkConfig, notFree } from "./network-config.ts";
import type { NetworkConfig } from "./network-config.ts";
import { REGION_KEYS, regionConfig } from "./region-config.ts";
import type { RegionConfig } from "./region-config.ts";
import { defaultRoles, TOPOLOGY_KEYS, topologyConfig } from "./topology-config.ts";
import type { TopologyConfig } from "./topology-config.ts";
import { rolesConfig } from "./roles.ts";
import type { Role } from "./roles.ts";

/** One machine, in the words of the person who racked it. */
export interface MachineConfig {
  name: string;
  /** MAC address of the card it boots from. */
  mac: string;
  /** undefined: as MAAS has it, of a machine to adopt. */
  power: Power | undefined;
  /** Its static address in the rack's subnet. */
  address: string | undefined;
  tags: string[];
  /** True: MAAS must know it already; it is not enlisted from here, and its power is left as MAAS has it. */
  adopt: boolean;
}

export interface RackConfig {
  /** undefined: the rack's network is left to MAAS. */
  network: NetworkConfig | undefined;
  region: RegionConfig;
  topology: TopologyConfig;
  machines: MachineConfig[];
  series: string;
  deploy: boolean;
  /** "spare": a machine that cannot be deployed is marked broken, and a spare one takes its role. */
  onDeployFailure: "fail" | "spare";
  pool: string | undefined;
  zone: string | undefined;
  tests: { scripts: string[]; onFailure: TestPolicy };
  sshKeys: string[];
  roles: Role[];
}

const KEYS = [
  ...NETWORK_KEYS,
  ...REGION_KEYS,
  ...TOPOLOGY_KEYS,
  "deploy",
  "machines",
  "maasCa",
  "maasKey",
  "maasUrl",
  "onDeployFailure",
  "pool",
  "powerPassword",
  "roles",
  "series",
  "sshKeys",
  "tests",
  "zone",
];
/** Never in clear text; `powerPassword_nuc` is one more of its kind. */
const SECRETS = ["maasKey", "powerPassword"];
const MACHINE_KEYS = ["name", "mac", "amt", "power", "address", "tags", "adopt"];

/** @throws RunError (shown without a stack) naming every key that is wrong */
export function rackConfig(config = new Config("metalform")): RackConfig {
  const written = {
    subnet: config.get("subnet") || undefined,
    machines: config.getObject<unknown>("machines") ?? [],
    tests: config.getObject<Record<string, unknown>>("tests") ?? {},
    sshKeys: config.getObject<string[]>("sshKeys") ?? [],
    pool: config.get("pool") || undefined,
    zone: config.get("zone") || undefined,
    series: config.get("series") || "jammy",
    onDeployFailure: config.get("onDeployFailure") || "fail",
    images: config.getObject<string[]>("images") ?? [],
    roles: objectOrUndefined(config.getObject<Record<string, unknown>>("roles")),
    topology: config.get("topology") || undefined,
    main: config.get("main") || undefined,
    sshConfig: process.env["METALFORM_SSH_CONFIG"] ?? (config.get("sshConfig") || undefined),
    settings: config.getObject<Record<string, unknown>>("settings") ?? {},
    dashboard: objectOrUndefined(config.getObject<Record<string, unknown>>("dashboard")),
    gateway: config.get("gateway") || undefined,
    dnsServers: listOrUndefined(config.getObject<unknown>("dnsServers")),
    dynamicRange: config.get("dynamicRange") || undefined,
    reservedRanges: config.getObject<unknown>("reservedRanges"),
    dhcp: booleanOf(config.get("dhcp")),
    bridge: config.get("bridge") || undefined,
    bridgeBelongsTo: config.get("bridgeBelongsTo") || undefined,
  };
  const check = new Check(written);
  checkKeys(check);
  check.onlyKnown(["scripts", "onFailure"], "tests");
  check.texts("sshKeys");
  check.oneOf("onDeployFailure", ["fail", "spare"]);
  const network = networkConfig(check, written);
  const region = regionConfig(check, written);
  const topology = topologyConfig(check, written);
  const machines = checkMachines(check, written.machines, written.subnet);
  machines.forEach(({ address }, index) => {
    const problem = address === undefined || network === undefined ? undefined : notFree(address, network);
    if (problem !== undefined) check.fail(`machines[${String(index)}].address`, `"${address ?? ""}" ${problem}`);
    if (address === undefined && network?.bridge !== undefined) {
      check.fail(
        `machines[${String(index)}].address`,
        `is missing; on the bridge ${network.bridge} a machine needs one`,
      );
    }
  });
  const roles = rolesConfig(check, written.roles ?? defaultRoles(topology), machines);
  if (check.failures.length > 0) {
    const lines = check.failures.map((failure) => `  metalform:${failure.property} ${failure.reason}`);
    throw new RunError(`The config cannot be used (nothing was changed):\n${lines.join("\n")}`);
  }
  const { series, pool, zone, sshKeys } = written;
  return {
    series,
    pool,
    zone,
    sshKeys,
    network,
    region,
    topology,
    machines,
    roles,
    deploy: config.getBoolean("deploy") ?? true,
    onDeployFailure: written.onDeployFailure === "spare" ? "spare" : "fail",
    tests: {
      scripts: (written.tests["scripts"] as string[] | undefined) ?? ["smartctl-validate"],
      onFailure: (written.tests["onFailure"] as TestPolicy | undefined) ?? "fail",
    },
  };
}

function checkKeys(check: Check): void {
  // Set by every language host; what the SDK has for it is not public.
  const encrypted = JSON.parse(process.env["PULUMI_CONFIG_SECRET_KEYS"] ?? "[]") as string[];
  for (const key of Object.keys(allConfig())) {
    const [namespace, name] = key.split(":");
    if (namespace !== "metalform" || name === undefined) continue;
    if (SECRETS.some((secret) => name.startsWith(secret)) && !encrypted.includes(key)) {
      check.fail(name, `is in clear text; write it anew with \`pulumi config set --secret ${name}\``);
    }
    if (name.startsWith("powerPassword")) continue;
    if (!KEYS.includes(name)) check.fail(name, `is no key of this program${suggestion(name, KEYS)}`);
  }
}

function checkMachines(check: Check, machines: unknown, subnet: string | undefined): MachineConfig[] {
  if (!Array.isArray(machines) || machines.length === 0) {
    check.fail("machines", "is missing; write a list of { name, mac, amt, address }, one a machine");
    return [];
  }
  const taken = new Map<string, string>();
  return machines.map((machine: unknown, index) => {
    const path = `machines[${String(index)}]`;
    return checkMachine(check, (machine ?? {}) as Record<string, unknown>, path, subnet, taken);
  });
}

function checkMachine(
  outer: Check,
  machine: Record<string, unknown>,
  path: string,
  subnet: string | undefined,
  taken: Map<string, string>,
): MachineConfig {
  const check = new Check(machine);
  check.onlyKnown(MACHINE_KEYS);
  check.required("name", '"server1"');
  check.text("name", hostnameProblem);
  check.required("mac", '"1c:69:7a:00:00:01"');
  check.text("mac", macProblem);
  check.text("amt", addressProblem);
  check.text("address", (address) => addressProblem(address) ?? outsideProblem(address, subnet));
  check.texts("tags");
  if (subnet === undefined && !check.absent("address")) {
    check.fail("address", 'needs the rack\'s subnet; write `subnet`, for example "172.16.0.0/20"');
  }
  check.flag("adopt");
  if (check.absent("amt") && check.absent("power") && check.value("adopt") !== true) {
    check.fail(
      "amt",
      'is missing; write the AMT address, for example "172.16.15.1", or `power` for another kind, or `adopt: true` for a ' +
        "machine that MAAS knows already",
    );
  }
  if (!check.absent("amt") && !check.absent("power"))
    check.fail("power", "is there beside `amt`; take one of them out");

  const mac = normaliseMac(textOf(machine["mac"]));
  const amt = textOf(machine["amt"]);
  const address = textOf(machine["address"]);
  const name = textOf(machine["name"]);
  // One namespace for all addresses: a machine's own must not be another's BMC either.
  unique(check, taken, "name", name, name);
  unique(check, taken, "mac", `MAC ${mac}`, name);
  unique(check, taken, "amt", amt, name);
  unique(check, taken, "address", address, name);
  for (const failure of check.failures) outer.fail(`${path}.${failure.property}`, failure.reason);
  return {
    name,
    mac,
    power: (machine["power"] as Power | undefined) ?? (amt === "" ? undefined : { type: "amt", address: amt }),
    address: address || undefined,
    tags: Array.isArray(machine["tags"]) ? machine["tags"].map(String) : [],
    adopt: machine["adopt"] === true,
  };
}

function unique(check: Check, taken: Map<string, string>, property: string, value: string, name: string): void {
  if (value === "" || value === "MAC ") return;
  const holder = taken.get(value);
  if (holder === undefined) taken.set(value, `${name}'s ${property}`);
  else check.fail(property, `"${value.replace("MAC ", "")}" is already ${holder}; each must be different`);
}

/** The schema's own default is an empty list: as good as nothing. */
const listOrUndefined = (list: unknown): unknown => (Array.isArray(list) && list.length === 0 ? undefined : list);

const objectOrUndefined = <Values extends object>(values: Values | undefined): Values | undefined =>
  values === undefined || Object.keys(values).length === 0 ? undefined : values;

/** Text in the schema, since "left out" means something of its own there. */
const booleanOf = (text: string | undefined): unknown =>
  text === undefined || text === "" ? undefined : text === "true" ? true : text === "false" ? false : text;

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
