/** Whether an interface is what an allocate constraint asks for (facts: maas.md 2.7 `interfaces`). */
import { ipsOfInterface } from "./ipam.ts";
import { isConfigured } from "./links.ts";
import type { Interface, Machine } from "./machine-state.ts";
import type { LabState } from "./state.ts";
import { findSubnet } from "./subnets.ts";
import { findVlans } from "./vlan-specifier.ts";

/** Every key must hold; a key holds when one of its values does (`not_` keys: when none does). */
export function interfaceMatches(
  state: LabState,
  machine: Machine,
  nic: Interface,
  wanted: Record<string, string[]>,
): boolean {
  return Object.entries(wanted).every(([key, values]) => {
    const negated = key.startsWith("not_");
    const plain = negated ? key.slice("not_".length) : key;
    return values.some((value) => holds(state, machine, nic, plain, value)) !== negated;
  });
}

function holds(state: LabState, machine: Machine, nic: Interface, key: string, value: string): boolean {
  const vlan = nic.vlanId === null ? undefined : state.vlans[nic.vlanId];
  const fabric = vlan && state.fabrics[vlan.fabricId];
  const addresses = ipsOfInterface(state, nic.id);
  switch (key) {
    case "id":
      return String(nic.id) === value;
    case "name":
      return nic.name === value;
    case "hostname":
      return machine.hostname === value;
    case "type":
      return nic.type === value;
    case "tag":
      return nic.tags.includes(value);
    case "link_speed":
      return nic.linkSpeed >= Number(value);
    case "mode":
      return value === "unconfigured" && !isConfigured(state, nic);
    case "ip":
      return addresses.some((row) => row.ip === value);
    case "subnet":
    case "subnet_cidr": {
      const subnet = findSubnet(state, value);
      return subnet !== undefined && addresses.some((row) => row.subnetId === subnet.id);
    }
    case "fabric":
      return fabric !== undefined && (fabric.name === value || String(fabric.id) === value);
    case "fabric_class":
      return fabric?.classType === value;
    case "vlan":
      return findVlans(state, value).some((other) => other.id === nic.vlanId);
    case "vid":
      return vlan?.vid === Number(value);
    case "space":
      return vlan !== undefined && vlan.spaceId !== null && state.spaces[vlan.spaceId]?.name === value;
    default:
      return false;
  }
}
