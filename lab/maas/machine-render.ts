/** A machine as answers show it: the 79 keys, derived from its rows (facts: maas.md 2.1; transcript s02). */
import { renderBlockDevices, renderFilesystem, renderGroupNames } from "./block-device-render.ts";
import { renderDomain } from "./domains.ts";
import { statusEvent } from "./events.ts";
import { defaultGateway } from "./gateways.ts";
import { bootInterface, interfacesOf } from "./links.ts";
import { ipsOfInterface } from "./ipam.ts";
import { renderInterface, renderInterfaces } from "./interface-render.ts";
import type { BlockDevice, Machine, ScriptResult } from "./machine-state.ts";
import { allocType } from "./network-state.ts";
import { statusName } from "./node-status.ts";
import { renderPool } from "./pools.ts";
import { latestResults, setType } from "./script-sets.ts";
import { overallStatus, scriptStatusName } from "./script-status.ts";
import type { LabState } from "./state.ts";
import { blockDevicesOf, bootDisk, disksOf, isVirtual, specialFilesystems } from "./storage.ts";
import { renderZone } from "./zones.ts";

type Shown = Record<string, unknown>;

const unknownHardware = Object.fromEntries(
  [
    "system_vendor",
    "system_product",
    "system_family",
    "system_version",
    "system_sku",
    "system_serial",
    "cpu_model",
    "mainboard_vendor",
    "mainboard_product",
    "mainboard_serial",
    "mainboard_version",
    "mainboard_firmware_vendor",
    "mainboard_firmware_date",
    "mainboard_firmware_version",
    "chassis_vendor",
    "chassis_type",
    "chassis_serial",
    "chassis_version",
  ].map((key) => [key, "Unknown"]),
);

export const machineUri = (machine: Machine): string => `/MAAS/api/2.0/machines/${machine.systemId}/`;

export const fqdnOf = (state: LabState, machine: Machine): string =>
  `${machine.hostname}.${state.domains[machine.domainId]?.name ?? ""}`;

const ownerName = (state: LabState, machine: Machine): string | null =>
  machine.ownerId === null ? null : (state.users[machine.ownerId]?.username ?? null);

/** Linked addresses; the discovered ones only where there is none. */
export function addressesOfMachine(state: LabState, machine: Machine): string[] {
  const rows = interfacesOf(state, machine).flatMap((nic) => ipsOfInterface(state, nic.id));
  const linked = rows.filter((row) => row.allocType !== allocType.discovered).flatMap((row) => row.ip ?? []);
  return linked.length > 0 ? linked : rows.flatMap((row) => row.ip ?? []);
}

/** `status_message` lags behind the status: it tells the newest event (facts: maas.md 3.8). */
function statusTexts(state: LabState, machine: Machine): Shown {
  const event = statusEvent(state, machine);
  if (!event) return { status_message: null, status_action: null };
  const message = event.description ? `${event.type} - ${event.description}` : event.type;
  return { status_message: message, status_action: event.action };
}

const hardwareTypes = { other: 0, cpu: 1, memory: 2, storage: 3, network: 4, interface: 4 } as const;

function testStatuses(state: LabState, machine: Machine): Shown {
  const tests = latestResults(state, machine, setType.testing);
  const hardwareOf = (result: ScriptResult): number | undefined =>
    result.scriptId === null ? undefined : state.scripts[result.scriptId]?.hardwareType;
  const shown = named("commissioning_status", overallStatus(latestResults(state, machine, setType.commissioning)));
  Object.assign(shown, named("testing_status", overallStatus(tests)));
  for (const [kind, type] of Object.entries(hardwareTypes))
    Object.assign(
      shown,
      named(`${kind}_test_status`, overallStatus(tests.filter((test) => hardwareOf(test) === type))),
    );
  return shown;
}

const named = (key: string, value: number): Shown => ({ [key]: value, [`${key}_name`]: scriptStatusName(value) });

function gateways(state: LabState, machine: Machine): Shown {
  const { gateway } = defaultGateway(state, machine, 4);
  return {
    ipv4: { gateway_ip: gateway, link_id: machine.gatewayLinkId },
    ipv6: { gateway_ip: defaultGateway(state, machine, 6).gateway, link_id: null },
  };
}

function placement(state: LabState, machine: Machine): Shown {
  const domain = state.domains[machine.domainId];
  const pool = state.pools[machine.poolId];
  const zone = state.zones[machine.zoneId];
  return {
    domain: domain ? renderDomain(state, domain) : null,
    pool: pool ? renderPool(pool) : null,
    zone: zone ? renderZone(zone) : null,
  };
}

