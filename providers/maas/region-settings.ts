/**
 * The settings of a region that Metalform knows: what they are called, what can be said, what a change means. MAAS has more
 * (facts: maas.md 2.17; canonical/maas forms/settings.py), among them secrets, which are no business of a program's.
 */
import { isIP } from "node:net";
import type { ChangeRule } from "../core/changes.ts";
import type { Check, Problem } from "../core/check.ts";
import { addressProblem } from "./addresses.ts";
import type { SettingValue } from "./api/region-config.ts";
import { domainNameProblem, LONGEST_RECORD_TTL } from "./dns-names.ts";
import { seriesProblem } from "./image-selections.ts";

/** What is not written here is left alone in MAAS. */
export interface RegionSettings {
  /** Seconds between active scans of subnets: 0 (never), 600, 1800, 3600, 10800, 21600, 43200, 86400 or 604800. */
  activeDiscoveryInterval?: number;
  /** Whether MAAS makes a VLAN for each tag that a rack sees. */
  autoVlanCreation?: boolean;
  /** Whether images are brought up to date every hour. */
  bootImagesAutoImport?: boolean;
  /** Whether images come past the proxy, from a mirror in the rack say. */
  bootImagesNoProxy?: boolean;
  /** Ubuntu series that machines are commissioned with; its image must be there. */
  commissioningDistroSeries?: string;
  /** True spares the first visitor of the web page the tour. */
  completedIntro?: boolean;
  /** Ubuntu series that is deployed where nobody says which; its image must be there. */
  defaultDistroSeries?: string;
  /** How long DNS answers are valid, in seconds, where neither record nor domain says. */
  defaultDnsTtl?: number;
  /** The oldest kernel of machines to come, "hwe-22.04"; "" for none. */
  defaultMinHweKernel?: string;
  /** How disks are laid out after commissioning: flat, lvm, bcache, blank, custom, vmfs6, vmfs7. */
  defaultStorageLayout?: string;
  /** Whether releases that erase do so at both ends of a disk only: minutes. */
  diskEraseWithQuickErase?: boolean;
  /** Whether releases that erase use the disk's own secure erase where it has one. */
  diskEraseWithSecureErase?: boolean;
  /** Networks beside MAAS's own that may ask its DNS: CIDRs, addresses or names. */
  dnsTrustedAcl?: string[];
  /** Whether answers of upstream DNS are verified: auto, yes, no. */
  dnssecValidation?: string;
  /** Whether MAAS's makers get statistics of its web page. */
  enableAnalytics?: boolean;
  /** Whether every release erases the disks. */
  enableDiskErasingOnRelease?: boolean;
  /** Whether machines use a proxy for packages, and MAAS for images. */
  enableHttpProxy?: boolean;
  /** Whether machines get proprietary drivers that they need. */
  enableThirdPartyDrivers?: boolean;
  /** Whether machines are looked at when they enlist themselves. */
  enlistCommissioning?: boolean;
  /** How often deployed machines report their hardware, where they do: "15m". */
  hardwareSyncInterval?: string;
  /** URL of a proxy instead of MAAS's own; "" for MAAS's own. */
  httpProxy?: string;
  /** Kernel parameters of every boot; "" for none. */
  kernelOpts?: string;
  /** The domain under which MAAS names its own services. */
  maasInternalDomain?: string;
  /** The name of this MAAS on its web page; neither its host name nor its URL. */
  maasName?: string;
  /** Port of MAAS's own proxy. */
  maasProxyPort?: number;
  /** Whether racks listen for what is on their networks: enabled, disabled. */
  networkDiscovery?: string;
  /** Minutes without a sign of life after which commissioning and deployments fail. */
  nodeTimeout?: number;
  /** Whether machines ask those NTP servers themselves, instead of their rack. */
  ntpExternalOnly?: boolean;
  /** NTP servers: addresses or names. */
  ntpServers?: string[];
  /** Whether the proxy prefers IPv4. */
  preferV4Proxy?: boolean;
  /** Whether MAAS tells of new releases of itself. */
  releaseNotifications?: boolean;
  /** Where machines send their system log instead of to MAAS: "HOST" or "HOST:PORT"; "" for MAAS. */
  remoteSyslog?: string;
  /** How long a login on the web page lasts, in seconds: 10 to 1209600. */
  sessionLength?: number;
  /** DNS servers that MAAS's own asks about what it does not serve: addresses. */
  upstreamDns?: string[];
  /** Whether MAAS's own proxy hands on to `httpProxy`. */
  usePeerProxy?: boolean;
  /** Whether machines reach DNS and metadata through the rack they boot from. */
  useRackProxy?: boolean;
}

