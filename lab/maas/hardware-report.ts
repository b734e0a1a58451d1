/** What commissioning finds in every lab machine, and what MAAS makes of it (transcripts: seed.json, machine_profile; facts: maas.md 3.3). */
import { bestSubnetFor } from "./address-ranges.ts";
import { configValue } from "./config.ts";
import { addIp, removeIp } from "./ipam.ts";
import { contains, formatNetwork, parseIp, parseNetwork } from "./ip-address.ts";
import {
  bootInterface,
  clearLinks,
  deleteInterface,
  discoveredOf,
  interfacesOf,
  setInitialNetworking,
  setVlan,
} from "./links.ts";
import type { Interface, Machine } from "./machine-state.ts";
import { allocType, type Subnet } from "./network-state.ts";
import { regenerate } from "./script-sets.ts";
import { nextId, type LabState } from "./state.ts";
import { blockDevicesOf, clearStorage } from "./storage.ts";
import { applyDefaultLayout } from "./storage-layouts.ts";
import { newVlan } from "./vlans.ts";

const profile = {
  cpuCores: 4,
  cpuModel: "Intel(R) Core(TM) i5",
  cpuMhz: 2400,
  memoryMib: 16384,
  disk: { name: "nvme0n1", size: 240_000_000_000, blockSize: 512, model: "LABDISK", serial: "LAB0001" },
  nic: { vendor: "Intel Corporation", product: "Ethernet Controller I225-V", firmware: "1057:8754", speed: 1000 },
  system: { vendor: "Intel(R) Client Systems", product: "NUC", version: "1", sku: "NUC" },
  prefix: 20,
} as const;

export interface ReportedNic {
  name: string;
  mac: string;
  /** With prefix length. */
  address?: string;
}

/** The report that 50-maas-01-commissioning sends. */
export interface HardwareReport {
  hostname: string;
  nics: ReportedNic[];
}

/** `ip` is what the boot interface got from DHCP; its subnet is looked up, else the profile's prefix holds. */
export function reportOf(state: LabState, machine: Machine, ip?: string): HardwareReport {
  const boot = bootInterface(state, machine);
  const physical = interfacesOf(state, machine).filter((nic) => nic.type === "physical");
  const ordered = [...physical.filter((nic) => nic === boot), ...physical.filter((nic) => nic !== boot)];
  return {
    hostname: machine.hostname,
    nics: ordered.map((nic, index) => ({
      name: `enp${String(index + 1)}s0`,
      mac: nic.mac,
      ...(index === 0 && ip !== undefined ? { address: `${ip}/${String(prefixFor(state, ip))}` } : {}),
    })),
  };
}

function prefixFor(state: LabState, ip: string): number {
  const subnet = bestSubnetFor(state, ip);
  return (subnet && parseNetwork(subnet.cidr)?.prefix) ?? profile.prefix;
}

