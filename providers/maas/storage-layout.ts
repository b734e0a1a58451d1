/**
 * How the disks of a machine are laid out when it is installed. MAAS lays them out in Ready only, and what is on them goes
 * at the next deployment (facts: maas.md 2.8). Deleting it lays them out again as they were found.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Problem } from "../core/check.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import type { StorageLayoutOptions } from "./api/machine-options.ts";
import type { Machine } from "./api/machines.ts";
import { claims } from "./claims.ts";
import { layoutOf, layouts } from "./disk-layout.ts";
import type { Layout } from "./disk-layout.ts";
import { isAtWork } from "./machine-rest.ts";
import { NodeStatus, statusHelp } from "./node-status.ts";
import type { MaasServices } from "./services.ts";

/** Bytes, "20G" (powers of 1000), or a part of the disk, "40%". */
type Size = string | number;

export interface StorageLayoutArgs {
  /** System ID of the machine (`server1.id`). Changing this replaces. */
  machine: pulumi.Input<string>;
  /**
   * "flat": one partition; "lvm": a volume group with one volume; "bcache": a disk with an SSD in front; "blank": nothing;
   * "custom": what a commissioning script of yours said; "vmfs6", "vmfs7": for VMware ESXi. In place on a machine at rest.
   */
  layout: pulumi.Input<Layout>;
  /** Of a boot partition. Like `layout`. @default none */
  bootSize?: pulumi.Input<Size>;
  /** Like `layout`. @default the rest of the disk */
  rootSize?: pulumi.Input<Size>;
  /** The disk with the root, by name, e.g. "nvme0n1". Like `layout`. @default the boot disk */
  rootDevice?: pulumi.Input<string>;
  /** With "lvm": name of the volume group. Like `layout`. @default "vgroot" */
  vgName?: pulumi.Input<string>;
  /** With "lvm": name of the volume. Like `layout`. @default "lvroot" */
  lvName?: pulumi.Input<string>;
  /** With "lvm". Like `layout`. @default all of the group */
  lvSize?: pulumi.Input<Size>;
  /** With "bcache": "writethrough", "writeback" or "writearound". Like `layout`. @default "writethrough" */
  cacheMode?: pulumi.Input<string>;
  /** With "bcache": how much of the SSD. Like `layout`. @default all of it */
  cacheSize?: pulumi.Input<Size>;
}

interface Inputs {
  machine: string;
  layout: Layout;
  bootSize?: Size;
  rootSize?: Size;
  rootDevice?: string;
  vgName?: string;
  lvName?: string;
  lvSize?: Size;
  cacheMode?: string;
  cacheSize?: Size;
}

interface State extends Inputs {
  /** What MAAS was to be told for the layout that was there; `{}` for one that no layout makes. */
  former: Partial<StorageLayoutOptions>;
}

/** Which layouts an option belongs to. */
const OPTIONS: Record<Exclude<keyof Inputs, "machine" | "layout">, readonly Layout[]> = {
  bootSize: ["flat", "lvm", "bcache"],
  rootSize: ["flat", "lvm", "bcache", "vmfs6", "vmfs7"],
  rootDevice: ["flat", "lvm", "bcache", "vmfs6", "vmfs7"],
  vgName: ["lvm"],
  lvName: ["lvm"],
  lvSize: ["lvm"],
  cacheMode: ["bcache"],
  cacheSize: ["bcache"],
};

const LAID_OUT_ANEW = {
  redeploy:
    "MAAS lays disks out only in Ready: the machine is released and deployed anew, and what is on its disks is lost",
};

