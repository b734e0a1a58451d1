/**
 * The state every transcript starts in (test/fixtures/maas/transcripts/seed.json): a region+rack controller "main", one fabric, one untagged
 * VLAN without DHCP, one subnet, images of three series, two users, no machine. Other recordings began with another network.
 */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { versions } from "./image-offer.ts";
import { addIp } from "./ipam.ts";
import { emptyMachineState } from "./machine-state.ts";
import { allocType } from "./network-state.ts";
import { dhcpMessage } from "./notifications.ts";
import type { LabState, Script, Token } from "./state.ts";

/** MAAS's default fabric, pool and domain have id 0; VLAN, subnet and zone begin at 1. */
const defaultId = 0;
const created = Date.parse("2026-01-01T00:00:00Z");

/** What differs between the regions of the recordings. */
export interface SeedLayout {
  rackAddress: string;
  subnet: { name: string; cidr: string; gateway: string };
  series: readonly (keyof typeof versions)[];
  /** Where images come from; those of `series` are selected. @default nowhere */
  bootSource?: string;
}

/** Of the transcripts, and of a lab that nobody asked for another. */
export const transcriptLayout: SeedLayout = {
  rackAddress: "172.16.0.3",
  subnet: { name: "172.16.0.0/20", cidr: "172.16.0.0/20", gateway: "172.16.0.1" },
  series: ["focal", "jammy", "noble"],
};

/**
 * Of a lab that lives by itself. In the recordings nothing ran that looks for images; a region in use makes the default
 * source when it first does (canonical/maas bootsources.py: ensure_boot_source_definition).
 */
export const livingLayout: SeedLayout = {
  ...transcriptLayout,
  bootSource: "http://images.maas.io/ephemeral-v3/stable/",
};

/** Of observed.jsonl, which is one walk through another region. */
export const observedLayout: SeedLayout = {
  rackAddress: "192.168.14.1",
  subnet: { name: "lab", cidr: "192.168.14.0/24", gateway: "192.168.14.1" },
  series: ["jammy"],
};

type SeedScript = Omit<Script, "id" | "history" | "isDefault">;

/** API keys are new in every seed state unless `keys` brings those of a former one. */
export function seedState(keys?: { admin: Token; user: Token }, layout: SeedLayout = transcriptLayout): LabState {
  const state: LabState = {
    sequences: { user: 2, token: 2, vlan: 1, subnet: 1, space: 0, zone: 1, interface: 1 },
    users: {
      1: { id: 1, username: "admin", email: "a@b.c", isSuperuser: true },
      2: { id: 2, username: "bob", email: "b@b.c", isSuperuser: false },
    },
    tokens: {},
    sshKeys: {},
    sslKeys: {},
    tags: {},
    pools: { [defaultId]: { id: defaultId, name: "default", description: "Default pool" } },
    zones: { 1: { id: 1, name: "default", description: "" } },
    bootResources: {},
    bootSources: {},
    bootSourceSelections: {},
    imageImport: null,
    scripts: {},
    controllers: {},
    notifications: {},
    packageRepositories: {},
    files: {},
    config: {},
    fabrics: { [defaultId]: { id: defaultId, name: "fabric-0", description: "", classType: null } },
    vlans: {
      1: {
        id: 1,
        fabricId: defaultId,
        vid: 0,
        name: "untagged",
        description: "",
        mtu: 1500,
        dhcpOn: false,
        primaryRack: null,
        secondaryRack: null,
        relayVlanId: null,
        spaceId: null,
      },
    },
    spaces: {},
    subnets: {
      1: {
        id: 1,
        name: layout.subnet.name,
        description: "",
        vlanId: 1,
        cidr: layout.subnet.cidr,
        rdnsMode: 2,
        gatewayIp: layout.subnet.gateway,
        dnsServers: [],
        allowDns: true,
        allowProxy: true,
        activeDiscovery: false,
        managed: true,
        disabledBootArchitectures: [],
      },
    },
    ipRanges: {},
    dhcpSnippets: {},
    staticRoutes: {},
    ips: {},
    ipsByInterface: {},
    domains: { [defaultId]: { id: defaultId, name: "maas", authoritative: true, ttl: null, forwardDnsServers: "" } },
    defaultDomainId: defaultId,
    dnsResources: {},
    dnsRecords: {},
    ...emptyMachineState(),
  };
  const admin = keys?.admin ?? newToken(1, 1);
  const user = keys?.user ?? newToken(2, 2);
  state.tokens[admin.key] = admin;
  state.tokens[user.key] = user;
  addController(state, layout);
  addImages(state, layout);
  addBootSource(state, layout);
  addScripts(state);
  addNotices(state);
  addRepositories(state);
  return state;
}

