/**
 * Links of an interface to subnets, one step at a time (facts: maas.md 2.14, traps 7 and 9; transcript s10): the new link
 * first, then away with the old, so that a machine is never without one and can be deployed.
 */
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import { cidrProblem } from "./addresses.ts";
import type { Interface, Link, LinkSubnet } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import type { Subnet } from "./api/subnets.ts";
import { restoreLinks } from "./former-interface.ts";
import type { FormerLink } from "./former-interface.ts";
import type { Inputs, LinkMode } from "./interface-link.ts";
import { findInterface, interfaceId } from "./interface-reference.ts";
import type { Found } from "./interface-reference.ts";
import { isTaken, requireRest } from "./machine-rest.ts";
import type { MaasServices } from "./services.ts";

export const modeOf = ({ mode }: Inputs): LinkMode => mode ?? "static";

/** The link that the inputs ask for, when it is there. */
export const linkOf = (nic: Interface, inputs: Inputs): Link | undefined =>
  nic.links.find(
    (link) =>
      link.mode === modeOf(inputs).replace("-", "_") &&
      (inputs.address === undefined || link.ip_address === inputs.address) &&
      (inputs.subnet === undefined || isSubnet(inputs.subnet, link.subnet)),
  );

/** @param wanted id or CIDR */
export const isSubnet = (wanted: string, subnet: Subnet | undefined): boolean =>
  subnet !== undefined && (wanted === subnet.cidr || wanted === String(subnet.id));

/**
 * @param linked called as soon as the link is there
 * @returns the interface as it is then
 */
export async function ensureLink(
  context: Context<MaasServices>,
  found: Found,
  inputs: Inputs,
  linked: () => void = () => undefined,
): Promise<Found> {
  const { services } = context;
  let { nic } = found;
  await refuseGateway(services, found, inputs);
  if (!linkOf(nic, inputs)) {
    refuseBelow(found);
    requireRest(found.machine, `link ${nic.name}`);
    context.progress(
      inputs.address === undefined
        ? `Linking ${nic.name}, ${modeOf(inputs)}`
        : `Giving ${nic.name} the address ${inputs.address}`,
    );
    nic = await link(services, found, inputs);
  }
  linked();
  nic = await syncGateway(services, { ...found, nic }, inputs, nic !== found.nic);
  nic = await unlinkAutomatic(services, { ...found, nic }, inputs);
  return { ...found, nic };
}

/** MAAS takes the gateway's address for a machine's (2.14), and then nobody gets out. */
async function refuseGateway(services: MaasServices, { machine }: Found, { subnet, address }: Inputs): Promise<void> {
  if (address === undefined || subnet === undefined) return;
  const seen = machine.interface_set.flatMap((nic) => [...nic.links, ...(nic.discovered ?? [])]);
  const known = seen.find((link) => isSubnet(subnet, link.subnet))?.subnet ?? (await services.networks.subnet(subnet));
  if (known?.gateway_ip !== address) return;
  throw new ProviderError(
    "bad-input",
    `${address} is the gateway of the subnet ${known.cidr}: no machine can have it. Choose another address.`,
  );
}

/** MAAS answers 200 and drops the link again (trap 9). */
function refuseBelow({ machine, nic }: Found): void {
  const above = machine.interface_set.find(
    ({ type, parents }) => (type === "bridge" || type === "bond") && parents.includes(nic.name),
  );
  if (!above) return;
  throw new ProviderError(
    "bad-input",
    `${nic.name} of machine ${machine.hostname} is under the ${above.type} ${above.name}, and MAAS drops links below it without a ` +
      `word. Link ${above.name} instead: \`interface: "${interfaceId(machine, above)}"\`, or the resource's \`id\`.`,
  );
}

async function link(services: MaasServices, found: Found, inputs: Inputs): Promise<Interface> {
  const { machine, nic } = found;
  try {
    const now = await services.client.interfaces.linkSubnet(machine.system_id, nic.id, linkForm(nic, inputs));
    if (linkOf(now, inputs)) return now;
    throw new ProviderError(
      "unexpected",
      `MAAS says that it has linked ${nic.name} of machine ${machine.hostname}, but shows no such link. Somebody else seems to be ` +
        "changing its interfaces; run `pulumi up` again.",
    );
  } catch (error) {
    // The answer to an earlier try may have been lost: "in use" by this very interface is what was wanted.
    const { nic: now } = await findInterface(services, { id: interfaceId(machine, nic) });
    if (linkOf(now, inputs)) return now;
    if (isError(error, "ip-in-use")) throw inUse(error, inputs);
    throw isError(error, "refused") ? refused(error, found, inputs) : error;
  }
}

