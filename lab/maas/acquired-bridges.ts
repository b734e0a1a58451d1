/** Bridges that last as long as the deployment (facts: maas.md 4, trap 8). */
import { crc32 } from "node:zlib";
import { handOver, interfacesOf, isConfigured, linksOf, newInterface } from "./links.ts";
import type { Interface, Machine } from "./machine-state.ts";
import type { LabState } from "./state.ts";

export interface BridgeOptions {
  /** `standard` or `ovs`. */
  type: string;
  stp: boolean;
  fd: number;
}

/** `br-enp1s0`, cut to 15 bytes as MAAS and Juju do it. */
export function defaultBridgeName(nicName: string): string {
  const long = `br-${nicName}`;
  if (long.length <= 15) return long;
  const short = `b-${nicName.startsWith("en") ? nicName.slice(2) : nicName}`;
  if (short.length <= 15) return short;
  return `b-${crc32(nicName).toString(16).padStart(6, "0").slice(-6)}-${nicName.slice(-6)}`;
}

/** One on every configured interface. */
export function createAcquiredBridges(state: LabState, machine: Machine, options: BridgeOptions): void {
  for (const nic of interfacesOf(state, machine))
    if (nic.type !== "bridge" && isConfigured(state, nic)) createAcquiredBridge(state, machine, nic, options);
}

function createAcquiredBridge(
  state: LabState,
  machine: Machine,
  nic: Interface,
  { type, stp, fd }: BridgeOptions,
): void {
  const mtu = nic.params["mtu"];
  const bridge = newInterface(state, machine, {
    name: defaultBridgeName(nic.name),
    type: "bridge",
    mac: nic.mac,
    vlanId: nic.vlanId,
    parentIds: [nic.id],
    acquired: true,
    params: { bridge_type: type, bridge_stp: stp, bridge_fd: fd, ...(mtu === undefined ? {} : { mtu }) },
  });
  for (const row of linksOf(state, nic)) handOver(state, row, nic, bridge);
}
