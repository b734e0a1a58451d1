/** Tables of machines and what hangs on them: interfaces, disks, script results, events. */
import type { Json, Table } from "./state.ts";

export type PowerState = "on" | "off" | "unknown" | "error";

/** A key of the machine's own, with which it talks to the metadata service; gone whenever the owner changes (facts: maas.md 7.1). */
export interface NodeToken {
  consumerKey: string;
  key: string;
  secret: string;
}

export interface Machine {
  /** Database id; lists are sorted by it. */
  id: number;
  systemId: string;
  hostname: string;
  description: string;
  domainId: number;
  zoneId: number;
  poolId: number;
  ownerId: number | null;
  tagIds: number[];
  architecture: string;
  minHweKernel: string;
  hweKernel: string | null;
  osystem: string;
  distroSeries: string;
  /** Numbers and names: node-status.ts. */
  status: number;
  /** Where testing, rescue mode and mark_fixed go back to. */
  previousStatus: number;
  locked: boolean;
  netboot: boolean;
  errorDescription: string;
  /** Written by allocate and deploy, cleared by release, never shown. */
  agentName: string;
  /** "" when not configured. */
  powerType: string;
  powerParameters: Record<string, Json>;
  powerState: PowerState;
  /** How many times it was turned on or cycled, none when absent: a boot is told from the last one by it. */
  boots?: number;
  /** Auto mode: told to go off, and will soon. */
  stopping: boolean;
  /** Auto mode: stays on after commissioning or testing, for a look by SSH or because it was on before. */
  staysOn: boolean;
  cpuCount: number;
  cpuSpeed: number;
  /** MiB. */
  memory: number;
  swapSize: number | null;
  /** system_vendor, cpu_model, ... as commissioning found them. */
  hardwareInfo: Record<string, string>;
  bootInterfaceId: number | null;
  /** Id in `ips` of the link chosen as default gateway. */
  gatewayLinkId: number | null;
  annotations: Record<string, string>;
  commissioningSetId: number | null;
  testingSetId: number | null;
  installationSetId: number | null;
  releaseSetId: number | null;
  skipNetworking: boolean;
  skipStorage: boolean;
  ephemeralDeploy: boolean;
  enableHwSync: boolean;
  /** Enlisted anonymously with commission=true: commissioning ends in New. */
  enlisting: boolean;
  userData: string | null;
  token: NodeToken | null;
  /** Indexes, in order of creation. */
  interfaceIds: number[];
  /** The disk that was chosen to boot from; else it is the first. */
  bootDiskId: number | null;
  /** Disks, and what groups of file systems make of them: RAIDs, logical volumes. */
  blockDeviceIds: number[];
  filesystemIds: number[];
  scriptSetIds: number[];
  eventIds: number[];
  /** What the machine does by itself in auto mode. */
  activity: Activity | null;
  /** Lab milliseconds that it took to reach its statuses since it was enlisted (auto mode); shutting down afterwards is not in it. */
  ownMilliseconds: number;
}

/** A phase that runs on the lab's clock; the plan it belongs to is derived from the machine's status (activities.ts). */
export interface Activity {
  /** Name of the plan, e.g. "commission". */
  plan: string;
  /** Index of the step that ends at `until`. */
  step: number;
  /** Lab clock, milliseconds. */
  started: number;
  until: number;
}

export type InterfaceType = "physical" | "bond" | "bridge" | "vlan";

export interface Interface {
  id: number;
  systemId: string;
  name: string;
  type: InterfaceType;
  mac: string;
  vlanId: number | null;
  parentIds: number[];
  tags: string[];
  enabled: boolean;
  params: Record<string, Json>;
  /** Made while the machine was Allocated: goes at release. */
  acquired: boolean;
  vendor: string | null;
  product: string | null;
  firmwareVersion: string | null;
  linkConnected: boolean;
  interfaceSpeed: number;
  linkSpeed: number;
}

export interface BlockDevice {
  id: number;
  systemId: string;
  name: string;
  idPath: string;
  size: number;
  blockSize: number;
  model: string;
  serial: string;
  tags: string[];
  /** null: no partition table. */
  partitionTable: "GPT" | "MBR" | null;
  partitionIds: number[];
  /** Of a virtual one: the group that it comes from. */
  groupId?: number;
  /** Of a virtual one. */
  uuid?: string;
}