function linkForm(nic: Interface, inputs: Inputs): LinkSubnet {
  const isUp = inputs.mode === "link-up";
  return {
    mode: modeOf(inputs).toUpperCase().replace("-", "_") as LinkSubnet["mode"],
    ...(inputs.subnet === undefined ? {} : { subnet: specifier(inputs.subnet) }),
    ...(inputs.address === undefined ? {} : { ip_address: inputs.address }),
    ...(inputs.defaultGateway === true ? { default_gateway: true } : {}),
    // "Up" is all that it is then.
    ...(isUp && nic.links.length > 0 ? { force: true } : {}),
  };
}

const specifier = (subnet: string): string => (cidrProblem(subnet) === undefined ? `cidr:${subnet}` : subnet);

const inUse = (cause: ProviderError, { address = "" }: Inputs): ProviderError =>
  new ProviderError(
    "ip-in-use",
    `The address ${address} is in use already (by another machine, a BMC, a rack controller, or given by DHCP). ` +
      "Choose a free one outside the dynamic range.",
    { cause },
  );

const refused = (cause: ProviderError, { machine, nic }: Found, { subnet = "" }: Inputs): ProviderError =>
  new ProviderError(
    "refused",
    `${messageOf(cause)} ${nic.name} of machine ${machine.hostname} is in VLAN ${nic.vlan === null ? "none" : String(nic.vlan.id)}; the ` +
      `subnet ${subnet} must be in the same one (\`vlan\` of a NetworkInterface changes it).`,
    { cause },
  );

/** MAAS forgets the choice when a link moves; where its own guess is the same gateway, nothing needs to be said. */
async function syncGateway(
  services: MaasServices,
  { machine, nic }: Found,
  inputs: Inputs,
  isNew: boolean,
): Promise<Interface> {
  const ours = linkOf(nic, inputs);
  const { link_id: chosen, gateway_ip: gateway } = machine.default_gateways.ipv4;
  if (!ours || isNew || inputs.defaultGateway === undefined) return nic;
  const isOurs = chosen === ours.id || (chosen === null && gateway !== null && gateway === ours.subnet?.gateway_ip);
  if (inputs.defaultGateway && !isOurs) {
    return await services.client.interfaces.setDefaultGateway(machine.system_id, nic.id, ours.id);
  }
  if (!inputs.defaultGateway && chosen === ours.id) {
    await services.client.machines.clearDefaultGateways(machine.system_id);
  }
  return nic;
}

/** MAAS keeps the automatic address beside the static one: two addresses of one subnet, unless it is taken away. */
async function unlinkAutomatic(services: MaasServices, found: Found, inputs: Inputs): Promise<Interface> {
  const ours = linkOf(found.nic, inputs);
  let { nic } = found;
  const others = nic.links.filter(
    (other) =>
      (other.mode === "auto" || other.mode === "dhcp") &&
      other.id !== ours?.id &&
      (inputs.subnet === undefined || isSubnet(inputs.subnet, other.subnet)),
  );
  for (const other of others) nic = await unlink(services, { ...found, nic }, other);
  return nic;
}

export async function unlink(services: MaasServices, { machine, nic }: Found, link: Link): Promise<Interface> {
  try {
    return await services.client.interfaces.unlinkSubnet(machine.system_id, nic.id, link.id);
  } catch (error) {
    const { nic: now } = await findInterface(services, { id: interfaceId(machine, nic) });
    if (now.links.some(({ id }) => id === link.id)) throw error;
    return now;
  }
}

/** Gives the interface its former links back, then takes ours away; a machine that somebody uses is left as it is. */
export async function dropLink(
  context: Context<MaasServices>,
  { machine, nic }: Found,
  ours: Link,
  former: FormerLink[],
  state: Inputs,
): Promise<void> {
  if (former.some((link) => isOurs(link, ours))) return;
  if (isTaken(machine)) {
    context.warn(stays(machine, state));
    return;
  }
  try {
    await restoreLinks(
      context,
      machine.system_id,
      nic,
      former.filter(({ mode }) => mode !== "link_up"),
    );
    await context.services.client.interfaces.unlinkSubnet(machine.system_id, nic.id, ours.id);
  } catch (error) {
    if (!isError(error, "wrong-state")) throw error;
    context.warn(`${stays(machine, state)} ${messageOf(error)}`);
  }
}

const isOurs = (link: FormerLink, ours: Link): boolean =>
  link.mode === ours.mode &&
  link.subnet === ours.subnet?.cidr &&
  (link.mode !== "static" || link.address === ours.ip_address);

const stays = (machine: Machine, inputs: Inputs): string =>
  `The ${inputs.address === undefined ? `${modeOf(inputs)} link` : `address ${inputs.address}`} stays on machine ${machine.hostname}, which is ` +
  `${machine.status_name}: somebody uses it.`;
