/** `machines/`: the machines of the rack (facts: maas.md 2.1 to 2.8). */
import type { NodeStatus } from "../node-status.ts";
import { at } from "../operation.ts";
import type { Params, Send } from "../operation.ts";
import type { Interface } from "./interfaces.ts";
import type { ScriptStatus } from "./results.ts";

export type PowerState = "on" | "off" | "unknown" | "error";

/** Of the 79 keys of a machine, those that are used. */
export interface Machine {
  /** Six characters, for ever the machine's name to MAAS. */
  system_id: string;
  hostname: string;
  fqdn: string;
  description: string;
  status: NodeStatus;
  status_name: string;
  /** The latest event, and late: for people only, never for logic (facts: maas.md 3.8). */
  status_message: string | null;
  status_action: string | null;
  /** Not cleared by a later success (3.5): what failed last, not what fails now. */
  error_description: string;
  owner: string | null;
  /** The workload annotations. */
  owner_data: Record<string, string>;
  locked: boolean;
  power_state: PowerState;
  power_type: string;
  architecture: string;
  hardware_uuid: string | null;
  bios_boot_method: string | null;
  cpu_count: number;
  /** MHz. */
  cpu_speed: number;
  /** MiB. */
  memory: number;
  /** MB. */
  storage: number;
  osystem: string;
  distro_series: string;
  hwe_kernel: string | null;
  min_hwe_kernel: string;
  ephemeral_deploy: boolean;
  enable_hw_sync: boolean;
  pool: { id: number; name: string };
  zone: { id: number; name: string };
  domain: { id: number; name: string };
  tag_names: string[];
  /** Static addresses; where there are none, those that DHCP was seen to give. */
  ip_addresses: string[];
  interface_set: Interface[];
  boot_interface: Interface | null;
  physicalblockdevice_set: PhysicalBlockDevice[];
  default_gateways: { ipv4: DefaultGateway; ipv6: DefaultGateway };
  hardware_info: Record<string, string>;
  commissioning_status: ScriptStatus;
  commissioning_status_name: string;
  testing_status: ScriptStatus;
  testing_status_name: string;
  current_commissioning_result_id: number | null;
  current_testing_result_id: number | null;
  current_installation_result_id: number | null;
}

export interface PhysicalBlockDevice {
  id: number;
  name: string;
  model: string;
  serial: string;
  /** Bytes. */
  size: number;
}

export interface DefaultGateway {
  gateway_ip: string | null;
  link_id: number | null;
}

/** Lists are alternatives; different keys must all hold. An unknown tag, zone, pool or owner is an error, not "none". */
export interface MachineFilter {
  id?: readonly string[];
  /** Any interface's; lower case with colons, or nothing is found (trap 22). */
  mac_address?: readonly string[];
  hostname?: readonly string[];
  domain?: readonly string[];
  /** The ownership mark; not part of a machine's answer. */
  agent_name?: readonly string[];
  owner?: readonly string[];
  /** All of them must be there. */
  tags?: readonly string[];
  pool?: readonly string[];
  zone?: readonly string[];
  /** Short names: "ready", "failed_deployment". */
  status?: readonly string[];
  power_state?: readonly PowerState[];
}

export interface ListOptions {
  tries?: number;
  signal?: AbortSignal | undefined;
}

export interface MachineFields {
  hostname?: string;
  description?: string;
  domain?: string;
  pool?: string;
  zone?: string;
  architecture?: string;
  min_hwe_kernel?: string;
  power_type?: string;
  /** By their names in MAAS: `power_address`, `power_pass`. One alone merges with those that MAAS has. */
  power_parameters?: Readonly<Record<string, string>>;
  power_parameters_skip_check?: boolean;
}

export interface CreateMachine extends MachineFields {
  architecture: string;
  mac_addresses: readonly string[];
  /** Always said: MAAS's own default would start commissioning and swallow its errors (trap 23). */
  commission: boolean;
  /** Enlist a machine that already runs: straight to Deployed. */
  deployed?: boolean;
}

