/**
 * Everything the simulated region remembers, as plain tables of plain rows (no classes, no Dates, no Maps), so that
 * `--state DIR` can write it as JSON and a snapshot is a structuredClone.
 *
 * Rows point at each other by id. What an answer shows is derived when it is rendered, never stored twice.
 * Times are milliseconds since the epoch.
 */
import type { ImageImport } from "./image-import.ts";
import type { MachineState } from "./machine-state.ts";
import type { NetworkState } from "./network-state.ts";

/** Rows by id. Integer keys iterate in ascending order, which is the order of MAAS's lists. */
export type Table<Row> = Record<string, Row>;

export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

export interface User {
  id: number;
  username: string;
  email: string;
  isSuperuser: boolean;
}

/** An API key `consumer:token:secret`; the consumer's own secret is always empty (facts: maas.md 1.2). */
export interface Token {
  id: number;
  userId: number;
  name: string;
  consumerKey: string;
  key: string;
  secret: string;
}

export interface SshKey {
  id: number;
  userId: number;
  key: string;
  /** `lp:name` or `gh:name` for an imported key. */
  keysource: string | null;
}

export interface SslKey {
  id: number;
  userId: number;
  key: string;
}

/** Which nodes carry it stands in each node's row (`tagIds`). */
export interface Tag {
  id: number;
  name: string;
  definition: string;
  comment: string;
  kernelOpts: string;
}

export interface Pool {
  id: number;
  name: string;
  description: string;
}

export interface Zone {
  id: number;
  name: string;
  description: string;
}

/** One architecture of one image, e.g. ubuntu/jammy amd64/hwe-22.04. */
export interface BootResource {
  id: number;
  type: "Synced" | "Uploaded" | "Generated";
  name: string;
  architecture: string;
  subarches: string;
  lastDeployed: number | null;
  /** Of its newest set. */
  version: string;
  /** Bytes; without it a few. */
  size?: number;
  /** Per cent that were loaded; undefined when it is complete. */
  progress?: number;
  title: string;
}

export interface BootSource {
  id: number;
  url: string;
  keyringFilename: string;
  keyringData: string;
  created: number;
  updated: number;
}

export interface BootSourceSelection {
  id: number;
  bootSourceId: number;
  os: string;
  release: string;
  arches: string[];
  subarches: string[];
  labels: string[];
}

/** 0 commissioning, 2 testing, 3 release. */
export interface Script {
  id: number;
  name: string;
  title: string;
  description: string;
  tags: string[];
  type: number;
  /** 0 node, 1 CPU, 2 memory, 3 storage, 4 network. */
  hardwareType: number;
  /** 0 disabled, 1 beside instances of itself, 2 beside any script. */
  parallel: number;
  results: Json;
  parameters: Json;
  packages: Json;
  /** "H:MM:SS". */
  timeout: string;
  destructive: boolean;
  isDefault: boolean;
  forHardware: string[];
  mayReboot: boolean;
  recommission: boolean;
  applyConfiguredNetworking: boolean;
  /** Newest first. */
  history: { id: number; comment: string | null; created: number; content: string }[];
}

/** A region+rack controller. Its interface shares the id sequence "interface", its address is a row of `ips`. */
export interface Controller {
  systemId: string;
  hostname: string;
  domainId: number;
  zoneId: number;
  description: string;
  tagIds: number[];
  interface: { id: number; name: string; mac: string; vlanId: number };
}

export interface Notification {
  id: number;
  ident: string | null;
  userId: number | null;
  users: boolean;
  admins: boolean;
  message: string;
  context: Json;
  category: string;
  dismissable: boolean;
  /** Users who dismissed it. */
  dismissedBy: number[];
}

export interface PackageRepository {
  id: number;
  name: string;
  url: string;
  distributions: string[];
  disabledPockets: string[];
  disabledComponents: string[];
  disableSources: boolean;
  components: string[];
  arches: string[];
  key: string;
  enabled: boolean;
  isDefault: boolean;
}

export interface StoredFile {
  id: number;
  filename: string;
  userId: number;
  content: string;
  key: string;
}

export interface RegionState {
  /** The last id given in each sequence; take the next one with `nextId`. */
  sequences: Record<string, number>;
  users: Table<User>;
  /** By token key. */
  tokens: Table<Token>;
  sshKeys: Table<SshKey>;
  sslKeys: Table<SslKey>;
  tags: Table<Tag>;
  pools: Table<Pool>;
  zones: Table<Zone>;
  bootResources: Table<BootResource>;
  bootSources: Table<BootSource>;
  bootSourceSelections: Table<BootSourceSelection>;
  /** The import that runs. */
  imageImport: ImageImport | null;
  scripts: Table<Script>;
  /** By system_id. */
  controllers: Table<Controller>;
  notifications: Table<Notification>;
  packageRepositories: Table<PackageRepository>;
  files: Table<StoredFile>;
  /** Only the names that were set; the rest have the defaults of config.ts. */
  config: Record<string, Json>;
}

export interface LabState extends RegionState, NetworkState, MachineState {}

/** The next id of a sequence, counting from 1 (or from what the seed left). */
export function nextId(state: LabState, sequence: string): number {
  const id = (state.sequences[sequence] ?? 0) + 1;
  state.sequences[sequence] = id;
  return id;
}
