/**
 * What the lab's page shows, as plain JSON. It is for people, not MAAS's API: no key is asked for, so nothing secret may be
 * in it. Power parameters, keys, user-data and the output of scripts (the BMC's configuration prints passwords) stay out.
 */
import { addressesOfMachine, fqdnOf } from "../maas/machine-render.ts";
import { ipsOfInterface } from "../maas/ipam.ts";
import { interfacesOf } from "../maas/links.ts";
import type { Interface, Machine, ScriptResult } from "../maas/machine-state.ts";
import { allocType, type Subnet } from "../maas/network-state.ts";
import { statusName } from "../maas/node-status.ts";
import { latestResults, resultsOf, scriptSetsOf, setType } from "../maas/script-sets.ts";
import { overallStatus, scriptStatusName } from "../maas/script-status.ts";
import type { LabState } from "../maas/state.ts";

/** The newest events of a machine; MAAS's own page shows about as many. */
const shownEvents = 200;

const levelNames: Record<number, string> = { 0: "audit", 10: "debug", 20: "info", 30: "warning", 40: "error" };
const setNames: Record<number, string> = {
  [setType.commissioning]: "Commissioning",
  [setType.installation]: "Installation",
  [setType.testing]: "Testing",
  [setType.release]: "Release",
};

export const overview = (state: LabState) => ({
  machines: Object.values(state.machines).map((machine) => summary(state, machine)),
  subnets: Object.values(state.subnets).map((subnet) => subnetSummary(state, subnet)),
});

function summary(state: LabState, machine: Machine) {
  const tests = latestResults(state, machine, setType.testing);
  const passed = tests.filter((test) => scriptStatusName(test.status) === "Passed").length;
  return {
    systemId: machine.systemId,
    hostname: machine.hostname,
    status: statusName(machine.status),
    power: machine.powerState,
    powerType: machine.powerType,
    owner: machine.ownerId === null ? "" : (state.users[machine.ownerId]?.username ?? ""),
    locked: machine.locked,
    pool: state.pools[machine.poolId]?.name ?? "",
    zone: state.zones[machine.zoneId]?.name ?? "",
    tags: machine.tagIds.flatMap((id) => state.tags[id]?.name ?? []),
    addresses: addressesOfMachine(state, machine),
    system: machine.osystem === "" ? "" : `${machine.osystem} ${machine.distroSeries}`,
    tests:
      tests.length === 0
        ? ""
        : `${scriptStatusName(overallStatus(tests))} (${String(passed)} of ${String(tests.length)})`,
    // Says that something of the machine has changed that is not above.
    revision: `${String(machine.eventIds.at(-1) ?? 0)}.${String(Math.max(0, ...tests.map(({ updated }) => updated)))}`,
  };
}

function subnetSummary(state: LabState, subnet: Subnet) {
  const vlan = state.vlans[subnet.vlanId];
  const addresses = Object.values(state.ips).filter(({ subnetId, ip }) => subnetId === subnet.id && ip !== null);
  return {
    cidr: subnet.cidr,
    name: subnet.name,
    fabric: vlan ? (state.fabrics[vlan.fabricId]?.name ?? "") : "",
    vid: vlan?.vid ?? 0,
    gateway: subnet.gatewayIp ?? "",
    dns: subnet.dnsServers,
    managed: subnet.managed,
    dhcp: vlan?.dhcpOn ? "on" : vlan && vlan.relayVlanId !== null ? "relayed" : "off",
    addresses: addresses.length,
    ranges: Object.values(state.ipRanges)
      .filter(({ subnetId }) => subnetId === subnet.id)
      .map(({ type, startIp, endIp, comment }) => ({ type, startIp, endIp, comment })),
  };
}

/** Undefined for a machine that is not there. */
export function machineDetail(state: LabState, systemId: string) {
  const machine = Object.hasOwn(state.machines, systemId) ? state.machines[systemId] : undefined;
  if (!machine) return undefined;
  return {
    ...summary(state, machine),
    fqdn: fqdnOf(state, machine),
    description: machine.description,
    error: machine.errorDescription,
    architecture: machine.architecture,
    hardware: {
      vendor: machine.hardwareInfo["system_vendor"] ?? "",
      product: machine.hardwareInfo["system_product"] ?? "",
      cores: machine.cpuCount,
      memoryMiB: machine.memory,
    },
    interfaces: interfacesOf(state, machine).map((row) => interfaceDetail(state, row)),
    results: scriptSetsOf(state, machine)
      .toReversed()
      .flatMap((set) => resultsOf(state, set).map((result) => resultDetail(state, set.type, result))),
    events: machine.eventIds
      .slice(-shownEvents)
      .toReversed()
      .flatMap((id) => state.events[id] ?? [])
      .map(({ id, created, level, type, description, username }) => ({
        id,
        time: new Date(created).toISOString(),
        level: levelNames[level] ?? String(level),
        type,
        description,
        username: username === "unknown" ? "" : username,
      })),
  };
}

function interfaceDetail(state: LabState, row: Interface) {
  const vlan = row.vlanId === null ? undefined : state.vlans[row.vlanId];
  return {
    name: row.name,
    type: row.params["bridge_type"] === "ovs" ? "OVS bridge" : row.type,
    mac: row.mac,
    parents: row.parentIds.flatMap((id) => state.interfaces[id]?.name ?? []),
    fabric: vlan ? (state.fabrics[vlan.fabricId]?.name ?? "") : "",
    vid: vlan?.vid ?? null,
    links: ipsOfInterface(state, row.id).map((link) => ({
      mode: linkModes[link.allocType] ?? "",
      subnet: link.subnetId === null ? "" : (state.subnets[link.subnetId]?.cidr ?? ""),
      address: link.ip ?? "",
    })),
  };
}

const linkModes: Record<number, string> = {
  [allocType.auto]: "auto",
  [allocType.sticky]: "static",
  [allocType.dhcp]: "DHCP",
  [allocType.discovered]: "discovered",
};

function resultDetail(state: LabState, type: number, result: ScriptResult) {
  const on = [
    result.blockDeviceId === null ? undefined : state.blockDevices[result.blockDeviceId]?.name,
    result.interfaceId === null ? undefined : state.interfaces[result.interfaceId]?.name,
  ];
  return {
    set: setNames[type] ?? "",
    name: result.name,
    on: on.find((name) => name !== undefined) ?? "",
    status: scriptStatusName(result.status),
    seconds:
      result.started === null || result.ended === null ? null : Math.round((result.ended - result.started) / 1000),
  };
}
