/** Which gateway a machine would use (facts: maas.md 2.1 `default_gateways`). */
import { bootInterface, interfacesOf, linksOf } from "./links.ts";
import type { Interface, Machine } from "./machine-state.ts";
import { allocType, type StaticIp } from "./network-state.ts";
import type { LabState } from "./state.ts";

interface Candidate {
  nic: Interface;
  link: StaticIp;
  gateway: string;
  dhcpOn: boolean;
}

/** Every link whose subnet has a gateway; DHCP links bring their own. */
function candidates(state: LabState, machine: Machine): Candidate[] {
  return interfacesOf(state, machine).flatMap((nic) =>
    linksOf(state, nic).flatMap((link) => {
      const subnet = link.subnetId === null ? undefined : state.subnets[link.subnetId];
      const gateway = subnet?.gatewayIp;
      if (!subnet || !gateway || link.allocType === allocType.dhcp) return [];
      return [{ nic, link, gateway, dhcpOn: state.vlans[subnet.vlanId]?.dhcpOn ?? false }];
    }),
  );
}

const addressRank: Record<number, number> = { [allocType.sticky]: 1, [allocType.userReserved]: 2, [allocType.auto]: 3 };

function rank({ nic, link, dhcpOn }: Candidate, boot: Interface | undefined): number[] {
  const kind = { bond: 1, bridge: 1, physical: nic.id === boot?.id ? 2 : 3, vlan: 4 }[nic.type];
  return [dhcpOn ? 0 : 1, kind, addressRank[link.allocType] ?? link.allocType, nic.id];
}

function compare(a: number[], b: number[]): number {
  const index = a.findIndex((value, position) => value !== b[position]);
  return index < 0 ? 0 : (a[index] ?? 0) - (b[index] ?? 0);
}

const isIpv6 = (address: string): boolean => address.includes(":");

export interface DefaultGateway {
  nic: Interface | null;
  gateway: string | null;
}

/** The link the user chose, else bonds and bridges first, then the boot interface, static before automatic. */
export function defaultGateway(state: LabState, machine: Machine, version: 4 | 6): DefaultGateway {
  const boot = bootInterface(state, machine);
  const usable = candidates(state, machine).filter(({ gateway }) => isIpv6(gateway) === (version === 6));
  const chosen = version === 4 ? usable.find(({ link }) => link.id === machine.gatewayLinkId) : undefined;
  const best = chosen ?? usable.toSorted((a, b) => compare(rank(a, boot), rank(b, boot)))[0];
  return best ? { nic: best.nic, gateway: best.gateway } : { nic: null, gateway: null };
}