/** The report in the form of LXD's resources API, as MAAS's own script prints it. */
export function reportText({ hostname, nics }: HardwareReport): string {
  const { cpuCores, cpuMhz, cpuModel, disk, nic, memoryMib, system } = profile;
  const cores = Array.from({ length: cpuCores }, (_, core) => ({
    core,
    threads: [{ id: core, thread: 0, online: true, numa_node: 0 }],
    frequency: cpuMhz,
  }));
  return JSON.stringify({
    api_extensions: ["resources", "resources_v2", "api_os", "resources_system", "resources_usb_pci"],
    api_version: "1.0",
    environment: {
      kernel: "Linux",
      kernel_architecture: "x86_64",
      kernel_version: "5.15.0-100-generic",
      os_name: "ubuntu",
      os_version: "22.04",
      server: "maas-machine-resources",
      server_name: hostname,
      server_version: "4.11",
    },
    resources: {
      cpu: {
        architecture: "x86_64",
        total: cpuCores,
        sockets: [{ name: cpuModel, vendor: "GenuineIntel", socket: 0, cores, frequency: cpuMhz }],
      },
      memory: { hugepages_total: 0, hugepages_used: 0, hugepages_size: 0, used: 0, total: memoryMib * 1024 * 1024 },
      gpu: { cards: [], total: 0 },
      network: {
        cards: nics.map(({ name, mac, address }, index) => ({
          pci_address: `0000:0${String(index + 1)}:00.0`,
          vendor: nic.vendor,
          product: nic.product,
          firmware_version: nic.firmware,
          numa_node: 0,
          ports: [
            {
              id: name,
              port: 0,
              address: mac,
              link_detected: index === 0 || address !== undefined,
              link_speed: nic.speed,
            },
          ],
        })),
        total: nics.length,
      },
      storage: {
        disks: [{ id: disk.name, model: disk.model, serial: disk.serial, block_size: disk.blockSize, size: disk.size }],
        total: 1,
      },
      usb: { devices: [], total: 0 },
      pci: { devices: [], total: 0 },
      system: { uuid: "", ...system, family: "", serial: "", type: "physical" },
    },
    networks: Object.fromEntries(
      nics.map(({ name, mac, address }) => {
        const [ip, prefix] = address?.split("/") ?? [];
        const addresses =
          ip === undefined ? [] : [{ address: ip, netmask: Number(prefix), family: "inet", scope: "global" }];
        return [
          name,
          { name, hwaddr: mac, type: "broadcast", state: "up", addresses, vlan: null, bridge: null, bond: null },
        ];
      }),
    ),
  });
}

/** Reads a stored report back; undefined where commissioning left none. */
export function parseReport(text: string): HardwareReport | undefined {
  if (text === "") return undefined;
  const report = JSON.parse(text) as {
    environment: { server_name: string };
    networks: Record<string, { hwaddr: string; addresses: { address: string; netmask: number }[] }>;
  };
  return {
    hostname: report.environment.server_name,
    nics: Object.entries(report.networks).map(
      ([
        name,
        {
          hwaddr,
          addresses: [first],
        },
      ]) => ({
        name,
        mac: hwaddr,
        ...(first ? { address: `${first.address}/${String(first.netmask)}` } : {}),
      }),
    ),
  };
}

/** Everything the report means for a machine in commissioning. */
export function applyReport(state: LabState, machine: Machine, report: HardwareReport): void {
  const { cpuCores, cpuMhz, cpuModel, memoryMib, system } = profile;
  machine.cpuCount = cpuCores;
  machine.cpuSpeed = cpuMhz;
  machine.memory = memoryMib;
  machine.hardwareInfo = {
    cpu_model: cpuModel,
    system_vendor: system.vendor,
    system_product: system.product,
    system_version: system.version,
    system_sku: system.sku,
  };
  applyNetworkReport(state, machine, report);
  applyDisks(state, machine);
}

/** Interfaces as found; those the machine does not have (bridges, bonds) go. */
export function applyNetworkReport(state: LabState, machine: Machine, report: HardwareReport): void {
  if (machine.skipNetworking) {
    machine.skipNetworking = false;
    return;
  }
  const found = new Set(report.nics.map(({ mac }) => mac));
  for (const [index, { name, mac, address }] of report.nics.entries()) {
    const nic = interfacesOf(state, machine).find((other) => other.type === "physical" && other.mac === mac);
    if (nic) applyNic(state, nic, { name, connected: index === 0 || address !== undefined, address });
  }
  for (const nic of interfacesOf(state, machine))
    if (state.interfaces[nic.id] && (nic.type !== "physical" || !found.has(nic.mac))) deleteInterface(state, nic);
  setInitialNetworking(state, machine);
  regenerate(state, machine, "interface");
}