export interface CommissionOptions {
  enable_ssh?: boolean;
  skip_bmc_config?: boolean;
  /** Without it all links are cleared, and bridges that the commissioning environment does not see (trap 17). */
  skip_networking?: boolean;
  skip_storage?: boolean;
  /** Names or tags, with commas between. */
  commissioning_scripts?: string;
  /** Names or tags, with commas between; "none" skips the tests. @default the scripts tagged "commissioning" */
  testing_scripts?: string;
}

export interface TestOptions {
  enable_ssh?: boolean;
  testing_scripts?: string;
}

export interface AllocateOptions {
  /** Always pinned: without it MAAS may compose a virtual machine (facts: maas.md 2.7). */
  system_id: string;
  /** At most 255 characters; cleared at release. */
  agent_name?: string;
  comment?: string;
}

export interface DeployOptions {
  /** "jammy" or "ubuntu/jammy". @default MAAS's `default_distro_series` */
  distro_series?: string;
  hwe_kernel?: string;
  /** Base64. */
  user_data?: string;
  agent_name?: string;
  comment?: string;
  enable_hw_sync?: boolean;
  ephemeral_deploy?: boolean;
  install_kvm?: boolean;
  register_vmhost?: boolean;
}

export interface ReleaseOptions {
  comment?: string;
  erase?: boolean;
  /** Starts an erase on its own, also without `erase`. */
  quick_erase?: boolean;
  secure_erase?: boolean;
  /** Release a VM host too. */
  force?: boolean;
  /** Release scripts, with commas between; 3.5 and later. */
  scripts?: string;
}

