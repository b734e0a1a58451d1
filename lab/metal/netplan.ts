/**
 * The network of a deployed machine: what MAAS gives to curtin (maas/curtin.ts), less what a machine of the lab can't do. A veth
 * has no permanent MAC address to be matched by; its name is the wanted one from the start. And it has no IPv6.
 */
import { curtinNetwork } from "../maas/curtin-network.ts";
import type { Machine } from "../maas/machine-state.ts";
import type { Json, LabState } from "../maas/state.ts";
import { toYaml } from "../maas/yaml.ts";

type Section = Record<string, Record<string, Json>>;

const kinds = ["ethernets", "bonds", "bridges", "vlans"] as const;

/** `gateway4` is older than routes, and netplan warns about it at every step. */
function forLab(device: Record<string, Json>): Record<string, Json> {
  const {
    match: _match,
    "set-name": _name,
    accept_ra: _ra,
    dhcp6: _dhcp6,
    gateway4,
    gateway6: _gateway6,
    ...kept
  } = device;
  const given = Array.isArray(kept["routes"]) ? kept["routes"] : [];
  const routes = gateway4 === undefined ? given : [{ to: "default", via: gateway4 }, ...given];
  return { ...kept, ...(routes.length > 0 ? { routes } : {}), "link-local": [], "accept-ra": false };
}

export function netplanOf(state: LabState, machine: Machine): string {
  const config = curtinNetwork(state, machine);
  const sections = kinds.flatMap((kind): [string, Section][] => {
    const section = config[kind] as Section | undefined;
    if (!section) return [];
    return [[kind, Object.fromEntries(Object.entries(section).map(([name, device]) => [name, forLab(device)]))]];
  });
  return toYaml({ network: { version: 2, ...Object.fromEntries(sections) } });
}

/** Whether Open vSwitch has to run: curtin installs it where the network asks for it. */
export const usesOpenVswitch = (state: LabState, machine: Machine): boolean =>
  machine.interfaceIds.some((id) => state.interfaces[id]?.params["bridge_type"] === "ovs");
