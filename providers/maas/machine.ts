/**
 * A bare-metal machine in MAAS: enlisted under its MAC address (or adopted, when MAAS knows it already), described as
 * asked, commissioned and tested until it is Ready. Deleting it leaves it enlisted and Ready, unless told to forget it.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import type { Duration } from "../core/duration.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import { hostnameProblem, macProblem, normaliseMac } from "./addresses.ts";
import type { Machine as MachineObject } from "./api/machines.ts";
import { claims } from "./claims.ts";
import { ensureCommissioned, isInUse, settle, testPolicies } from "./commissioning.ts";
import type { TestPolicy } from "./commissioning.ts";
import { ensureEnlisted, findByMac, syncAttributes, syncTags } from "./enlistment.ts";
import { noteOrigin } from "./origin.ts";
import { checkPower, powerIdentity } from "./power.ts";
import type { Power } from "./power.ts";
import type { MaasServices } from "./services.ts";
import { latestResults } from "./test-results.ts";
import { checkTestingScripts } from "./testing-scripts.ts";

export interface MachineArgs {
  /**
   * MAC addresses of its network cards, the one it boots from first; any usual spelling.
   * Changing this replaces: another MAC address is another machine.
   */
  macAddresses: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * How MAAS switches it on and off. Changed in place. No password here: see `credential`. Without it the machine must be in
   * MAAS already (it enlisted itself, say), and its power stays as MAAS has it.
   */
  power?: pulumi.Input<Power>;
  /** Host label; changed in place, an operating system that runs keeps the old one. @default MAAS picks one */
  hostname?: pulumi.Input<string>;
  /** @default "amd64/generic" */
  architecture?: pulumi.Input<string>;
  /** Free text, changed in place. */
  description?: pulumi.Input<string>;
  /** Resource pool by name, changed in place. @default "default" */
  pool?: pulumi.Input<string>;
  /** Availability zone by name, changed in place. @default "default" */
  zone?: pulumi.Input<string>;
  /** Tags that it has; tags that others gave it stay. The tags must exist (`Tag`). */
  tags?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * Hardware tests by script name or tag; [] for none. Changing this tests a Ready machine again, in place; a deployed
   * one is left alone until it is Ready again. @default ["smartctl-validate"]
   */
  testingScripts?: pulumi.Input<pulumi.Input<string>[]>;
  /**
   * When a hardware test fails: "fail" ends with an error that shows the test's last lines; "warn" goes on and leaves
   * the machine in Failed testing; "override" marks it Ready all the same, with a warning. @default "fail"
   */
  onTestFailure?: pulumi.Input<TestPolicy>;
  /** Any text; changing it commissions a Ready machine again, in place. */
  recommission?: pulumi.Input<string>;
  /** "keep" leaves it enlisted and Ready on delete; "forget" deletes it from MAAS. @default "keep" */
  onDelete?: pulumi.Input<"keep" | "forget">;
  /** How long commissioning and tests may take. @default "45 minutes" */
  commissionTimeout?: pulumi.Input<Duration>;
}

export interface Inputs {
  macAddresses: string[];
  power?: Power;
  hostname?: string;
  architecture: string;
  description?: string;
  pool?: string;
  zone?: string;
  tags: string[];
  testingScripts: string[];
  onTestFailure: TestPolicy;
  recommission?: string;
  onDelete: "keep" | "forget";
  commissionTimeout: Duration;
}

export interface State extends Inputs {
  systemId: string;
  /** MAAS's word: "Ready", "Deployed"... */
  status: string;
  powerState: string;
  cpuCount: number;
  /** MiB. */
  memory: number;
  /** MB. */
  storage: number;
  /** Vendor and product, e.g. "Intel(R) Client Systems NUC". */
  model: string;
  commissioning: string;
  /** "smartctl-validate: Passed", one a test. */
  tests: string[];
  /** Pool and zone it was found in, where it goes back to when it is given back. */
  former: { pool: string; zone: string };
}

/** Where MAAS puts a machine when nobody says anything. */
const DEFAULTS = { pool: "default", zone: "default" };

const OUTPUTS = [
  "systemId",
  "status",
  "powerState",
  "cpuCount",
  "memory",
  "storage",
  "model",
  "commissioning",
  "tests",
  "former",
] as const;

