/** What main answers by: addresses, names and leases, as MAAS's tables have them. */
import { rackAddresses } from "../maas/curtin-network.ts";
import { dhcpAddress } from "../maas/dhcp.ts";
import { formatIp, parseNetwork } from "../maas/ip-address.ts";
import { bootInterface, interfacesOf, linkMode, linksOf } from "../maas/links.ts";
import { fqdnOf } from "../maas/machine-render.ts";
import type { Subnet } from "../maas/network-state.ts";
import type { LabState } from "../maas/state.ts";

/** IPv4 subnets on the rack controller's VLAN. */
export function rackSubnets(state: LabState): Subnet[] {
  const vlans = new Set(Object.values(state.controllers).map((rack) => rack.interface.vlanId));
  return Object.values(state.subnets).filter(
    (subnet) => vlans.has(subnet.vlanId) && parseNetwork(subnet.cidr)?.version === 4,
  );
}

/** With prefix length: the rack controller's own, and the gateways of its subnets, since nobody else is there to be them. */
export function addressesOf(state: LabState): string[] {
  const own = rackAddresses(state);
  return rackSubnets(state).flatMap(({ cidr, gatewayIp }) => {
    const network = parseNetwork(cidr);
    if (!network) return [];
    const inside = (address: string): boolean => {
      const other = parseNetwork(address);
      return other !== undefined && other.first >= network.first && other.first <= network.last;
    };
    const addresses = new Set([...own.filter(inside), ...(gatewayIp === null ? [] : [gatewayIp])]);
    return [...addresses].map((address) => `${address}/${String(network.prefix)}`);
  });
}

/** Leases are fixed: MAAS says who has which address. */
function dhcpRanges(state: LabState): string[] {
  return rackSubnets(state).flatMap(({ id, cidr, gatewayIp }) => {
    const network = parseNetwork(cidr);
    if (!network) return [];
    const mask = formatIp({ version: 4, value: (2n ** 32n - 1n) ^ (2n ** BigInt(32 - network.prefix) - 1n) });
    const tag = `subnet${String(id)}`;
    return [
      `dhcp-range=set:${tag},${formatIp({ version: 4, value: network.first })},static,${mask}`,
      `dhcp-option=tag:${tag},option:dns-server,${rackAddresses(state)[0] ?? ""}`,
      ...(gatewayIp === null ? [] : [`dhcp-option=tag:${tag},option:router,${gatewayIp}`]),
    ];
  });
}

/** @param folder Of the files `dhcp` and `dns`. */
export function dnsmasqConfig(state: LabState, folder: string): string {
  const card = Object.values(state.controllers)[0]?.interface.name ?? "";
  const domain = state.domains[state.defaultDomainId]?.name ?? "maas";
  const lines = [
    "user=root",
    `pid-file=${folder}/pid`,
    `log-facility=${folder}/log`,
    `interface=${card}`,
    "bind-interfaces",
    "no-resolv",
    "no-hosts",
    `domain=${domain}`,
    `local=/${domain}/`,
    `addn-hosts=${folder}/dns`,
    `dhcp-hostsfile=${folder}/dhcp`,
    `dhcp-leasefile=${folder}/leases`,
    "dhcp-authoritative",
    "no-ping",
    ...dhcpRanges(state),
  ];
  return `${lines.join("\n")}\n`;
}

export function dhcpHosts(state: LabState): string {
  const lines = Object.values(state.machines).flatMap((machine) => {
    const nic = bootInterface(state, machine);
    const address = dhcpAddress(state, machine);
    return nic && address !== undefined ? [`${nic.mac},${address},${machine.hostname}\n`] : [];
  });
  return lines.join("");
}

/** Machines by their addresses, and the names that users have added. */
export function dnsHosts(state: LabState): string {
  const domain = (id: number): string => state.domains[id]?.name ?? "";
  const machines = Object.values(state.machines).flatMap((machine) =>
    interfacesOf(state, machine).flatMap((nic) =>
      linksOf(state, nic).flatMap((link) =>
        link.ip !== null && linkMode(link) !== "dhcp" ? [`${link.ip} ${fqdnOf(state, machine)}\n`] : [],
      ),
    ),
  );
  const added = Object.values(state.dnsResources).flatMap(({ name, domainId, ipIds }) =>
    ipIds.flatMap((id) => {
      const address = state.ips[id]?.ip;
      const fqdn = name === "@" ? domain(domainId) : `${name}.${domain(domainId)}`;
      return address ? [`${address} ${fqdn}\n`] : [];
    }),
  );
  const racks = Object.values(state.controllers).map(
    ({ hostname, domainId }) => `${rackAddresses(state)[0] ?? ""} ${hostname}.${domain(domainId)}\n`,
  );
  return [...racks, ...machines, ...added].join("");
}

/** The lab's own key, and those of MAAS's users: who may deploy may pass. */
export const keysOf = (state: LabState, own: string): string =>
  [own.trim(), ...new Set(Object.values(state.sshKeys).map(({ key }) => key.trim()))].map((key) => `${key}\n`).join("");
