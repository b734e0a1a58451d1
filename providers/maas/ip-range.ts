/** A range of addresses of a subnet: dynamic, for DHCP, or reserved, which MAAS hands to nobody. */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import {
  addressProblem,
  canonicalAddress,
  canonicalCidr,
  edgeOf,
  overlap,
  spanOf,
  subnetSpan,
  within,
} from "./addresses.ts";
import type { Span } from "./addresses.ts";
import { adopting } from "./adoption.ts";
import type { Form, Former } from "./adoption.ts";
import type { IpRange as IpRangeObject } from "./api/ip-ranges.ts";
import type { Subnet as SubnetObject } from "./api/subnets.ts";
import { Declared } from "./declared.ts";
import { isId } from "./networks.ts";
import { declaredSubnets } from "./subnet.ts";
import type { MaasServices } from "./services.ts";

export interface IpRangeArgs {
  /** "dynamic": DHCP gives them out; "reserved": MAAS leaves them to you. Changed in place. */
  type: pulumi.Input<"dynamic" | "reserved">;
  /** First address. Changed in place. */
  start: pulumi.Input<string>;
  /** Last address, itself part of the range. Changed in place. */
  end: pulumi.Input<string>;
  /** `subnet.id`, or the CIDR of a subnet that MAAS has. Changing this replaces. */
  subnet: pulumi.Input<string>;
  /** What it is for, in words; changed in place. */
  comment?: pulumi.Input<string>;
}

interface Inputs {
  type: "dynamic" | "reserved";
  start: string;
  end: string;
  subnet: string;
  comment?: string;
}

interface State extends Inputs {
  former: Former;
}

const INTERRUPTS = {
  interrupts: "a machine that has its address by DHCP from outside the new range gets another at its next renewal",
};

export const ipRange: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    type: INTERRUPTS,
    start: INTERRUPTS,
    end: INTERRUPTS,
    subnet: {
      replace: "a range belongs to its subnet: another one is made there, and this one goes",
      evenUnknown: true,
    },
    comment: "update",
  },
  deleteBeforeReplace: false,

  normalise: (inputs) => ({
    ...inputs,
    ...(typeof inputs.start === "string" ? { start: canonicalAddress(inputs.start) } : {}),
    ...(typeof inputs.end === "string" ? { end: canonicalAddress(inputs.end) } : {}),
    ...(typeof inputs.subnet === "string" ? { subnet: canonicalCidr(inputs.subnet) } : {}),
  }),

  check(check, { urn }) {
    check.onlyKnown([...Object.keys(ipRange.changes), "former"]);
    check.required("type", '"dynamic"');
    check.oneOf("type", ["dynamic", "reserved"]);
    check.required("start", '"172.16.1.1"');
    check.text("start", addressProblem);
    check.required("end", '"172.16.1.254"');
    check.text("end", addressProblem);
    check.required("subnet", '`subnet.id`, or "172.16.0.0/20"');
    check.text("subnet", (subnet) =>
      isId(subnet) || subnetSpan(subnet) ? undefined : `"${subnet}" is no subnet; write \`subnet.id\`, or its CIDR`,
    );
    check.text("comment");
    checkAddresses(check, urn);
  },

  ...adopting<Inputs, IpRangeObject>({
    what: ({ start, end }) => `range ${start}-${end}`,
    properties: {
      type: { field: "type", of: ({ type }) => type, unset: "" },
      start: { field: "start_ip", of: ({ start_ip }) => start_ip, unset: "" },
      end: { field: "end_ip", of: ({ end_ip }) => end_ip, unset: "" },
      comment: { field: "comment", of: ({ comment }) => comment, unset: "" },
    },
    wanted: ({ type, start, end, comment }) => ({ type, start, end, comment }),
    find: async ({ networks }, { start, end, subnet }) =>
      (await networks.ipRanges()).find(
        (range) =>
          range.start_ip === start &&
          range.end_ip === end &&
          [String(range.subnet.id), range.subnet.cidr].includes(subnet),
      ),
    async make(services, { type, start, end, comment = "", subnet }) {
      const around = await services.networks.subnet(subnet);
      if (!around) throw new ProviderError("gone", `There is no subnet ${subnet} in MAAS.`);
      const fields = { type, start_ip: start, end_ip: end, comment, subnet: around.id };
      return await naming(services, around, fields, () => services.client.ipRanges.create(fields));
    },
    byId: ({ networks }, id) => networks.ipRange(id),
    change: async (services, id, form) => {
      const range = await services.networks.ipRange(String(id));
      if (range)
        await naming(services, range.subnet, { ...range, ...form }, () => services.client.ipRanges.update(id, form));
    },
    async remove({ services }, found) {
      const { vlan } = found.subnet;
      if (found.type === "dynamic" && vlan.dhcp_on) {
        const others = (await services.networks.ipRanges()).filter(
          (range) => range.id !== found.id && range.type === "dynamic" && range.subnet.vlan.id === vlan.id,
        );
        if (others.length === 0) {
          // DHCP would stay on without addresses, and MAAS would refuse every change of the VLAN (facts: maas.md 2.11).
          throw new ProviderError(
            "wrong-state",
            `The range ${found.start_ip}-${found.end_ip} is the last that DHCP has on VLAN ${String(vlan.vid)} of fabric ` +
              `${vlan.fabric}. Switch DHCP off there first, then run it again.`,
          );
        }
      }
      await services.client.ipRanges.delete(found.id);
    },
    drift: (found, { subnet }) =>
      [String(found.subnet.id), found.subnet.cidr].includes(subnet) ? {} : { subnet: String(found.subnet.id) },
  }),
};