export type Value = string | number | boolean | string[];

export interface Setting {
  /** Its name in MAAS. */
  field: string;
  change: ChangeRule;
  check(check: Check, path: string): void;
  /** MAAS's value in the words of the program. */
  read(value: SettingValue): Value;
}

const flag = (field: string, change: ChangeRule = "update"): Setting => ({
  field,
  change,
  check: (check, path) => {
    check.flag(path);
  },
  read: (value) => value === true,
});

const number = (
  field: string,
  range: { from: number; to: number; unit?: string },
  change: ChangeRule = "update",
): Setting => ({
  field,
  change,
  check: (check, path) => {
    check.integer(path, range);
  },
  read: (value) => (value === null || value === "" ? "" : Number(value)),
});

const text = (field: string, problem?: Problem, change: ChangeRule = "update"): Setting => ({
  field,
  change,
  check: (check, path) => {
    check.text(path, problem);
  },
  read: (value) => (value === null ? "" : String(value)),
});

const choice = (field: string, choices: string[]): Setting => ({
  ...text(field),
  check: (check, path) => {
    check.oneOf(path, choices);
  },
});

/** MAAS keeps lists as one text, with blanks between. */
const list = (field: string, problem: Problem): Setting => ({
  field,
  change: "update",
  check: (check, path) => {
    check.texts(path, problem);
  },
  read: (value) => (typeof value === "string" ? value.split(/[,\s]+/).filter(Boolean) : []),
});

const HOUR = 3600;
const INTERVALS = [0, 600, 1800, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, 24 * HOUR, 168 * HOUR];

function hostProblem(host: string): string | undefined {
  if (isIP(host) !== 0) return undefined;
  const problem = /^[\d.]+$/.test(host) ? addressProblem(host) : domainNameProblem(host);
  return problem === undefined ? undefined : `"${host}" is neither an address nor the name of a host`;
}

function networkProblem(network: string): string | undefined {
  const [address = "", bits, ...more] = network.split("/");
  if (bits === undefined) return hostProblem(network);
  const most = isIP(address) === 4 ? 32 : 128;
  const fine = isIP(address) !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= most && more.length === 0;
  return fine ? undefined : `"${network}" is not a network; write for example "10.103.0.0/16"`;
}

function proxyProblem(url: string): string | undefined {
  if (url === "") return undefined;
  if (!/^https?:\/\/[^\s/]+(\/\S*)?$/.test(url) || !URL.canParse(url)) {
    return `"${url}" is no URL of a proxy; write for example "http://proxy.rack.example:3128"`;
  }
  const { username, password } = new URL(url);
  return username === "" && password === ""
    ? undefined
    : "has a user or a password in it, which would be kept in Pulumi's state in the clear; use a proxy that needs none";
}

const kernelProblem: Problem = (kernel) =>
  kernel === "" || /^(ga|hwe)-\d\d\.\d\d(-lowlatency)?(-edge)?$/.test(kernel)
    ? undefined
    : `"${kernel}" is no kernel; write for example "hwe-22.04"`;

const spanProblem: Problem = (span) =>
  /^(\d+\s*(h|hr|hours?|m|min|minutes?|s|sec|seconds?)\s*)+$/.test(span)
    ? undefined
    : `"${span}" is no length of time; write for example "15m" or "1h 30m"`;

const syslogProblem: Problem = (target) => {
  const host = target.replace(/:\d{1,5}$/, "");
  return target === "" || hostProblem(host) === undefined
    ? undefined
    : `"${target}" is no host to log to; write for example "log.rack.example:514"`;
};

const nameProblem: Problem = (name) => (name.trim() === "" ? "is empty; write a name" : undefined);

