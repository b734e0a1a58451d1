/** Machines that this stack cannot have or use as they are. */
import type { SurveyedMachine } from "../../providers/index.ts";
import type { Finding, Rule } from "./finding.ts";
import { ownMachine } from "./own.ts";

/** States from which Machine and Deployment go on by themselves (docs/states.md); in the others a person must act. */
const STUCK: Record<string, string> = {
  Broken: "mark it fixed in MAAS (Take action > Mark fixed)",
  Missing: "find it, or delete it in MAAS",
  Retired: "delete it in MAAS, it is then enlisted anew",
  "Rescue mode": "let it leave rescue mode in MAAS",
  "Entering rescue mode": "let it leave rescue mode in MAAS",
  "Exiting rescue mode": "wait until it has left rescue mode",
  "Failed to enter rescue mode": "let it leave rescue mode in MAAS",
  "Failed to exit rescue mode": "let it leave rescue mode in MAAS",
};

export const othersMachines: Rule = (config, survey) =>
  each(config.machines, survey.machines, (name, found) => {
    // Ready or New with an owner is what a failed power action leaves (facts: maas.md 3.6).
    if (found.owner === undefined || found.status === "Ready" || found.status === "New") return undefined;
    const foreignStack = found.stack !== undefined && found.stack !== survey.stack;
    if (found.owner === survey.user && !foreignStack) return undefined;
    const whose = foreignStack ? `${found.owner}'s, for stack ${found.stack ?? ""}` : `${found.owner}'s`;
    return {
      where: name,
      seen: `the machine with MAC ${found.mac} is ${found.status}, and ${whose}`,
      remedy: "release it there, or take it out of the config",
    };
  });

export const lockedMachines: Rule = (config, survey) =>
  each(config.machines, survey.machines, (name, found) =>
    found.locked
      ? {
          where: name,
          seen: "it is locked: MAAS will neither change nor release it",
          remedy: "unlock it in MAAS (Take action > Unlock)",
        }
      : undefined,
  );

export const stuckMachines: Rule = (config, survey) =>
  each(config.machines, survey.machines, (name, found) => {
    const remedy = STUCK[found.status];
    const why = found.errorDescription === "" ? "" : ` (${found.errorDescription})`;
    if (remedy === undefined) return undefined;
    const seen = `it is ${found.status}${why}`;
    // Then it is left out, and its role is a spare machine's (roles.ts says when there is none).
    const isLeftOut = found.status === "Broken" && config.onDeployFailure === "spare";
    return { where: name, seen, remedy, ...(isLeftOut ? { warning: true } : {}) };
  });

export const absentMachines: Rule = (config, survey) =>
  config.machines
    .filter(({ adopt, mac }) => adopt && ownMachine(survey, { mac }) === undefined)
    .map(({ name, mac }) => ({
      where: name,
      seen: `no machine has a card with MAC ${mac}`,
      remedy: "boot it from the network so that it enlists itself, or write its `amt` address to enlist it from here",
    }));

/** MAAS refuses a hostname that another machine has. */
export const takenHostnames: Rule = (config, survey) =>
  config.machines.flatMap(({ name, mac }): Finding[] => {
    const holder = survey.machines.find(
      (machine) => machine.hostname === name && !machine.cards.some((card) => card.mac === mac),
    );
    if (holder === undefined) return [];
    const macs = holder.cards.map((card) => card.mac).join(", ");
    return [
      {
        where: `${name} name`,
        seen: `another machine (${holder.systemId}, MAC ${macs}) has this hostname`,
        remedy: "write that machine's MAC if it is the one, or choose another name",
      },
    ];
  });

/** One bridge a card: MAAS refuses a second (facts: maas.md 4). */
export const bridgedCards: Rule = (config, survey) => {
  const bridge = config.network?.bridge;
  if (bridge === undefined) return [];
  return each(config.machines, survey.machines, (name, found) => {
    const card = found.cards.find(({ mac }) => mac === found.mac);
    const taken = card?.children.find((child) => child.type !== "vlan" && child.name !== bridge);
    return card === undefined || taken === undefined
      ? undefined
      : {
          where: `${name} bridge`,
          seen: `its card ${card.name} is part of the ${taken.type} ${taken.name} already`,
          remedy: `write \`bridge: ${taken.name}\`, or delete ${taken.name} in MAAS`,
        };
  });
};

/** What a rule says of each machine of the config that MAAS knows. */
function each(
  configured: { name: string; mac: string }[],
  machines: SurveyedMachine[],
  rule: (name: string, found: SurveyedMachine & { mac: string }) => Finding | undefined,
): Finding[] {
  return configured.flatMap(({ name, mac }) => {
    const found = machines.find((machine) => machine.cards.some((card) => card.mac === mac));
    const finding = found && rule(name, { ...found, mac });
    return finding ? [finding] : [];
  });
}