/** 18, 18 and 32 characters, as MAAS makes them. */
export function newToken(id: number, userId: number, name = "MAAS consumer"): Token {
  return { id, userId, name, consumerKey: randomKey(18), key: randomKey(18), secret: randomKey(32) };
}

const alphabet = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

function randomKey(length: number): string {
  return Array.from(randomBytes(length), (byte) => alphabet.charAt(byte % alphabet.length)).join("");
}

export const keyText = (token: Token): string => `${token.consumerKey}:${token.key}:${token.secret}`;

function addController(state: LabState, { rackAddress }: SeedLayout): void {
  state.controllers["xq6mwh"] = {
    systemId: "xq6mwh",
    hostname: "main",
    domainId: defaultId,
    zoneId: 1,
    description: "",
    tagIds: [],
    interface: { id: 1, name: "enp2s0", mac: "00:16:3e:00:00:03", vlanId: 1 },
  };
  addIp(state, { allocType: allocType.sticky, ip: rackAddress, subnetId: 1, interfaceId: 1 });
}

function addImages(state: LabState, { series }: SeedLayout): void {
  let id = 0;
  for (const name of series) {
    const version = versions[name];
    for (const kernel of [`ga-${version}`, `hwe-${version}`]) {
      id += 1;
      state.bootResources[id] = {
        id,
        type: "Synced",
        name: `ubuntu/${name}`,
        title: "",
        architecture: `amd64/${kernel}`,
        subarches: `generic,hwe-${version},ga-${version}`,
        lastDeployed: null,
        version: "20260101",
      };
    }
  }
  state.sequences["bootResource"] = id;
}

function addBootSource(state: LabState, { bootSource, series }: SeedLayout): void {
  if (bootSource === undefined) return;
  const keyringFilename = "/snap/maas/current/usr/share/keyrings/ubuntu-cloudimage-keyring.gpg";
  state.bootSources[1] = { id: 1, url: bootSource, keyringFilename, keyringData: "", created, updated: created };
  for (const [index, release] of series.entries()) {
    const selection = { os: "ubuntu", release, arches: ["amd64"], subarches: ["*"], labels: ["*"] };
    state.bootSourceSelections[index + 1] = { id: index + 1, bootSourceId: 1, ...selection };
  }
  state.sequences["bootSource"] = 1;
  state.sequences["bootSourceSelection"] = series.length;
}

function addScripts(state: LabState): void {
  const text = readFileSync(new URL("seed/scripts.json", import.meta.url), "utf8");
  const rows = JSON.parse(text) as SeedScript[];
  for (const [index, row] of rows.entries()) {
    const id = index + 1;
    const history = [{ id, comment: "Created by maas-None", created, content: "" }];
    state.scripts[id] = { id, isDefault: true, history, ...row };
  }
  state.sequences["script"] = rows.length;
  state.sequences["scriptVersion"] = rows.length;
}

function addNotices(state: LabState): void {
  state.sequences["notification"] = 1;
  state.notifications[1] = {
    id: 1,
    ident: "dhcp_disabled_all_vlans",
    userId: null,
    users: false,
    admins: true,
    message: dhcpMessage,
    context: {},
    category: "warning",
    dismissable: true,
    dismissedBy: [],
  };
}

function addRepositories(state: LabState): void {
  const common = {
    distributions: [],
    disabledPockets: [],
    disabledComponents: [],
    disableSources: true,
    components: [],
    key: "",
    enabled: true,
    isDefault: true,
  };
  state.sequences["packageRepository"] = 2;
  state.packageRepositories = {
    1: { id: 1, name: "main_archive", url: "http://archive.ubuntu.com/ubuntu", arches: ["amd64", "i386"], ...common },
    2: {
      id: 2,
      name: "ports_archive",
      url: "http://ports.ubuntu.com/ubuntu-ports",
      arches: ["armhf", "arm64", "ppc64el", "s390x"],
      ...common,
    },
  };
}
