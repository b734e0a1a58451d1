/**
 * An interface as it was found, and giving it back that way: a bridge or bond takes the links of its parents away and
 * leaves them without any (facts: maas.md trap 10), and hands them its MTU (transcript s11).
 */
import { isError, messageOf } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import type { Interface, InterfaceFields, InterfaceParams, LinkSubnet } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import type { MaasServices } from "./services.ts";

export interface FormerLink {
  mode: "auto" | "dhcp" | "static" | "link_up";
  /** CIDR. */
  subnet?: string;
  /** Of a static link. */
  address?: string;
  /** It was chosen for the machine's default gateway. */
  gateway?: true;
}

export interface FormerInterface {
  id: number;
  name: string;
  links: FormerLink[];
  mtu?: number;
  vlan?: number;
}

export const interfaceParams = ({ params }: Interface): InterfaceParams => (params === "" ? {} : params);

export const mtuOf = (nic: Interface): number | undefined => interfaceParams(nic).mtu;

export const mtuField = (nic: Interface): { mtu?: number } => {
  const mtu = mtuOf(nic);
  return mtu === undefined ? {} : { mtu };
};

export const formerInterface = (machine: Machine, nic: Interface): FormerInterface => ({
  id: nic.id,
  name: nic.name,
  links: formerLinks(machine, nic),
  ...mtuField(nic),
  ...(nic.vlan === null ? {} : { vlan: nic.vlan.id }),
});

export const formerLinks = (machine: Machine, nic: Interface): FormerLink[] =>
  nic.links.map((link) => ({
    mode: link.mode,
    ...(link.subnet === undefined ? {} : { subnet: link.subnet.cidr }),
    // An automatic link has an address only while the machine is deployed.
    ...(link.mode === "static" && link.ip_address !== undefined ? { address: link.ip_address } : {}),
    ...(machine.default_gateways.ipv4.link_id === link.id ? { gateway: true as const } : {}),
  }));

/** What of it we have changed: given back only where it is still as we set it. */
interface Ours {
  name?: string | undefined;
  mtu?: number | undefined;
  vlan?: number | undefined;
}

/**
 * Puts back what we have changed, in one request.
 *
 * @param nic as it is now
 * @returns as it is then
 */
export async function giveBack(
  services: MaasServices,
  systemId: string,
  nic: Interface,
  former: FormerInterface,
  ours: Ours,
): Promise<Interface> {
  const fields: InterfaceFields = {
    ...(isOurs(ours.name, nic.name, former.name) ? { name: former.name } : {}),
    ...(isOurs(ours.mtu, mtuOf(nic), former.mtu) ? { mtu: former.mtu ?? "" } : {}),
    ...(isOurs(ours.vlan, nic.vlan?.id, former.vlan) ? { vlan: former.vlan ?? "" } : {}),
  };
  if (Object.keys(fields).length === 0) return nic;
  return await services.client.interfaces.update(systemId, nic.id, fields);
}

const isOurs = <Value>(ours: Value | undefined, now: Value | undefined, former: Value | undefined): boolean =>
  ours !== undefined && now === ours && former !== ours;

/** True while it has no link with a subnet: links that somebody has made since are the better ones. */
export const isBare = (nic: Interface): boolean => nic.links.every(({ mode }) => mode === "link_up");

/** Makes the links that are missing; an address that is somebody else's by now is told, and left to them. */
export async function restoreLinks(
  context: Context<MaasServices>,
  systemId: string,
  nic: Interface,
  former: FormerLink[],
): Promise<void> {
  for (const link of former) {
    if (nic.links.some((other) => isSameLink(other, link))) continue;
    try {
      await context.services.client.interfaces.linkSubnet(systemId, nic.id, linkForm(link));
    } catch (error) {
      if (!isError(error, "ip-in-use", "refused")) throw error;
      context.warn(`${nic.name} of machine ${systemId} does not get back its ${wordsFor(link)}: ${messageOf(error)}`);
    }
  }
}

const isSameLink = (now: Interface["links"][number], link: FormerLink): boolean =>
  now.mode === link.mode &&
  (link.subnet === undefined || now.subnet?.cidr === link.subnet) &&
  (link.address === undefined || now.ip_address === link.address);

const linkForm = ({ mode, subnet, address, gateway }: FormerLink): LinkSubnet => ({
  mode: mode.toUpperCase() as LinkSubnet["mode"],
  ...(subnet === undefined || mode === "link_up" ? {} : { subnet: `cidr:${subnet}` }),
  ...(address === undefined ? {} : { ip_address: address }),
  ...(gateway === true && (mode === "auto" || mode === "static") ? { default_gateway: true } : {}),
});

const wordsFor = ({ mode, subnet, address }: FormerLink): string =>
  [mode, "link", ...(subnet === undefined ? [] : [`to ${subnet}`]), ...(address === undefined ? [] : [address])].join(
    " ",
  );
