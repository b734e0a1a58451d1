/** Addresses that are somebody's already, or that no machine can have (facts: maas.md traps 7, 21 and 2.14). */
import { overlap, spanOf } from "../../providers/index.ts";
import type { UsedAddress } from "../../providers/index.ts";
import type { MachineConfig, RackConfig } from "../config.ts";
import type { Finding, Rule } from "./finding.ts";
import { ownSystemId, rackSubnet } from "./own.ts";

/** Each machine with an address of its own in the config. */
const addressed = (config: RackConfig): (MachineConfig & { address: string })[] =>
  config.machines.flatMap((machine) =>
    machine.address === undefined ? [] : [{ ...machine, address: machine.address }],
  );

export const takenAddresses: Rule = (config, survey) =>
  addressed(config).flatMap(({ name, mac, address }) => {
    const own = ownSystemId(survey, { name, mac });
    const holders = survey.addresses.filter(
      (used) => sameAddress(used.address, address) && !(used.kind === "machine" && used.systemId === own),
    );
    return holders.map((holder) => ({
      where: `${name} address`,
      seen: `${address} is ${holderOf(holder)}`,
      remedy: "choose another address, or free this one in MAAS",
    }));
  });

export const gatewayAddresses: Rule = (config, survey) => {
  const gateway = config.network?.gateway ?? rackSubnet(config, survey)?.gateway;
  return addressed(config)
    .filter(({ address }) => gateway !== undefined && sameAddress(address, gateway))
    .map(({ name, address }) => ({
      where: `${name} address`,
      seen: `${address} is the gateway of ${config.network?.cidr ?? "its subnet"}, which MAAS would give away all the same`,
      remedy: "choose another address",
    }));
};

export const dynamicAddresses: Rule = (config, survey) =>
  addressed(config).flatMap(({ name, address }) => {
    const span = spanOf(address);
    const range = survey.ranges.find(({ type, start, end }) => {
      const there = spanOf(start, end);
      return type === "dynamic" && span !== undefined && there !== undefined && overlap(span, there);
    });
    return range === undefined
      ? []
      : [
          {
            where: `${name} address`,
            seen: `${address} is inside the dynamic range ${range.start}-${range.end}, whose addresses DHCP gives away`,
            remedy: "choose an address outside of it",
          },
        ];
  });

/** MAAS answers a second machine with one BMC address by a conflict for ever (trap 21). */
export const takenBmcs: Rule = (config, survey) =>
  config.machines.flatMap(({ name, mac, power }): Finding[] => {
    const address = power?.type === "amt" || power?.type === "ipmi" ? power.address : undefined;
    const own = ownSystemId(survey, { name, mac });
    const holder = survey.addresses.find(
      (used) => address !== undefined && sameAddress(used.address, address) && used.systemId !== own,
    );
    if (holder === undefined || address === undefined) return [];
    return [
      {
        where: `${name} ${power?.type === "amt" ? "amt" : "power.address"}`,
        seen: `${address} is ${holderOf(holder)}`,
        remedy: "write this machine's own BMC address, or delete the other machine in MAAS",
      },
    ];
  });

function holderOf(used: UsedAddress): string {
  switch (used.kind) {
    case "bmc":
      return `the BMC's of machine ${used.holder}`;
    case "rack":
      return `the rack controller ${used.holder}'s`;
    case "machine":
      return `machine ${used.holder}'s`;
    case "device":
      return `device ${used.holder}'s`;
    case "reserved":
      return `reserved by ${used.holder}`;
    case "seen":
      return "in use by something that MAAS saw on the network";
  }
}

const sameAddress = (a: string, b: string): boolean => {
  const [one, other] = [spanOf(a), spanOf(b)];
  return one !== undefined && other !== undefined && overlap(one, other);
};