function storage(state: LabState, machine: Machine): Shown {
  const shown = renderBlockDevices(state, machine);
  const boot = bootDisk(state, machine);
  const all = blockDevicesOf(state, machine).map((disk, index) => ({ disk, shown: shown[index] }));
  const those = (wanted: (disk: BlockDevice) => boolean): (Shown | undefined)[] =>
    all.filter(({ disk }) => wanted(disk)).map((one) => one.shown);
  return {
    storage: disksOf(state, machine).reduce((sum, disk) => sum + disk.size, 0) / 1_000_000,
    boot_disk: all.find(({ disk }) => disk.id === boot?.id)?.shown ?? null,
    blockdevice_set: shown,
    physicalblockdevice_set: those((disk) => !isVirtual(disk)),
    virtualblockdevice_set: those(isVirtual),
    ...renderGroupNames(state, machine),
    special_filesystems: specialFilesystems(state, machine).map(renderFilesystem),
  };
}

/** No machine has more. */
const mostCores = 4096;
const cores = (count: number): number[] => Array.from({ length: Math.min(count, mostCores) }, (_, index) => index);

export function renderMachine(state: LabState, machine: Machine): Shown {
  const boot = bootInterface(state, machine);
  return {
    system_id: machine.systemId,
    hostname: machine.hostname,
    fqdn: fqdnOf(state, machine),
    description: machine.description,
    resource_uri: machineUri(machine),
    node_type: 0,
    node_type_name: "Machine",
    status: machine.status,
    status_name: statusName(machine.status),
    ...statusTexts(state, machine),
    error_description: machine.errorDescription,
    owner: ownerName(state, machine),
    owner_data: machine.annotations,
    workload_annotations: machine.annotations,
    locked: machine.locked,
    netboot: machine.netboot,
    power_state: machine.powerState,
    power_type: machine.powerType,
    osystem: machine.osystem,
    distro_series: machine.distroSeries,
    hwe_kernel: machine.hweKernel,
    min_hwe_kernel: machine.minHweKernel,
    ephemeral_deploy: machine.ephemeralDeploy,
    enable_hw_sync: machine.enableHwSync,
    last_sync: null,
    next_sync: null,
    sync_interval: machine.enableHwSync ? 900 : null,
    ...placement(state, machine),
    tag_names: machine.tagIds.flatMap((id) => state.tags[id]?.name ?? []),
    architecture: machine.architecture,
    cpu_count: machine.cpuCount,
    cpu_speed: machine.cpuSpeed,
    memory: machine.memory,
    swap_size: machine.swapSize,
    hardware_info: { ...unknownHardware, ...machine.hardwareInfo },
    hardware_uuid: null,
    bios_boot_method: null,
    numanode_set: [{ index: 0, memory: machine.memory, cores: cores(machine.cpuCount), hugepages_set: [] }],
    ...storage(state, machine),
    ip_addresses: addressesOfMachine(state, machine),
    interface_set: renderInterfaces(state, machine),
    boot_interface: boot ? renderInterface(state, boot) : null,
    default_gateways: gateways(state, machine),
    current_commissioning_result_id: machine.commissioningSetId,
    current_testing_result_id: machine.testingSetId,
    current_installation_result_id: machine.installationSetId,
    ...testStatuses(state, machine),
    address_ttl: null,
    disable_ipv4: false,
    parent: null,
    pod: null,
    virtualmachine_id: null,
  };
}

/** The few keys that anonymous callers get (transcript s02). */
export function renderAnonymousMachine(state: LabState, machine: Machine): Shown {
  const without = (row: Shown): Shown =>
    Object.fromEntries(Object.entries(row).filter(([key]) => key !== "resource_uri"));
  const { domain, zone } = placement(state, machine);
  return {
    system_id: machine.systemId,
    hostname: machine.hostname,
    fqdn: fqdnOf(state, machine),
    domain: isShown(domain) ? without(domain) : null,
    zone: isShown(zone) ? without(zone) : null,
    architecture: machine.architecture,
    status: machine.status,
    status_name: statusName(machine.status),
    ...statusTexts(state, machine),
    power_type: machine.powerType,
    power_state: machine.powerState,
    node_type: 0,
    resource_uri: machineUri(machine),
  };
}

const isShown = (value: unknown): value is Shown => typeof value === "object" && value !== null;
