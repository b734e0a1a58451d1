/** Every setting that set_config knows, with its kind and its value on a new region. The order is that of MAAS's error text. */
import type { BootResource, Json, LabState } from "./state.ts";

interface Base {
  initial: Json;
  required?: boolean;
}

export type ConfigItem =
  | (Base & { kind: "boolean" | "text" | "addresses" | "hosts" | "networks" | "url" | "syslog" | "interval" })
  | (Base & { kind: "integer"; min?: number; max?: number; port?: boolean })
  | (Base & {
      kind: "choice";
      choices: (state: LabState) => string[];
      /** In "'x' is not a valid NOUN."; "" is the setting's name; without it Django's own words. */
      noun?: string;
      /** The whole refusal, where it is fixed. */
      message?: string;
    });

const text = (initial: Json = null): ConfigItem => ({ kind: "text", initial });
const boolean = (initial: boolean): ConfigItem => ({ kind: "boolean", initial });
const integer = (initial: number, min?: number, max?: number): ConfigItem => ({
  kind: "integer",
  initial,
  ...(min === undefined ? {} : { min }),
  ...(max === undefined ? {} : { max }),
});
const oneOf = (initial: Json, choices: string[], noun?: string): ConfigItem => ({
  kind: "choice",
  initial,
  choices: () => choices,
  ...(noun === undefined ? {} : { noun }),
});

const completeImages = (state: LabState): BootResource[] =>
  Object.values(state.bootResources).filter((image) => image.progress === undefined);

/** Series of the synced images of one operating system. */
export const syncedSeries = (state: LabState, osystem: string): string[] => [
  ...new Set(
    completeImages(state)
      .filter((image) => image.name.startsWith(`${osystem}/`))
      .map((image) => image.name.slice(osystem.length + 1)),
  ),
];

const osystems = (state: LabState): string[] => [
  ...new Set(completeImages(state).map((image) => image.name.split("/")[0] ?? "")),
];

const defaultOsystem = (state: LabState): string => {
  const chosen = state.config["default_osystem"];
  return typeof chosen === "string" ? chosen : "ubuntu";
};

/** Kernels of the series that commissioning uses, and "" for none. */
function minimumKernels(state: LabState): string[] {
  const chosen = state.config["commissioning_distro_series"];
  const series = typeof chosen === "string" ? chosen : "jammy";
  const kernels = completeImages(state)
    .filter((image) => image.name === `ubuntu/${series}`)
    .map((image) => image.architecture.split("/")[1] ?? "");
  return ["", ...new Set(kernels)];
}

export const storageLayouts = ["bcache", "blank", "custom", "flat", "lvm", "vmfs6", "vmfs7"];

const oneHour = 3600;

export const configItems: Record<string, ConfigItem> = {
  maas_name: { kind: "text", initial: "main", required: true },
  theme: text(""),
  kernel_opts: text(),
  enable_http_proxy: boolean(true),
  maas_proxy_port: { kind: "integer", initial: 8000, port: true },
  use_peer_proxy: boolean(false),
  prefer_v4_proxy: boolean(false),
  http_proxy: { kind: "url", initial: null },
  default_dns_ttl: integer(30),
  upstream_dns: { kind: "addresses", initial: null },
  dnssec_validation: oneOf("auto", ["auto", "yes", "no"], ""),
  maas_internal_domain: text("maas-internal"),
  dns_trusted_acl: { kind: "networks", initial: null },
  ntp_servers: { kind: "hosts", initial: "ntp.ubuntu.com" },
  ntp_external_only: boolean(false),
  allow_only_trusted_transfers: boolean(false),
  remote_syslog: { kind: "syslog", initial: null },
  maas_syslog_port: { kind: "integer", initial: 5247, port: true },
  network_discovery: oneOf("enabled", ["enabled", "disabled"], ""),
  active_discovery_interval: oneOf(
    3 * oneHour,
    [0, 168 * oneHour, 24 * oneHour, 12 * oneHour, 6 * oneHour, 3 * oneHour, oneHour, 1800, 600].map(String),
    "",
  ),
  default_osystem: { kind: "choice", initial: "ubuntu", choices: osystems, noun: "osystem" },
  default_distro_series: {
    kind: "choice",
    initial: "jammy",
    choices: (state) => syncedSeries(state, defaultOsystem(state)),
    noun: "release",
  },
  default_min_hwe_kernel: { kind: "choice", initial: "", choices: minimumKernels, noun: "" },
  default_storage_layout: { kind: "choice", initial: "flat", required: true, choices: () => storageLayouts },
  commissioning_distro_series: {
    kind: "choice",
    initial: "jammy",
    choices: (state) => syncedSeries(state, "ubuntu"),
    noun: "",
  },
  enable_third_party_drivers: boolean(true),
  windows_kms_host: text(),
  enable_disk_erasing_on_release: boolean(false),
  disk_erase_with_secure_erase: boolean(true),
  disk_erase_with_quick_erase: boolean(false),
  boot_images_auto_import: boolean(true),
  boot_images_no_proxy: boolean(false),
  curtin_verbose: boolean(true),
  force_v1_network_yaml: boolean(false),
  enable_analytics: boolean(true),
  completed_intro: boolean(false),
  max_node_commissioning_results: integer(10, 1),
  max_node_testing_results: integer(10, 1),
  max_node_installation_results: integer(3, 1),
  max_node_release_results: integer(3, 1),
  subnet_ip_exhaustion_threshold_count: integer(16, 1),
  release_notifications: boolean(true),
  use_rack_proxy: boolean(true),
  node_timeout: integer(30, 1),
  prometheus_enabled: boolean(false),
  prometheus_push_gateway: text(),
  prometheus_push_interval: integer(60),
  promtail_enabled: boolean(false),
  promtail_port: { kind: "integer", initial: 5238, port: true },
  enlist_commissioning: boolean(true),
  maas_auto_ipmi_user: text("maas"),
  maas_auto_ipmi_user_privilege_level: {
    kind: "choice",
    initial: "ADMIN",
    choices: () => ["USER", "OPERATOR", "ADMIN"],
    message: "Valid choices are ADMIN, OPERATOR, or USER",
  },
  maas_auto_ipmi_k_g_bmc_key: text(""),
  maas_auto_ipmi_cipher_suite_id: {
    kind: "choice",
    initial: "3",
    choices: () => ["17", "3", "8", "12"],
    message: "Valid choices are 17,3,,8,12",
  },
  maas_auto_ipmi_workaround_flags: text(),
  vcenter_server: text(""),
  vcenter_username: text(""),
  vcenter_password: text(""),
  vcenter_datacenter: text(""),
  hardware_sync_interval: { kind: "interval", initial: "15m" },
  tls_cert_expiration_notification_enabled: boolean(false),
  tls_cert_expiration_notification_interval: integer(30, 1, 90),
  session_length: integer(1209600, 10, 1209600),
  auto_vlan_creation: boolean(true),
};
