/** Subnets with what is known of them; VLANs without a subnet stand for themselves. */
import { BlockList, isIP } from "node:net";
import type { Change, Declared } from "./declared.ts";
import { fieldLike, isFabric, isSubnet, isVlan, textOf, textsOf, type Found, type Index } from "./find.ts";
import { nameOf, phrase, shortened, type Line } from "./phrases.ts";

export interface Network {
  key: string;
  /** CIDR, or name of a VLAN. */
  heading: string;
  isSubnet: boolean;
  /** Name of its fabric. */
  fabric: string | undefined;
  lines: Line[];
  change: Change | undefined;
}

interface Vlan {
  resource: Declared | undefined;
  subnets: Network[];
}

export class Networks {
  readonly all: Network[] = [];
  readonly #index: Index;
  /** By URN, or by what is written where the program does not declare it. */
  readonly #subnets = new Map<string, Network>();
  readonly #vlans = new Map<string, Vlan>();

  constructor(index: Index) {
    this.#index = index;
    for (const resource of index.all.filter(isVlan)) this.#vlans.set(resource.urn, { resource, subnets: [] });
    for (const resource of index.all.filter(isSubnet)) this.#addSubnet(resource);
    for (const [key, vlan] of this.#vlans) if (vlan.subnets.length === 0) this.#addVlanAlone(key, vlan);
  }

  #addSubnet(resource: Declared): void {
    const heading = textOf(resource.fields["cidr"]) || nameOf(resource);
    const network = this.#add({ heading, isSubnet: true, fabric: undefined, lines: [], change: resource.change });
    this.#subnets.set(resource.urn, network);
    const name = textOf(resource.fields["name"]);
    if (name !== "" && name !== heading) line(network, name);
    const vlan = this.#vlan(this.#index.spokenOf(resource, /vlan$/i, isVlan));
    if (vlan) {
      vlan.subnets.push(network);
      if (vlan.resource) this.#describeVlan(network, vlan.resource, true);
    }
    if (vlan === undefined) this.#describePlace(network, resource);
    const gateway = textOf(fieldLike(resource, /gateway/i));
    if (gateway !== "") line(network, `gateway ${gateway}`);
    const servers = textsOf(fieldLike(resource, /dnsServers/i));
    if (servers.length > 0) line(network, `DNS ${servers.join(" ")}`);
    if (resource.fields["managed"] === false) line(network, "unmanaged");
  }