export const machinesApi = (send: Send) => {
  const machine = (systemId: string) => at("machines", systemId);

  return {
    /**
     * Never call it without a filter: the answer is 10 KB and more a machine. Many ids or MAC addresses are asked for in
     * several requests at the same time.
     */
    list: async (filter: MachineFilter, options: ListOptions = {}): Promise<Machine[]> => {
      const pages = await Promise.all(
        chunks(filter).map((query) =>
          send<Machine[]>({ method: "GET", path: at("machines"), query, doing: "listing machines", ...options }),
        ),
      );
      return [...new Map(pages.flat().map((found) => [found.system_id, found])).values()];
    },

    /** Those that somebody with this key's user has allocated. */
    listAllocated: () =>
      send<Machine[]>({ method: "GET", path: at("machines"), op: "list_allocated", doing: "listing our machines" }),

    read: (systemId: string) =>
      send.orUndefined<Machine>({ method: "GET", path: machine(systemId), doing: `reading machine ${systemId}` }),

    /** A MAC address that MAAS knows is `refused`; look it up with `list({ mac_address })` and adopt it. */
    create: (fields: CreateMachine) =>
      send<Machine>({
        method: "POST",
        path: at("machines"),
        form: machineForm(fields),
        doing: `enlisting machine ${fields.hostname ?? fields.mac_addresses.join(", ")}`,
        repeating: "harm",
        power: fields.commission,
      }),

    update: (systemId: string, fields: MachineFields) =>
      send<Machine>({
        method: "PUT",
        path: machine(systemId),
        form: machineForm(fields),
        doing: `changing machine ${systemId}`,
      }),

    /** Gone already is fine. */
    delete: async (systemId: string): Promise<void> => {
      await send.orUndefined<unknown>({
        method: "DELETE",
        path: machine(systemId),
        doing: `deleting machine ${systemId}`,
      });
    },

    /** Allowed in New, Failed commissioning, Ready and Broken; elsewhere `wrong-state`. */
    commission: (systemId: string, options: CommissionOptions = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "commission",
        form: { ...options },
        doing: `commissioning machine ${systemId}`,
        repeating: "harm",
        power: true,
      }),

    test: (systemId: string, options: TestOptions = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "test",
        form: { ...options },
        doing: `testing machine ${systemId}`,
        repeating: "harm",
        power: true,
      }),

    /** The answer still shows the old status: the change comes after it (facts: maas.md 2.6). */
    abort: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "abort",
        form: { ...options },
        doing: `aborting what machine ${systemId} does`,
        repeating: "harm",
        power: true,
      }),

    overrideFailedTesting: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "override_failed_testing",
        form: { ...options },
        doing: `overriding the failed tests of machine ${systemId}`,
        repeating: "harm",
      }),

    /** `wrong-state` when the machine is not Ready, or another was faster. */
    allocate: (options: AllocateOptions) =>
      send<Machine>({
        method: "POST",
        path: at("machines"),
        op: "allocate",
        form: { ...options },
        doing: `allocating machine ${options.system_id}`,
        repeating: "harm",
      }),

    /** From Ready it allocates too, in the same transaction. */
    deploy: (systemId: string, options: DeployOptions = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "deploy",
        form: { ...options },
        doing: `deploying machine ${systemId}`,
        repeating: "harm",
        power: true,
      }),

    /**
     * Ready and Releasing are a 200 that does nothing. Never sent twice by itself: between the two somebody else could
     * have allocated the machine.
     */
    release: (systemId: string, options: ReleaseOptions = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "release",
        form: { ...options },
        doing: `releasing machine ${systemId}`,
        repeating: "harm",
        power: true,
      }),

    /** The caller must own the machine. An empty value removes; all are removed at release. */
    setWorkloadAnnotations: (systemId: string, annotations: Readonly<Record<string, string>>) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "set_workload_annotations",
        form: annotations,
        doing: `annotating machine ${systemId}`,
      }),

    /** With the power password in clear: never into state, logs or messages. */
    powerParameters: (systemId: string) =>
      send<Record<string, unknown>>({
        method: "GET",
        path: machine(systemId),
        op: "power_parameters",
        doing: `reading the power parameters of machine ${systemId}`,
      }),

    /** Asks the BMC: up to a minute. */
    queryPowerState: (systemId: string) =>
      send<{ state: PowerState }>({
        method: "GET",
        path: machine(systemId),
        op: "query_power_state",
        doing: `asking for the power state of machine ${systemId}`,
        power: true,
      }),

    /** null where MAAS cannot switch it (power type "manual"). */
    powerOff: (systemId: string, options: { stop_mode?: "soft" | "hard"; comment?: string } = {}) =>
      send<Machine | null>({
        method: "POST",
        path: machine(systemId),
        op: "power_off",
        form: { ...options },
        doing: `powering off machine ${systemId}`,
        power: true,
      }),

    lock: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "lock",
        form: { ...options },
        doing: `locking machine ${systemId}`,
        repeating: "harm",
      }),

    unlock: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "unlock",
        form: { ...options },
        doing: `unlocking machine ${systemId}`,
        repeating: "harm",
      }),

    /** Releases on the way: the deployment is lost (facts: maas.md 2.8). */
    markBroken: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "mark_broken",
        form: { ...options },
        doing: `marking machine ${systemId} as broken`,
        repeating: "harm",
        power: true,
      }),

    markFixed: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        method: "POST",
        path: machine(systemId),
        op: "mark_fixed",
        form: { ...options },
        doing: `marking machine ${systemId} as fixed`,
        repeating: "harm",
      }),
  };
};

export type MachinesApi = ReturnType<typeof machinesApi>;

/** Power parameters are flat on the wire: `power_parameters_power_address`. */
const machineForm = ({ power_parameters = {}, ...fields }: MachineFields): Params => ({
  ...fields,
  ...Object.fromEntries(Object.entries(power_parameters).map(([name, value]) => [`power_parameters_${name}`, value])),
});

/** URLs stay well below the 4 KB that proxies allow, and MAAS's four workers share what 500 machines cost. */
const CHUNK = 125;

function chunks(filter: MachineFilter): Params[] {
  const many = (["id", "mac_address"] as const).find((name) => (filter[name]?.length ?? 0) > CHUNK);
  if (many === undefined) return [{ ...filter }];
  const values = [...new Set(filter[many])];
  return Array.from({ length: Math.ceil(values.length / CHUNK) }, (_, i) => ({
    ...filter,
    [many]: values.slice(i * CHUNK, (i + 1) * CHUNK),
  }));
}