export const machine: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    macAddresses: { replace: "another MAC address is another machine; the old one stays enlisted" },
    architecture: "update",
    power: "update",
    hostname: "update",
    description: "update",
    pool: "update",
    zone: "update",
    tags: "update",
    testingScripts: "update",
    onTestFailure: "update",
    recommission: "update",
    onDelete: "ignore",
    commissionTimeout: "ignore",
  },
  deleteBeforeReplace: true,

  normalise: (inputs) => ({
    ...inputs,
    ...(Array.isArray(inputs.macAddresses) ? { macAddresses: inputs.macAddresses.map(normaliseIfText) } : {}),
    architecture: withSubarchitecture(inputs.architecture),
    tags: Array.isArray(inputs.tags) ? [...inputs.tags].sort() : (inputs.tags ?? []),
    testingScripts: inputs.testingScripts ?? ["smartctl-validate"],
    onTestFailure: inputs.onTestFailure ?? "fail",
    onDelete: inputs.onDelete ?? "keep",
    commissionTimeout: inputs.commissionTimeout ?? "45 minutes",
  }),

  async check(check, { services, urn, warn }) {
    check.onlyKnown([...Object.keys(machine.changes), ...OUTPUTS]);
    check.required("macAddresses", '["1c:69:7a:00:00:01"]');
    check.texts("macAddresses", macProblem);
    checkPower(check);
    check.text("hostname", hostnameProblem);
    check.texts("tags");
    check.oneOf("onTestFailure", testPolicies);
    check.oneOf("onDelete", ["keep", "forget"]);
    check.duration("commissionTimeout");
    claimAddresses(check, urn);
    await checkTestingScripts(check, services, warn);
  },

  async create(context, inputs) {
    const { machine: found, isNew } = await ensureEnlisted(context, inputs);
    const former = isNew ? DEFAULTS : { pool: found.pool.name, zone: found.zone.name };
    const state = toState(found, inputs, { tests: [], former });
    context.created(found.system_id, state);
    const synced = await sync(context, found, inputs, { tags: [], former }, isNew ? state : undefined);
    return { id: found.system_id, state: synced };
  },

  async leftBehind({ services }, inputs) {
    const found = await findByMac(services, inputs);
    if (!found) return undefined;
    const former = { pool: found.pool.name, zone: found.zone.name };
    return { id: found.system_id, state: toState(found, inputs, { tests: [], former }) };
  },

  async read(context, id, state) {
    const found = await context.services.machineById(id);
    if (!found) return undefined;
    return {
      ...toState(found, state, state),
      tags: state.tags.filter((tag) => found.tag_names.includes(tag)),
      ...(state.hostname === undefined ? {} : { hostname: found.hostname }),
      ...(state.description === undefined ? {} : { description: found.description }),
      ...(state.pool === undefined ? {} : { pool: found.pool.name }),
      ...(state.zone === undefined ? {} : { zone: found.zone.name }),
      ...(state.power === undefined || found.power_type === state.power.type
        ? {}
        : { power: { type: found.power_type } as Power }),
    };
  },

  async update(context, id, old, inputs) {
    const found = await context.services.machineById(id);
    if (!found) {
      throw new ProviderError(
        "gone",
        `${nameOf(inputs)} (${id}) is not in MAAS any more. Run \`pulumi refresh\`, then \`pulumi up\` to enlist it again.`,
      );
    }
    return await sync(context, found, inputs, old, old);
  },

  async delete(context, id, state) {
    const found = await context.services.machineById(id);
    if (!found) return;
    const settled = await settle(context, found, state);
    if (state.onDelete !== "forget") {
      await giveBack(context, settled, state);
      return;
    }
    // An owner beside New or Ready is what a failed power action leaves behind (facts: maas.md 3.6), nobody's use.
    if (settled.owner !== null && isInUse(settled.status)) {
      throw new ProviderError(
        "not-ours",
        `${nameOf(state)} is ${settled.status_name}, owned by ${settled.owner}: it is not forgotten while somebody uses ` +
          "it. Release it first.",
      );
    }
    await context.services.client.machines.delete(id);
  },
};

