/**
 * What MAAS has, as far as a rack's program can collide with it: each question once, and all at the same time but for the
 * first; none lists all machines.
 */
import type { BootResource } from "./api/boot-resources.ts";
import type { Interface } from "./api/interfaces.ts";
import type { Machine } from "./api/machines.ts";
import type { RackController } from "./api/rack-controllers.ts";
import type { Subnet, SubnetAddress } from "./api/subnets.ts";
import type { MaasClient } from "./client.ts";

export interface Survey {
  /** Whose API key it is. */
  user: string;
  /** "project/stack", as deployments are annotated with. */
  stack: string;
  /** "3.5.13". */
  version: string;
  subnets: SurveyedSubnet[];
  ranges: SurveyedRange[];
  racks: { hostname: string; addresses: string[]; vlanIds: number[] }[];
  /** Those that have one of the MAC addresses or hostnames asked after. */
  machines: SurveyedMachine[];
  images: SurveyedImage[];
  /** True while MAAS fetches images. */
  importing: boolean;
  /** Addresses in use in the subnet asked after. */
  addresses: UsedAddress[];
}

export interface SurveyedSubnet {
  id: number;
  cidr: string;
  name: string;
  fabric: string;
  gateway: string | undefined;
  vlanId: number;
  dhcpOn: boolean;
  /** Address of a DHCP server that is not MAAS's. */
  externalDhcp: string | undefined;
}

export interface SurveyedRange {
  type: "dynamic" | "reserved";
  start: string;
  end: string;
  subnetId: number;
}

export interface SurveyedMachine {
  systemId: string;
  hostname: string;
  /** MAAS's word, "Failed testing". */
  status: string;
  owner: string | undefined;
  /** "project/stack" that deployed it, if a Metalform did. */
  stack: string | undefined;
  locked: boolean;
  errorDescription: string;
  /** 0 until it was commissioned. */
  cores: number;
  /** MiB; 0 until it was commissioned. */
  memory: number;
  cards: { name: string; mac: string; children: { name: string; type: Interface["type"] }[] }[];
}

export interface SurveyedImage {
  /** "ubuntu/jammy". */
  name: string;
  /** Whether all its files are there. */
  complete: boolean;
}

export interface UsedAddress {
  address: string;
  kind: "machine" | "device" | "rack" | "bmc" | "reserved" | "seen";
  /** Hostname, or the user who reserved it. */
  holder: string;
  systemId: string | undefined;
  /** Seen by DHCP, not given for good: a dynamic range may be laid over it. */
  passing: boolean;
}

/** How an address came to be in use: seen on the network (src/maascommon/enums/ipaddress.py). */
const DISCOVERED = 6;

export interface SurveyWish {
  stack: string;
  /** The rack's subnet; without it no addresses are asked after. */
  cidr: string | undefined;
  macs: string[];
  hostnames: string[];
  /** Images whose files matter: "ubuntu/jammy". */
  images: string[];
}

/** Asked by the program itself, before it declares anything. Loads the client only now. */
export async function surveyByProgram(wish: SurveyWish): Promise<Survey> {
  const { programServices } = await import("./program-services.ts");
  return await survey(programServices().client, wish);
}

/** @throws ProviderError when MAAS does not answer, or refuses the key */
export async function survey(client: MaasClient, wish: SurveyWish): Promise<Survey> {
  // Alone: with a key that MAAS refuses, one answer says so as well as ten.
  const user = await client.users.whoami();
  const subnets = client.subnets.list();
  const [version, nets, ranges, racks, byMac, byName, images, importing, addresses] = await Promise.all([
    client.version.read(),
    subnets,
    client.ipRanges.list(),
    client.rackControllers.list(),
    client.machines.list({ mac_address: wish.macs }),
    client.machines.list({ hostname: wish.hostnames }),
    client.bootResources.list().then((list) => withCompleteness(client, list, wish.images)),
    client.bootResources.isImporting(),
    subnets.then((list) => addressesIn(client, list, wish.cidr)),
  ]);
  const machines = new Map([...byMac, ...byName].map((machine) => [machine.system_id, machine]));
  return {
    user: user.username,
    stack: wish.stack,
    version: version.version,
    subnets: nets.map(toSubnet),
    ranges: ranges.map(({ type, start_ip, end_ip, subnet }) => ({
      type,
      start: start_ip,
      end: end_ip,
      subnetId: subnet.id,
    })),
    racks: racks.map(toRack),
    machines: [...machines.values()].map(toMachine),
    images,
    importing,
    addresses,
  };
}

async function addressesIn({ subnets }: MaasClient, list: Subnet[], cidr: string | undefined): Promise<UsedAddress[]> {
  const subnet = list.find((other) => other.cidr === cidr);
  return subnet === undefined ? [] : (await subnets.addresses(subnet.id)).map(toAddress);
}

/** The list does not say whether the files are there; the image itself does. */
async function withCompleteness(
  { bootResources }: MaasClient,
  list: BootResource[],
  wanted: string[],
): Promise<SurveyedImage[]> {
  return await Promise.all(
    list.map(async ({ id, name }) => {
      if (!wanted.includes(name)) return { name, complete: true };
      const sets = Object.entries((await bootResources.read(id))?.sets ?? {}).sort(([a], [b]) => b.localeCompare(a));
      return { name, complete: sets[0]?.[1].complete === true };
    }),
  );
}

const toSubnet = ({ id, cidr, name, gateway_ip, vlan }: Subnet): SurveyedSubnet => ({
  id,
  cidr,
  name,
  fabric: vlan.fabric,
  gateway: gateway_ip || undefined,
  vlanId: vlan.id,
  dhcpOn: vlan.dhcp_on,
  externalDhcp: vlan.external_dhcp ?? undefined,
});

const toRack = ({ hostname, ip_addresses, interface_set }: RackController): Survey["racks"][number] => ({
  hostname,
  addresses: ip_addresses,
  vlanIds: interface_set.flatMap(({ vlan }) => (vlan === null ? [] : [vlan.id])),
});

const toMachine = (machine: Machine): SurveyedMachine => ({
  systemId: machine.system_id,
  hostname: machine.hostname,
  status: machine.status_name,
  owner: machine.owner ?? undefined,
  stack: machine.owner_data["stack"],
  locked: machine.locked,
  errorDescription: machine.error_description,
  cores: machine.cpu_count,
  memory: machine.memory,
  cards: machine.interface_set
    .filter(({ type }) => type === "physical")
    .map(({ name, mac_address, children }) => ({
      name,
      mac: mac_address,
      children: machine.interface_set
        .filter((other) => children.includes(other.name))
        .map((child) => ({ name: child.name, type: child.type })),
    })),
});

/** A range or a reservation has neither; node types: 0 machine, 1 device, 2 rack, 3 region, 4 both (src/maascommon/enums/node.py). */
function toAddress({ ip, alloc_type, node_summary, bmcs, user }: SubnetAddress): UsedAddress {
  const common = { address: ip, passing: alloc_type === DISCOVERED };
  if (bmcs?.[0]) {
    const node = bmcs[0].nodes[0];
    return { ...common, kind: "bmc", holder: node?.hostname ?? "an unknown one", systemId: node?.system_id };
  }
  if (node_summary) {
    const kind = node_summary.node_type === 0 ? "machine" : node_summary.node_type === 1 ? "device" : "rack";
    return { ...common, kind, holder: node_summary.hostname, systemId: node_summary.system_id };
  }
  return user === undefined
    ? { ...common, kind: "seen", holder: "an unknown device", systemId: undefined }
    : { ...common, kind: "reserved", holder: user, systemId: undefined };
}
