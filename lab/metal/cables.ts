/** Which network card of a machine is plugged in where: one switch a fabric, VLANs pass it with their tags. */
import { bootInterface, interfacesOf } from "../maas/links.ts";
import type { Machine } from "../maas/machine-state.ts";
import type { LabState } from "../maas/state.ts";

export interface Cable {
  /** Its name in the machine, at most 15 bytes. */
  nic: string;
  mac: string;
  /** undefined: no cable. */
  fabric: number | undefined;
}

/**
 * The boot interface first. The ephemeral system finds cards by their place (enp1s0, enp2s0, ...); an installed one has the names
 * that MAAS gave them. A card that MAAS knows no VLAN of is the boot interface's neighbour only if it is the one it boots from.
 */
export function cablesOf(state: LabState, machine: Machine, system: "ephemeral" | "installed"): Cable[] {
  const boot = bootInterface(state, machine);
  const physical = interfacesOf(state, machine).filter(({ type }) => type === "physical");
  const ordered = [...physical.filter((nic) => nic === boot), ...physical.filter((nic) => nic !== boot)];
  return ordered.map((nic, index) => ({
    nic: system === "ephemeral" ? `enp${String(index + 1)}s0` : nic.name.slice(0, 15),
    mac: nic.mac,
    fabric: nic.vlanId === null ? (nic === boot ? rackFabric(state) : undefined) : state.vlans[nic.vlanId]?.fabricId,
  }));
}

/** Where the rack controller is, and with it DHCP. */
export function rackFabric(state: LabState): number | undefined {
  const rack = Object.values(state.controllers)[0];
  return rack && state.vlans[rack.interface.vlanId]?.fabricId;
}

/** Lines for machine.sh. */
export const nicLines = (cables: readonly Cable[]): string =>
  cables
    .map(({ nic, mac, fabric }) => `${nic} ${mac} ${fabric === undefined ? "-" : `fabric${String(fabric)}`}`)
    .join("\n");