export const storageLayout: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    machine: { replace: "another machine; this one is laid out as it was", evenUnknown: true },
    layout: LAID_OUT_ANEW,
    bootSize: LAID_OUT_ANEW,
    rootSize: LAID_OUT_ANEW,
    rootDevice: LAID_OUT_ANEW,
    vgName: LAID_OUT_ANEW,
    lvName: LAID_OUT_ANEW,
    lvSize: LAID_OUT_ANEW,
    cacheMode: LAID_OUT_ANEW,
    cacheSize: LAID_OUT_ANEW,
  },
  // A machine has one.
  deleteBeforeReplace: true,

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(storageLayout.changes), "former"]);
    check.required("machine", "`server1.id`, the output of a Machine");
    check.text("machine");
    check.required("layout", '"lvm"');
    check.oneOf("layout", layouts);
    for (const size of ["bootSize", "rootSize", "lvSize", "cacheSize"]) {
      if (typeof check.value(size) !== "number") check.text(size, sizeProblem);
      else check.wholeNumber(size, 1, Number.MAX_SAFE_INTEGER, "bytes");
    }
    check.text("rootDevice");
    for (const name of ["vgName", "lvName"]) check.text(name, volumeNameProblem);
    check.oneOf("cacheMode", ["writethrough", "writeback", "writearound"]);
    const layout = check.value("layout");
    for (const [option, fit] of Object.entries(OPTIONS)) {
      if (check.absent(option) || !layouts.includes(layout as Layout) || fit.includes(layout as Layout)) continue;
      const others = new Intl.ListFormat("en", { type: "disjunction" }).format(fit.map((one) => `"${one}"`));
      check.fail(option, `has no meaning with layout "${String(layout)}", only with ${others}; leave it out`);
    }
    const machine = check.value("machine");
    if (typeof machine === "string") {
      const once = (holder: string) => `has ${holder} as its layout already; a machine has one`;
      claims(check, urn).claim(`disks of ${machine}`, "machine", once);
    }
  },

  async create(context, inputs) {
    const machine = await look(context.services, inputs);
    const former = context.before(inputs.machine, (await layoutOf(context.services, machine)) ?? {});
    const state: State = { ...inputs, former };
    context.created(inputs.machine, state);
    await layOut(context, machine, inputs);
    return { id: inputs.machine, state };
  },

  async leftBehind(context, inputs) {
    const former = context.recorded(inputs.machine) as Partial<StorageLayoutOptions> | undefined;
    const machine = former && (await context.services.machineById(inputs.machine));
    return machine && { id: inputs.machine, state: { ...inputs, former } };
  },

  inUse: ({ services }, state) => isAtWork(services, state.machine),

  async read({ services }, id, state) {
    const machine = await services.machineById(id);
    if (!machine) return undefined;
    // What a script of theirs or ESXi's layouts made is taken for what it was, as long as there is something.
    const found = await layoutOf(services, machine);
    const layout = found?.storage_layout as Layout | undefined;
    return {
      ...state,
      layout: layout ?? (state.layout.startsWith("vmfs") ? state.layout : "custom"),
      ...(state.vgName === undefined ? {} : { vgName: found?.vg_name ?? "" }),
      ...(state.lvName === undefined ? {} : { lvName: found?.lv_name ?? "" }),
    };
  },

  async update(context, _id, old, inputs) {
    await layOut(context, await look(context.services, inputs), inputs);
    return { ...inputs, former: old.former };
  },

  async delete(context, id, state) {
    const { services, warn } = context;
    const machine = await services.machineById(id);
    if (!machine) return;
    const now = await layoutOf(services, machine);
    const { storage_layout: layout, ...options } = state.former;
    if (now && now.storage_layout !== state.layout) return;
    if (JSON.stringify(now) === JSON.stringify(state.former)) return;
    if (layout === undefined) {
      warn(
        `The disks of machine ${machine.hostname} stay laid out as ${state.layout}: MAAS has no layout for what was there before.`,
      );
      return;
    }
    try {
      context.progress(`Laying the disks out as ${layout} again`);
      await services.client.machines.setStorageLayout(id, { storage_layout: layout, ...options });
    } catch (error) {
      if (!isError(error, "wrong-state", "refused")) throw error;
      warn(`The disks of machine ${machine.hostname} stay laid out as ${state.layout}: ${messageOf(error)}`);
    }
  },
};

async function look(services: MaasServices, { machine: id }: Inputs): Promise<Machine> {
  const machine = await services.machineById(id);
  if (machine) return machine;
  throw new ProviderError("gone", `There is no machine ${id} in MAAS.`);
}

/** Done again it is the same, so after a crash it is done again, unless it can be seen to be there. */
async function layOut(context: Context<MaasServices>, machine: Machine, inputs: Inputs): Promise<void> {
  const wanted = optionsOf(machine, inputs);
  const now = await layoutOf(context.services, machine);
  if (JSON.stringify(now) === JSON.stringify({ ...now, ...wanted })) return;
  if (machine.status !== NodeStatus.ready) {
    throw new ProviderError(
      "wrong-state",
      `machine ${machine.hostname} is ${machine.status_name}: MAAS lays disks out only in Ready. ${statusHelp(machine.status)}`,
    );
  }
  context.progress(`Laying the disks out as ${inputs.layout}`);
  await context.services.client.machines.setStorageLayout(machine.system_id, wanted);
}

function optionsOf(machine: Machine, inputs: Inputs): StorageLayoutOptions {
  const { layout, bootSize, rootSize, rootDevice, vgName, lvName, lvSize, cacheMode, cacheSize } = inputs;
  const options = {
    boot_size: bootSize,
    root_size: rootSize,
    root_device: rootDevice === undefined ? undefined : diskOf(machine, rootDevice),
    vg_name: vgName,
    lv_name: lvName,
    lv_size: lvSize,
    cache_mode: cacheMode,
    cache_size: cacheSize,
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return { storage_layout: layout, ...Object.fromEntries(given) };
}

function diskOf(machine: Machine, name: string): number {
  const disks = machine.physicalblockdevice_set;
  const disk = disks.find((one) => one.name === name);
  if (disk) return disk.id;
  throw new ProviderError(
    "bad-input",
    `machine ${machine.hostname} has no disk ${name}; it has ${disks.map((one) => `${one.name} ${one.model}`).join(", ") || "none"}.`,
  );
}

const sizeProblem: Problem = (size) =>
  /^\d+[KMGTP]?$/.test(size) || /^\d+(\.\d+)?%$/.test(size)
    ? undefined
    : `"${size}" is no size; write bytes, "20G" or a part of the disk, "40%"`;

const volumeNameProblem: Problem = (name) =>
  /^[\w+.][\w+.-]*$/.test(name)
    ? undefined
    : `"${name}" is no name for LVM; write letters, digits, dashes and underscores`;

export class StorageLayout extends DynamicResource {
  declare readonly layout: pulumi.Output<Layout>;

  constructor(name: string, args: StorageLayoutArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:StorageLayout", name, { ...args }, ["former"], options);
  }
}