  /** A subnet that names fabric and VID instead of a VLAN. */
  #describePlace(network: Network, subnet: Declared): void {
    network.fabric = this.#fabricOf(subnet);
    const vid = textOf(subnet.fields["vid"]);
    const vlan = [...this.#vlans.values()].find(
      ({ resource }) =>
        resource !== undefined && textOf(resource.fields["vid"]) === vid && this.#fabricOf(resource) === network.fabric,
    );
    if (vlan?.resource) {
      vlan.subnets.push(network);
      this.#describeVlan(network, vlan.resource, true);
    } else if (vid !== "") line(network, vid === "0" ? "untagged VLAN" : `VLAN ${vid}`);
  }

  #fabricOf(resource: Declared): string | undefined {
    const { resources, texts } = this.#index.spokenOf(resource, /fabric$/i, isFabric);
    return resources[0] ? nameOf(resources[0]) : fabricName(texts[0]);
  }

  #vlan({ resources, texts }: Found): Vlan | undefined {
    const key = resources[0]?.urn ?? (texts[0] === undefined ? undefined : `VLAN ${texts[0]}`);
    if (key === undefined) return undefined;
    const known = this.#vlans.get(key) ?? { resource: undefined, subnets: [] };
    this.#vlans.set(key, known);
    return known;
  }

  #addVlanAlone(key: string, vlan: Vlan): void {
    const { resource } = vlan;
    if (!resource) return;
    const heading = vlanTitle(resource);
    const network = this.#add({ heading, isSubnet: false, fabric: undefined, lines: [], change: resource.change });
    this.#describeVlan(network, resource, false);
    this.#vlans.set(key, { resource, subnets: [network] });
  }

  #describeVlan(network: Network, vlan: Declared, titled: boolean): void {
    const mtu = textOf(vlan.fields["mtu"]);
    const facts = [titled ? vlanTitle(vlan) : "", mtu === "" || mtu === "1500" ? "" : `MTU ${mtu}`].filter(Boolean);
    if (facts.length > 0) line(network, facts.join(", "), titled ? vlan.change : undefined);
    const space = this.#index.spokenOf(vlan, /space$/i, ({ kind }) => kind === "Space");
    const spaceName = space.resources[0] ? nameOf(space.resources[0]) : space.texts[0];
    if (spaceName !== undefined) line(network, `space ${spaceName}`);
    network.fabric = this.#fabricOf(vlan);
  }

  #add(network: Omit<Network, "key">): Network {
    const added = { key: `n${String(this.all.length)}`, ...network };
    this.all.push(added);
    return added;
  }

  /** The subnet that a link or a range speaks of; one that the program does not declare is added. */
  subnetOf(resource: Declared): Network | undefined {
    const { resources, texts } = this.#index.spokenOf(resource, /subnet$|^source$/i, isSubnet);
    const known = this.#subnets.get(resources[0]?.urn ?? texts[0] ?? "");
    if (known || texts[0] === undefined) return known;
    const heading = texts[0].includes("/") ? texts[0].replace(/^cidr:/, "") : `subnet ${texts[0]}`;
    const added = this.#add({ heading, isSubnet: true, fabric: undefined, lines: [], change: undefined });
    this.#subnets.set(texts[0], added);
    return added;
  }

  /** The subnet that holds an address. */
  around(address: string): Network | undefined {
    return this.all.find(({ heading }) => holds(heading, address));
  }

  /** A static route's destination is a subnet too. */
  #route(resource: Declared): string | undefined {
    const { resources, texts } = this.#index.spokenOf(resource, /^destination$/, isSubnet);
    const destination = resources[0] ? textOf(resources[0].fields["cidr"]) : texts[0];
    const gateway = textOf(fieldLike(resource, /gateway/i));
    return destination === undefined ? undefined : `route to ${destination} via ${gateway}`;
  }

  /** Writes it on the subnet or VLAN that it speaks of; false when it speaks of none. */
  take(resource: Declared): boolean {
    const subnet = this.subnetOf(resource);
    if (subnet) line(subnet, this.#route(resource) ?? phrase(resource), resource.change);
    const vlan = subnet ? undefined : this.#vlan(this.#index.spokenOf(resource, /vlan$/i, isVlan));
    for (const network of vlan?.subnets ?? []) line(network, phrase(resource), resource.change);
    return subnet !== undefined || (vlan?.subnets.length ?? 0) > 0;
  }
}

function line(network: Network, text: string, change?: Change): void {
  network.lines.push({ text: shortened(text), change });
}

function vlanTitle(vlan: Declared): string {
  const vid = textOf(vlan.fields["vid"]);
  const name = textOf(vlan.fields["name"]);
  const title = vid === "" ? "VLAN" : vid === "0" ? "untagged VLAN" : `VLAN ${vid}`;
  return name === "" ? title : `${title} ${name}`;
}

const fabricName = (text: string | undefined): string | undefined =>
  text === undefined ? undefined : /^\d+$/.test(text) ? `fabric ${text}` : text;

function holds(cidr: string, address: string): boolean {
  const [network = "", prefix = ""] = cidr.split("/");
  const family = isIP(address);
  if (family === 0 || isIP(network) !== family || !/^\d+$/.test(prefix)) return false;
  const type = family === 4 ? "ipv4" : "ipv6";
  const list = new BlockList();
  list.addSubnet(network, Number(prefix), type);
  return list.check(address, type);
}
