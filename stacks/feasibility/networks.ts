/** Subnets and ranges that lie across others, DHCP that MAAS would refuse (facts: maas.md 2.11, 2.12). */
import { overlap, spanOf, subnetSpan, within } from "../../providers/index.ts";
import type { Finding, Rule } from "./finding.ts";
import { rackSubnet } from "./own.ts";

/** MAAS takes overlapping subnets without a word; routing then depends on which it meets first. */
export const overlappingSubnets: Rule = (config, survey) => {
  const cidr = config.network?.cidr;
  const span = cidr === undefined ? undefined : subnetSpan(cidr);
  if (cidr === undefined || span === undefined) return [];
  return survey.subnets
    .filter((subnet) => {
      const other = subnetSpan(subnet.cidr);
      return subnet.cidr !== cidr && other !== undefined && overlap(span, other);
    })
    .map((subnet) => ({
      where: "subnet",
      seen: `${cidr} overlaps the subnet ${subnet.cidr} (${subnet.name}) of ${subnet.fabric}`,
      remedy: `write ${subnet.cidr}, or delete that subnet in MAAS`,
    }));
};

export const overlappingRanges: Rule = (config, survey) =>
  (config.network?.ranges ?? []).flatMap((range) => {
    const span = spanOf(range.start, range.end);
    if (span === undefined) return [];
    return survey.ranges
      .filter((other) => {
        const there = spanOf(other.start, other.end);
        const same = other.start === range.start && other.end === range.end;
        return !same && there !== undefined && overlap(span, there);
      })
      .map((other) => ({
        where: range.where,
        seen: `${range.start}-${range.end} overlaps the ${other.type} range ${other.start}-${other.end}`,
        remedy: "write that range as it is, or one beside it",
      }));
  });

/** A dynamic range may not hold an address in use; a reserved one may. */
export const coveredAddresses: Rule = (config, survey) =>
  (config.network?.ranges ?? []).flatMap((range): Finding[] => {
    const span = spanOf(range.start, range.end);
    const known = survey.ranges.some(({ start, end }) => start === range.start && end === range.end);
    if (range.type !== "dynamic" || span === undefined || known) return [];
    const covered = survey.addresses.filter((used) => {
      const address = spanOf(used.address);
      return !used.passing && address !== undefined && within(address, span);
    });
    if (covered.length === 0) return [];
    const some = covered.slice(0, 3).map((used) => `${used.address} (${used.holder})`);
    const more = covered.length > some.length ? ` and ${String(covered.length - some.length)} more` : "";
    return [
      {
        where: range.where,
        seen: `${range.start}-${range.end} covers addresses in use: ${some.join(", ")}${more}`,
        remedy: "choose a range without addresses in use",
      },
    ];
  });

export const dhcpWithoutRange: Rule = (config, survey) => {
  if (config.network?.dhcp !== true) return [];
  const subnet = rackSubnet(config, survey);
  const asked = config.network.ranges.some(({ type }) => type === "dynamic");
  const there = survey.ranges.some(({ type, subnetId }) => type === "dynamic" && subnetId === subnet?.id);
  return asked || there
    ? []
    : [
        {
          where: "dhcp",
          seen: `neither the config nor MAAS has a dynamic range in ${config.network.cidr}`,
          remedy: "write `dynamicRange`, for example of the last 256 addresses",
        },
      ];
};

export const dhcpWithoutRack: Rule = (config, survey) => {
  const subnet = rackSubnet(config, survey);
  if (config.network?.dhcp !== true || subnet === undefined || subnet.dhcpOn) return [];
  const racks = survey.racks.filter((rack) => rack.vlanIds.includes(subnet.vlanId));
  if (racks.length > 0) return [];
  const all = survey.racks.map((rack) => `${rack.hostname} (${rack.addresses.join(", ")})`).join("; ");
  return [
    {
      where: "dhcp",
      seen: `no rack controller has an interface on the VLAN of ${subnet.cidr}; there ${all === "" ? "is none at all" : `are ${all}`}`,
      remedy: "connect a rack controller to that network, or write `dhcp: false`",
    },
  ];
};

export const dhcpBesideAnother: Rule = (config, survey) => {
  const subnet = rackSubnet(config, survey);
  if (config.network?.dhcp !== true || subnet?.externalDhcp === undefined) return [];
  return [
    {
      where: "dhcp",
      seen: `MAAS sees another DHCP server in ${subnet.cidr}: ${subnet.externalDhcp}`,
      remedy: "switch that one off, or machines will get addresses of both",
      warning: true,
    },
  ];
};