export interface Partition {
  id: number;
  blockDeviceId: number;
  /** Its number in the table, from 1, or from 2 where GRUB needs the first. */
  index?: number;
  size: number;
  bootable: boolean;
  uuid: string;
  tags: string[];
}

export interface Filesystem {
  id: number;
  systemId: string;
  /** Neither of the two: a special file system, such as tmpfs. */
  blockDeviceId: number | null;
  partitionId: number | null;
  /** What the device is a part of; such a file system cannot be mounted. */
  groupId?: number;
  cacheSetId?: number;
  fstype: string;
  label: string | null;
  uuid: string;
  mountPoint: string | null;
  mountOptions: string | null;
  /** The copy that belongs to an allocation, made by acquiring and dropped by releasing. */
  acquired: boolean;
}

export type GroupType = "lvm-vg" | "raid-0" | "raid-1" | "raid-5" | "raid-6" | "raid-10" | "bcache" | "vmfs6";

/** Devices that make one thing together; which ones, their file systems say (`groupId`). */
export interface FilesystemGroup {
  id: number;
  systemId: string;
  type: GroupType;
  name: string;
  uuid: string;
  cacheMode: string | null;
  cacheSetId: number | null;
}

/** A device that caches for bcache; which one, its file system says (`cacheSetId`). */
export interface CacheSet {
  id: number;
  systemId: string;
}

/** One run of scripts. */
export interface ScriptSet {
  id: number;
  systemId: string;
  /** 0 commissioning, 1 installation, 2 testing, 3 release. */
  type: number;
  lastPing: number | null;
  resultIds: number[];
}

export interface ScriptResult {
  id: number;
  setId: number;
  /** null for /tmp/install.log. */
  scriptId: number | null;
  name: string;
  /** Numbers and names: script-status.ts. */
  status: number;
  exitStatus: number | null;
  created: number;
  updated: number;
  started: number | null;
  ended: number | null;
  parameters: Record<string, Json>;
  blockDeviceId: number | null;
  interfaceId: number | null;
  /** Combined, standard and error output, as text. */
  output: string;
  stdout: string;
  stderr: string;
  /** The YAML a script may leave. */
  result: string;
  /** Id of the script's version, once a result was stored. */
  versionId: number | null;
  suppressed: boolean;
}

export interface MachineEvent {
  id: number;
  systemId: string;
  /** 10 DEBUG, 20 INFO, 30 WARNING, 40 ERROR, 0 AUDIT. */
  level: number;
  type: string;
  description: string;
  /** status_action shows it. */
  action: string;
  username: string;
  created: number;
}

/** Something with addresses that MAAS does not manage; most of a machine's fields stay as they are. */
export interface Device extends Machine {
  /** system_id of the node it belongs to. */
  parent: string | null;
}

export interface MachineState {
  /** Auto mode: machines move on by themselves, and turning one off takes its time. */
  selfRunning: boolean;
  /** Metal level: machines really boot, in real time, of which a second is this many of the lab's clock. 0: none boots. */
  metalPace: number;
  /** Where the lab's clock was at the last change made by time. */
  clock: number;
  /** By system_id, in the order of creation. */
  machines: Table<Machine>;
  devices: Table<Device>;
  interfaces: Table<Interface>;
  blockDevices: Table<BlockDevice>;
  partitions: Table<Partition>;
  filesystems: Table<Filesystem>;
  filesystemGroups: Table<FilesystemGroup>;
  cacheSets: Table<CacheSet>;
  scriptSets: Table<ScriptSet>;
  scriptResults: Table<ScriptResult>;
  events: Table<MachineEvent>;
}

export const emptyMachineState = (): MachineState => ({
  selfRunning: false,
  metalPace: 0,
  clock: 0,
  machines: {},
  devices: {},
  interfaces: {},
  blockDevices: {},
  partitions: {},
  filesystems: {},
  filesystemGroups: {},
  cacheSets: {},
  scriptSets: {},
  scriptResults: {},
  events: {},
});
