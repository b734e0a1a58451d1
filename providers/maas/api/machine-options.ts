/** What the operations of `machines/` take (facts: maas.md 2.2 to 2.7); the names are MAAS's. */
import type { PowerState } from "./machines.ts";

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
  /** Linked to all of these, by id; an address is not needed. */
  subnets?: readonly number[];
  /** With an interface on any of these, by id. */
  vlans?: readonly number[];
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

/** Sizes in bytes, or as a part of the disk: "40%". Each layout takes some of them (facts: maas.md 2.8). */
export interface StorageLayoutOptions {
  storage_layout: string;
  boot_size?: number | string;
  root_size?: number | string;
  /** Id of a block device. */
  root_device?: number;
  vg_name?: string;
  lv_name?: string;
  lv_size?: number | string;
  cache_device?: number;
  cache_mode?: string;
  cache_size?: number | string;
  cache_no_part?: boolean;
}