/** Makes MAAS agree with the inputs, step by step; each step looks first and does only what is missing. */
async function sync(
  context: Context<MaasServices>,
  found: MachineObject,
  inputs: Inputs,
  was: Pick<State, "tags" | "former">,
  old?: State,
): Promise<State> {
  const described = await syncAttributes(context, found, inputs, old);
  await syncTags(context, described, inputs.tags, was.tags);
  const ready = await ensureCommissioned(context, described, inputs, repetition(inputs, old));
  const { tests } = await latestResults(context.services.client, ready.system_id);
  return toState(ready, inputs, { tests, former: was.former });
}

/** What a change asks to be done over, although the machine is Ready. */
function repetition(inputs: Inputs, old: State | undefined): "commission" | "test" | undefined {
  if (old === undefined) return undefined;
  if (old.recommission !== inputs.recommission) return "commission";
  return String(old.testingScripts) === String(inputs.testingScripts) ? undefined : "test";
}

/** Leaves the machine in MAAS the way it was found: its pool, its zone, without our tags. */
async function giveBack(context: Context<MaasServices>, found: MachineObject, state: State): Promise<void> {
  const changes = Object.fromEntries(
    Object.entries(state.former).filter(([key, name]) => {
      const asked = key === "pool" ? state.pool : state.zone;
      const now = key === "pool" ? found.pool.name : found.zone.name;
      return asked !== undefined && now === asked && name !== now;
    }),
  );
  await syncTags(context, found, [], state.tags);
  if (Object.keys(changes).length > 0) await context.services.client.machines.update(found.system_id, changes);
}

const toState = (found: MachineObject, inputs: Inputs, kept: Pick<State, "tests" | "former">): State => ({
  ...inputs,
  systemId: found.system_id,
  status: found.status_name,
  powerState: found.power_state,
  cpuCount: found.cpu_count,
  memory: found.memory,
  storage: found.storage,
  model: [found.hardware_info["system_vendor"], found.hardware_info["system_product"]].join(" "),
  commissioning: found.commissioning_status_name,
  tests: kept.tests,
  former: kept.former,
});

/** Two machines with one address are caught before any call. */
function claimAddresses(check: Check, urn: string): void {
  const { claim } = claims(check, urn);
  const once = (what: string, path: string) => {
    claim(what, path, (holder) => `${what} is ${holder}'s already; each machine has its own`);
  };
  const macs = check.value("macAddresses");
  if (Array.isArray(macs)) {
    macs.forEach((mac, index) => {
      if (typeof mac === "string" && macProblem(mac) === undefined)
        once(`MAC ${mac}`, `macAddresses[${String(index)}]`);
    });
  }
  const power = check.value("power");
  const identity = typeof power === "object" && power !== null ? powerIdentity(power as Power) : undefined;
  if (identity !== undefined) once(identity, "power.address");
}

const nameOf = (inputs: Inputs): string => `machine ${inputs.hostname ?? inputs.macAddresses[0] ?? ""}`;

const normaliseIfText = (mac: unknown): string => (typeof mac === "string" ? normaliseMac(mac) : (mac as string));

const withSubarchitecture = (architecture: string | undefined): string =>
  architecture === undefined ? "amd64/generic" : architecture.includes("/") ? architecture : `${architecture}/generic`;

export class Machine extends DynamicResource {
  /**
   * MAAS's six characters for this machine. Hand on `id` instead, which is the same: a preview knows it while the machine
   * is changed in place, where it takes every other output for unknown.
   */
  declare readonly systemId: pulumi.Output<string>;
  declare readonly hostname: pulumi.Output<string | undefined>;
  declare readonly status: pulumi.Output<string>;
  declare readonly powerState: pulumi.Output<string>;
  declare readonly cpuCount: pulumi.Output<number>;
  declare readonly memory: pulumi.Output<number>;
  declare readonly storage: pulumi.Output<number>;
  declare readonly model: pulumi.Output<string>;
  declare readonly commissioning: pulumi.Output<string>;
  declare readonly tests: pulumi.Output<string[]>;

  constructor(name: string, args: MachineArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Machine", name, { ...args }, OUTPUTS, options);
    noteOrigin(this.id, { machine: this.urn });
  }
}