/** Ports of the system and of MAAS itself are taken (canonical/maas forms/settings.py). */
const FIRST_FREE_PORT = 1024;

/** By the names of the program, in their order; `defaultDistroSeries` comes after what it depends on. */
export const SETTINGS = {
  activeDiscoveryInterval: {
    ...number("active_discovery_interval", { from: 0, to: 168 * HOUR }),
    check: (check, path) => {
      const seconds = check.value(path);
      if (typeof seconds !== "number") check.integer(path, { from: 0, to: 168 * HOUR, unit: "seconds" });
      else if (!INTERVALS.includes(seconds))
        check.fail(path, `${String(seconds)} cannot be; write one of ${INTERVALS.join(", ")} (seconds)`);
    },
  },
  autoVlanCreation: flag("auto_vlan_creation"),
  bootImagesAutoImport: flag("boot_images_auto_import"),
  bootImagesNoProxy: flag("boot_images_no_proxy"),
  commissioningDistroSeries: text("commissioning_distro_series", seriesProblem),
  completedIntro: flag("completed_intro"),
  defaultDistroSeries: text("default_distro_series", seriesProblem),
  defaultDnsTtl: number("default_dns_ttl", { from: 1, to: LONGEST_RECORD_TTL, unit: "seconds" }),
  defaultMinHweKernel: text("default_min_hwe_kernel", kernelProblem),
  defaultStorageLayout: choice("default_storage_layout", [
    "flat",
    "lvm",
    "bcache",
    "blank",
    "custom",
    "vmfs6",
    "vmfs7",
  ]),
  diskEraseWithQuickErase: flag("disk_erase_with_quick_erase"),
  diskEraseWithSecureErase: flag("disk_erase_with_secure_erase"),
  dnsTrustedAcl: list("dns_trusted_acl", networkProblem),
  dnssecValidation: choice("dnssec_validation", ["auto", "yes", "no"]),
  enableAnalytics: flag("enable_analytics"),
  enableDiskErasingOnRelease: flag("enable_disk_erasing_on_release", {
    interrupts: "true means that every release erases the disks first, which takes minutes to hours a machine",
  }),
  enableHttpProxy: flag("enable_http_proxy", {
    interrupts: "machines that are deployed keep the proxy that they were given; where it stops they get no packages",
  }),
  enableThirdPartyDrivers: flag("enable_third_party_drivers"),
  enlistCommissioning: flag("enlist_commissioning"),
  hardwareSyncInterval: text("hardware_sync_interval", spanProblem),
  httpProxy: text("http_proxy", proxyProblem),
  kernelOpts: text("kernel_opts"),
  maasInternalDomain: text("maas_internal_domain", domainNameProblem, {
    interrupts: "MAAS's services get other names; machines that run ask for the old ones until they boot",
  }),
  maasName: text("maas_name", nameProblem),
  maasProxyPort: number(
    "maas_proxy_port",
    { from: FIRST_FREE_PORT, to: 65_535 },
    {
      interrupts: "machines that are deployed keep asking the old port, and get no packages there",
    },
  ),
  networkDiscovery: choice("network_discovery", ["enabled", "disabled"]),
  nodeTimeout: number("node_timeout", { from: 1, to: 10_000, unit: "minutes" }),
  ntpExternalOnly: flag("ntp_external_only"),
  ntpServers: list("ntp_servers", hostProblem),
  preferV4Proxy: flag("prefer_v4_proxy"),
  releaseNotifications: flag("release_notifications"),
  remoteSyslog: text("remote_syslog", syslogProblem),
  sessionLength: number(
    "session_length",
    { from: 10, to: 1_209_600, unit: "seconds" },
    {
      interrupts: "people are signed out of the web page when their login is older than that",
    },
  ),
  upstreamDns: list("upstream_dns", addressProblem),
  usePeerProxy: flag("use_peer_proxy"),
  useRackProxy: flag("use_rack_proxy"),
} satisfies Record<keyof RegionSettings, Setting>;

export type SettingName = keyof typeof SETTINGS;

export const SETTING_NAMES = Object.keys(SETTINGS) as SettingName[];
