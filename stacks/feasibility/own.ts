/** Which of MAAS's objects are the ones that the config speaks of. */
import type { Survey, SurveyedMachine, SurveyedSubnet } from "../../providers/index.ts";
import type { MachineConfig, RackConfig } from "../config.ts";

/** By MAC address, as a Machine is adopted; a hostname alone proves nothing. */
export const ownMachine = (survey: Survey, { mac }: Pick<MachineConfig, "mac">): SurveyedMachine | undefined =>
  survey.machines.find((machine) => machine.cards.some((card) => card.mac === mac));

export const ownSystemId = (survey: Survey, machine: Pick<MachineConfig, "mac" | "name">): string | undefined =>
  ownMachine(survey, machine)?.systemId;

export const rackSubnet = (config: RackConfig, survey: Survey): SurveyedSubnet | undefined =>
  survey.subnets.find((subnet) => subnet.cidr === config.network?.cidr);