/** MAAS says that a range conflicts, not with what: that is looked up. */
async function naming<Answer>(
  { client }: MaasServices,
  subnet: SubnetObject,
  { start_ip, end_ip }: { start_ip?: Form[string]; end_ip?: Form[string] },
  send: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await send();
  } catch (error) {
    const span = spanOf(String(start_ip), String(end_ip));
    if (!isError(error, "refused") || !messageOf(error).includes("conflicts with") || !span) throw error;
    const used = (await client.subnets.reservedIpRanges(subnet.id)).filter(({ start, end }) => {
      const theirs = spanOf(start, end);
      return theirs !== undefined && overlap(span, theirs);
    });
    const them = used.map(
      ({ start, end, purpose }) => `${start === end ? start : `${start}-${end}`} (${purpose.join(", ")})`,
    );
    throw new ProviderError("refused", `${messageOf(error)} In use there: ${them.join(", ")}.`, { cause: error });
  }
}

interface DeclaredRange {
  start: string;
  end: string;
  span: Span;
}

const ranges = new Declared<DeclaredRange>();

function checkAddresses(check: Check, urn: string): void {
  const [start, end, subnet] = [check.value("start"), check.value("end"), check.value("subnet")];
  if (typeof start !== "string" || typeof end !== "string") return;
  const [first, last] = [spanOf(start), spanOf(end)];
  if (!first || !last) return;
  const span = spanOf(start, end);
  if (!span) {
    check.fail("end", `"${end}" and "${start}" are not of one family; write two IPv4 or two IPv6 addresses`);
    return;
  }
  if (span.first > span.last) {
    check.fail("end", `"${end}" comes before the start "${start}"; exchange the two`);
    return;
  }
  const isDynamic = check.value("type") === "dynamic";
  if (isDynamic && span.family === 6 && span.last - span.first < 255n) {
    check.fail("end", "leaves less than the 256 addresses that MAAS wants of a dynamic IPv6 range; write a later one");
  }
  checkAgainstSubnet(check, urn, { start, end, span, isDynamic, subnet: typeof subnet === "string" ? subnet : "" });
  ranges.note(urn, { start, end, span });
  const other = ranges.others(urn).find(({ thing }) => overlap(thing.span, span));
  if (other)
    check.fail("start", `"${start}" to "${end}" overlaps ${other.name} (${other.thing.start} to ${other.thing.end})`);
}

/** The subnet by its CIDR, or the one of this program that the range begins in: its id says nothing at preview. */
function checkAgainstSubnet(
  check: Check,
  urn: string,
  range: { start: string; end: string; span: Span; isDynamic: boolean; subnet: string },
): void {
  const { start, end, span, isDynamic } = range;
  const first = { ...span, last: span.first };
  const declared = declaredSubnets.others(urn).map(({ thing }) => thing);
  const known = declared.find(
    ({ cidr, span: theirs }) => range.subnet === cidr || (!subnetSpan(range.subnet) && within(first, theirs)),
  );
  const network = known?.span ?? subnetSpan(range.subnet);
  if (!network) return;
  const cidr = known?.cidr ?? range.subnet;
  const edge = edgeOf(span, network);
  if (!within(first, network)) check.fail("start", `"${start}" is outside ${cidr}; write an address in it`);
  else if (!within(span, network)) check.fail("end", `"${end}" is outside ${cidr}; write an address in it`);
  else if (edge !== undefined) {
    const where = edge === "network" ? "start" : "end";
    check.fail(where, `is ${cidr}'s ${edge} address, which no range may have; write the one beside it`);
  }
  const router = known?.gateway === undefined ? undefined : spanOf(known.gateway);
  if (isDynamic && router && overlap(router, span)) {
    check.fail(
      "start",
      `"${start}" to "${end}" has the gateway ${String(known?.gateway)} in it, which DHCP would give away`,
    );
  }
}

export class IpRange extends DynamicResource {
  declare readonly start: pulumi.Output<string>;
  declare readonly end: pulumi.Output<string>;

  constructor(name: string, args: IpRangeArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:IpRange", name, { ...args }, ["former"], options);
  }
}
