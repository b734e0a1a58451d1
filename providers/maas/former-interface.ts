/**
 * An interface as it was found, and giving it back that way: a bridge or bond takes the links of its parents away and
 * leaves them without any (facts: maas.md trap 10), and hands them its MTU (transcript s11).
 */
import { isError, messageOf } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import type { Interface, InterfaceFields, LinkSubnet } from "./api/interfaces.ts";
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
  links: FormerLink[];
  mtu?: number;
  vlan?: number;
}

export const mtuOf = (nic: Interface): number | undefined => (nic.params === "" ? undefined : nic.params.mtu);

export const formerInterface = (machine: Machine, nic: Interface): FormerInterface => {
  const mtu = mtuOf(nic);
  return {
    id: nic.id,
    links: formerLinks(machine, nic),
    ...(mtu === undefined ? {} : { mtu }),
    ...(nic.vlan === null ? {} : { vlan: nic.vlan.id }),
  };
};

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
  mtu?: number | undefined;
  vlan?: number | undefined;
}

/** @param nic as it is now */
export async function giveBack(
  context: Context<MaasServices>,
  systemId: string,
  nic: Interface,
  former: FormerInterface,
  ours: Ours,
): Promise<void> {
  const { interfaces } = context.services.client;
  const fields: InterfaceFields = {
    ...(ours.mtu !== undefined && mtuOf(nic) === ours.mtu && former.mtu !== ours.mtu ? { mtu: former.mtu ?? "" } : {}),
    ...(ours.vlan !== undefined && nic.vlan?.id === ours.vlan && former.vlan !== ours.vlan
      ? { vlan: former.vlan ?? "" }
      : {}),
  };
  const changed = Object.keys(fields).length > 0;
  const now = changed ? await interfaces.update(systemId, nic.id, fields) : nic;
  // Links that somebody has made since are the better ones.
  if (now.links.every(({ mode }) => mode === "link_up")) await restoreLinks(context, systemId, now, former.links);
}

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
