/** A subnet: addresses of a VLAN, with the gateway and the name servers that machines get. Known to people by its CIDR. */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import {
  addressProblem,
  canonicalAddress,
  canonicalCidr,
  cidrProblem,
  outsideProblem,
  overlap,
  subnetSpan,
} from "./addresses.ts";
import type { Span } from "./addresses.ts";
import { adopting } from "./adoption.ts";
import type { Former } from "./adoption.ts";
import type { Subnet as SubnetObject } from "./api/subnets.ts";
import { refuseToCutOff } from "./cut-off.ts";
import { Declared } from "./declared.ts";
import { isId, specifier } from "./networks.ts";
import { noteOrigin } from "./origin.ts";
import type { MaasServices } from "./services.ts";

export interface SubnetArgs {
  /**
   * Network address and prefix, e.g. "172.16.0.0/20". One that MAAS has is adopted: it makes those of its rack
   * controllers by itself. Changing this replaces: another CIDR is another subnet.
   */
  cidr: pulumi.Input<string>;
  /** Its name; changed in place. @default the CIDR */
  name?: pulumi.Input<string>;
  /** What it is for, in words; changed in place. */
  description?: pulumi.Input<string>;
  /** Where it is: `vlan.id`. Changed in place. @default `fabric` and `vid`; with none of the three, MAAS's own choice */
  vlan?: pulumi.Input<string>;
  /** Where it is, for a VLAN that is no part of the program: the fabric's id or name. Changed in place. */
  fabric?: pulumi.Input<string>;
  /** With `fabric`: the VLAN's number. Changed in place. @default 0, the untagged VLAN */
  vid?: pulumi.Input<number>;
  /** The router's address; changed in place, machines that run keep the old one. @default none */
  gateway?: pulumi.Input<string>;
  /** Addresses of name servers, besides MAAS's own; changed in place, like the gateway. @default none */
  dnsServers?: pulumi.Input<pulumi.Input<string>[]>;
  /** Reverse DNS by MAAS: 0 off, 1 on, 2 with the glue of RFC 2317. Changed in place. @default 2 */
  rdnsMode?: pulumi.Input<number>;
  /** Whether machines here may ask MAAS's DNS, and get it as name server. Changed in place. @default true */
  allowDns?: pulumi.Input<boolean>;
  /** Whether machines here may use MAAS's proxy. Changed in place. @default true */
  allowProxy?: pulumi.Input<boolean>;
  /**
   * Whether MAAS hands out addresses here outside of the ranges; when not, only from inside the reserved ones. Changed in
   * place. @default true
   */
  managed?: pulumi.Input<boolean>;
  /** Whether racks scan it for neighbours. Changed in place. @default false */
  activeDiscovery?: pulumi.Input<boolean>;
}

interface Inputs {
  cidr: string;
  name?: string;
  description?: string;
  vlan?: string;
  fabric?: string;
  vid?: number;
  gateway?: string;
  dnsServers?: string[];
  rdnsMode?: number;
  allowDns?: boolean;
  allowProxy?: boolean;
  managed?: boolean;
  activeDiscovery?: boolean;
}

interface State extends Inputs {
  former: Former;
}