function applyNic(
  state: LabState,
  nic: Interface,
  seen: { name: string; connected: boolean; address: string | undefined },
): void {
  const { vendor, product, firmware, speed } = profile.nic;
  Object.assign(nic, { name: seen.name, vendor, product, firmwareVersion: firmware, interfaceSpeed: speed });
  nic.linkConnected = seen.connected;
  nic.linkSpeed = seen.connected ? speed : 0;
  for (const row of discoveredOf(state, nic)) removeIp(state, row.id);
  if (seen.address !== undefined) discover(state, nic, seen.address);
  else if (seen.connected && nic.vlanId === null) nic.vlanId = unknownVlan(state);
}

/** A discovered address; whoever else had it loses it. An unknown network becomes a subnet. */
function discover(state: LabState, nic: Interface, address: string): void {
  const [ip = ""] = address.split("/");
  const subnet = subnetAround(state, address);
  for (const row of Object.values(state.ips)) if (row.ip === ip) removeIp(state, row.id);
  if (nic.vlanId !== subnet.vlanId) setVlan(state, nic, subnet.vlanId);
  addIp(state, { allocType: allocType.discovered, ip, subnetId: subnet.id, interfaceId: nic.id });
}

function subnetAround(state: LabState, address: string): Subnet {
  const network = parseNetwork(address);
  const ip = parseIp(address.split("/")[0] ?? "");
  if (!network || !ip) throw new Error(`Not an address with a prefix: ${address}`);
  const cidr = formatNetwork(network);
  const known = Object.values(state.subnets).find((subnet) => {
    const other = parseNetwork(subnet.cidr);
    return subnet.cidr === cidr || (network.prefix === 32 && other !== undefined && contains(other, ip));
  });
  if (known) return known;
  const subnet: Subnet = {
    id: nextId(state, "subnet"),
    name: cidr,
    description: "",
    vlanId: unknownVlan(state),
    cidr,
    rdnsMode: 2,
    gatewayIp: null,
    dnsServers: [],
    allowDns: true,
    allowProxy: true,
    activeDiscovery: false,
    managed: true,
    disabledBootArchitectures: [],
  };
  state.subnets[subnet.id] = subnet;
  return subnet;
}

const defaultFabric = 0;

/** A network nobody knows: the default VLAN while nothing is on it, else a fabric of its own (transcript s03). */
function unknownVlan(state: LabState): number {
  const home = Object.values(state.vlans).find((vlan) => vlan.fabricId === defaultFabric);
  const occupied = [
    ...Object.values(state.interfaces),
    ...Object.values(state.controllers).map((rack) => rack.interface),
  ];
  if (home && !occupied.some((nic) => nic.vlanId === home.id)) return home.id;
  const id = nextId(state, "fabric");
  state.fabrics[id] = { id, name: `fabric-${String(id)}`, description: "", classType: null };
  return newVlan(state, id).id;
}

function applyDisks(state: LabState, machine: Machine): void {
  if (!blockDevicesOf(state, machine).some((disk) => disk.serial === profile.disk.serial)) addDisk(state, machine);
  regenerate(state, machine, "storage");
  if (machine.skipStorage) machine.skipStorage = false;
  else applyDefaultLayout(state, machine, configValue(state, "default_storage_layout"));
}

function addDisk(state: LabState, machine: Machine): void {
  const id = nextId(state, "blockDevice");
  const { disk } = profile;
  state.blockDevices[id] = {
    id,
    systemId: machine.systemId,
    ...disk,
    idPath: `/dev/${disk.name}`,
    tags: ["ssd"],
    partitionTable: null,
    partitionIds: [],
  };
  machine.blockDeviceIds.push(id);
}

/** What commissioning wipes before it starts, unless it is told to skip it (facts: maas.md trap 17). */
export function clearConfiguration(state: LabState, machine: Machine): void {
  if (!machine.skipStorage) clearStorage(state, machine);
  if (machine.skipNetworking) return;
  machine.gatewayLinkId = null;
  for (const nic of interfacesOf(state, machine)) clearLinks(state, nic);
}
