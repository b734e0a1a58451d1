/** `machines/`: the machines of the rack (facts: maas.md 2.1 to 2.8). */
import type { NodeStatus } from "../node-status.ts";
import { at } from "../operation.ts";
import type { Params, Send } from "../operation.ts";
import type { Interface } from "./interfaces.ts";
import type {
  AllocateOptions,
  CommissionOptions,
  CreateMachine,
  DeployOptions,
  MachineFields,
  MachineFilter,
  ReleaseOptions,
  StorageLayoutOptions,
  TestOptions,
} from "./machine-options.ts";
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
  /** Of these three no more than that they are there. */
  volume_groups: { id: number }[];
  bcaches: { id: number }[];
  raids: { id: number }[];
  boot_disk: PhysicalBlockDevice | null;
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
  /** Bytes that nothing uses. */
  available_size: number;
  partitions: Partition[];
  filesystem: Filesystem | null;
}

export interface Partition {
  id: number;
  /** Bytes. */
  size: number;
  filesystem: Filesystem | null;
}

export interface Filesystem {
  fstype: string;
  label: string;
  mount_point: string | null;
}

export interface DefaultGateway {
  gateway_ip: string | null;
  link_id: number | null;
}

interface ListOptions {
  tries?: number;
  signal?: AbortSignal | undefined;
}

export const machinesApi = (send: Send) => {
  const machine = (systemId: string) => at("machines", systemId);
  const act = (systemId: string, op: string, form: object) =>
    ({ method: "POST", path: machine(systemId), op, form: { ...form } }) as const;

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
        ...act(systemId, "commission", options),
        doing: `commissioning machine ${systemId}`,
        repeating: "harm",
        power: true,
      }),

    test: (systemId: string, options: TestOptions = {}) =>
      send<Machine>({
        ...act(systemId, "test", options),
        doing: `testing machine ${systemId}`,
        repeating: "harm",
        power: true,
      }),

    /** The answer still shows the old status: the change comes after it (facts: maas.md 2.6). */
    abort: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        ...act(systemId, "abort", options),
        doing: `aborting what machine ${systemId} does`,
        repeating: "harm",
        power: true,
      }),

    overrideFailedTesting: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        ...act(systemId, "override_failed_testing", options),
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
        ...act(systemId, "deploy", options),
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
        ...act(systemId, "release", options),
        doing: `releasing machine ${systemId}`,
        repeating: "harm",
        power: true,
      }),

    /** The caller must own the machine. An empty value removes; all are removed at release. */
    setWorkloadAnnotations: (systemId: string, annotations: Readonly<Record<string, string>>) =>
      send<Machine>({
        ...act(systemId, "set_workload_annotations", annotations),
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
        ...act(systemId, "power_off", options),
        doing: `powering off machine ${systemId}`,
        power: true,
      }),

    /**
     * What the installation gets, as YAML, from Deploying on; `wrong-state` before. It holds the machine's own metadata key:
     * never into state, logs or messages.
     */
    curtinConfig: (systemId: string) =>
      send<string>({
        method: "GET",
        path: machine(systemId),
        op: "get_curtin_config",
        answers: "text",
        doing: `reading what MAAS will install on machine ${systemId}`,
      }),

    /** Both families'. */
    clearDefaultGateways: (systemId: string) =>
      send<Machine>({
        ...act(systemId, "clear_default_gateways", {}),
        doing: `clearing the default gateways of machine ${systemId}`,
      }),

    /** Ready only. Wipes the layout that is there. */
    setStorageLayout: (systemId: string, layout: StorageLayoutOptions) =>
      send<Machine>({
        ...act(systemId, "set_storage_layout", layout),
        doing: `laying out the disks of machine ${systemId} as ${layout.storage_layout}`,
      }),

    lock: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({ ...act(systemId, "lock", options), doing: `locking machine ${systemId}`, repeating: "harm" }),

    unlock: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({ ...act(systemId, "unlock", options), doing: `unlocking machine ${systemId}`, repeating: "harm" }),

    /** Releases on the way: the deployment is lost (facts: maas.md 2.8). */
    markBroken: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        ...act(systemId, "mark_broken", options),
        doing: `marking machine ${systemId} as broken`,
        repeating: "harm",
        power: true,
      }),

    markFixed: (systemId: string, options: { comment?: string } = {}) =>
      send<Machine>({
        ...act(systemId, "mark_fixed", options),
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