export const subnet: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    cidr: { replace: "another CIDR is another subnet: the ranges and links of this one go with it" },
    name: "update",
    description: "update",
    vlan: "update",
    fabric: "update",
    vid: "update",
    gateway: "update",
    dnsServers: "update",
    rdnsMode: "update",
    allowDns: "update",
    allowProxy: "update",
    managed: "update",
    activeDiscovery: "update",
  },
  deleteBeforeReplace: false,

  normalise: (inputs) => ({
    ...inputs,
    ...(typeof inputs.cidr === "string" ? { cidr: canonicalCidr(inputs.cidr) } : {}),
    ...(typeof inputs.gateway === "string" ? { gateway: canonicalAddress(inputs.gateway) } : {}),
    ...(Array.isArray(inputs.dnsServers) ? { dnsServers: inputs.dnsServers.map(canonicalIfText) } : {}),
    ...(inputs.fabric === undefined || inputs.vid !== undefined ? {} : { vid: 0 }),
  }),

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(subnet.changes), "former"]);
    check.required("cidr", '"172.16.0.0/20"');
    check.text("cidr", cidrProblem);
    check.text("name", (name) =>
      /^[ \p{L}\p{N}_./:-]+$/u.test(name) ? undefined : `"${name}" is no name for a subnet; write letters and digits`,
    );
    check.text("description");
    check.text("vlan", (vlan) =>
      isId(vlan) ? undefined : `"${vlan}" is no VLAN; write \`vlan.id\`, or \`fabric\` and \`vid\``,
    );
    check.text("fabric");
    check.wholeNumber("vid", 0, 4094, "0 is the untagged VLAN");
    if (!check.absent("vlan") && !check.absent("fabric")) {
      check.fail("fabric", "says the same as vlan; write one of the two");
    }
    if (!check.absent("vid") && check.absent("fabric")) check.fail("vid", "needs the fabric that it is a number of");
    const cidr = check.value("cidr");
    check.text("gateway", (gateway) => addressProblem(gateway) ?? gatewayProblem(gateway, cidr));
    check.texts("dnsServers", addressProblem);
    check.wholeNumber("rdnsMode", 0, 2, "off, on, with the glue of RFC 2317");
    for (const flag of ["allowDns", "allowProxy", "managed", "activeDiscovery"]) check.flag(flag);
    declare(check, urn);
  },

  ...adopting<Inputs, SubnetObject>({
    what: ({ cidr }) => `subnet ${cidr}`,
    properties: {
      name: { field: "name", of: ({ name }) => name, unset: "" },
      description: { field: "description", of: ({ description }) => description, unset: "" },
      vlan: { field: "vlan", of: ({ vlan }) => String(vlan.id), unset: "" },
      gateway: { field: "gateway_ip", of: ({ gateway_ip }) => gateway_ip ?? "", unset: "" },
      dnsServers: { field: "dns_servers", of: ({ dns_servers }) => dns_servers, unset: [] },
      rdnsMode: { field: "rdns_mode", of: ({ rdns_mode }) => rdns_mode, unset: 2 },
      allowDns: { field: "allow_dns", of: ({ allow_dns }) => allow_dns, unset: true },
      allowProxy: { field: "allow_proxy", of: ({ allow_proxy }) => allow_proxy, unset: true },
      managed: { field: "managed", of: ({ managed }) => managed, unset: true },
      activeDiscovery: { field: "active_discovery", of: ({ active_discovery }) => active_discovery, unset: false },
    },
    wanted: async ({ cidr: _cidr, fabric: _fabric, vid: _vid, ...inputs }, services) => ({
      ...inputs,
      vlan: inputs.vlan ?? (await vlanOf(services, { fabric: _fabric, vid: _vid })),
    }),
    find: ({ networks }, { cidr }) => networks.subnet(cidr),
    make: ({ client }, { cidr }, form) => client.subnets.create({ ...form, cidr }),
    byId: ({ networks }, id) => networks.subnet(id),
    change: ({ client }, id, form) => client.subnets.update(id, form),
    async remove(context, found) {
      const ranges = (await context.services.networks.ipRanges()).filter((range) => range.subnet.id === found.id);
      if (ranges.length > 0) {
        // With a BMC's address in the subnet MAAS would answer with a conflict for ever (trap 5).
        throw new ProviderError(
          "wrong-state",
          `The subnet ${found.cidr} is not deleted: somebody's ranges are in it ` +
            `(${ranges.map(({ start_ip, end_ip, type }) => `${type} ${start_ip}-${end_ip}`).join(", ")}). ` +
            "Delete them in MAAS, then run it again.",
        );
      }
      await refuseToCutOff(context, `subnet ${found.cidr}`, { subnets: [found.id] });
      await context.services.client.subnets.delete(found.id);
    },
    drift: (found, { cidr, fabric, vid }) => ({
      ...(found.cidr === cidr ? {} : { cidr: found.cidr }),
      ...(fabric === undefined || [String(found.vlan.fabric_id), found.vlan.fabric].includes(fabric)
        ? {}
        : { fabric: String(found.vlan.fabric_id) }),
      ...(vid === undefined || found.vlan.vid === vid ? {} : { vid: found.vlan.vid }),
    }),
  }),
};

interface DeclaredSubnet {
  cidr: string;
  span: Span;
  gateway: string | undefined;
}

/** The subnets that this run declares, for what else has an opinion on addresses. */
export const declaredSubnets = new Declared<DeclaredSubnet>();

function declare(check: Check, urn: string): void {
  const [cidr, gateway] = [check.value("cidr"), check.value("gateway")];
  const span = typeof cidr === "string" && cidrProblem(cidr) === undefined ? subnetSpan(cidr) : undefined;
  if (typeof cidr !== "string" || span === undefined) return;
  declaredSubnets.note(urn, { cidr, span, gateway: typeof gateway === "string" ? gateway : undefined });
  const other = declaredSubnets.others(urn).find(({ thing }) => overlap(span, thing.span));
  if (other) check.fail("cidr", `"${cidr}" overlaps ${other.name} (${other.thing.cidr}); write another`);
}

/** A router of IPv6 may have a link-local address; any other is a host's in the subnet. */
const gatewayProblem = (gateway: string, cidr: unknown): string | undefined =>
  typeof cidr !== "string" || /^fe[89ab]/i.test(gateway) ? undefined : outsideProblem(gateway, cidr);

async function vlanOf(
  services: MaasServices,
  { fabric, vid = 0 }: { fabric: string | undefined; vid: number | undefined },
): Promise<string | undefined> {
  if (fabric === undefined) return undefined;
  const found = await services.client.vlans.readByVid(specifier(fabric), vid);
  if (found) return String(found.id);
  throw new ProviderError("gone", `There is no VLAN ${String(vid)} in fabric ${fabric}, or no such fabric, in MAAS.`);
}

const canonicalIfText = (address: unknown): string =>
  typeof address === "string" ? canonicalAddress(address) : (address as string);

export class Subnet extends DynamicResource {
  declare readonly cidr: pulumi.Output<string>;
  declare readonly gateway: pulumi.Output<string | undefined>;

  constructor(name: string, args: SubnetArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:Subnet", name, { ...args }, ["former"], options);
    noteOrigin(this.id, { cidr: args.cidr });
  }
}
