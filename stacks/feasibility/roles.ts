/** More roles than machines, and machines that are too small for theirs. */
import { assignRoles } from "../../providers/index.ts";
import type { Survey, SurveyedMachine } from "../../providers/index.ts";
import type { MachineConfig, RackConfig } from "../config.ts";
import type { Role } from "../roles.ts";
import type { Finding, Rule } from "./finding.ts";
import { ownMachine } from "./own.ts";

interface Assigned {
  role: Role;
  machines: string[];
}

/** Without those that are Broken, where spare machines may stand in for them. */
function assign({ roles, machines, onDeployFailure }: RackConfig, survey: Survey): Assigned[] {
  const broken = machines.filter((machine) => ownMachine(survey, machine)?.status === "Broken");
  const out = onDeployFailure === "spare" ? broken.map(({ name }) => name) : [];
  const assigned = assignRoles(roles, machines, { out });
  return roles.map((role) => ({ role, machines: assigned[role.name] ?? [] }));
}

export const fewMachines: Rule = (config, survey) => {
  const assigned = assign(config, survey);
  return assigned
    .filter(({ role, machines }) => machines.length < role.count)
    .map(({ role, machines }) => {
      const could = config.machines.map((machine) => ({
        name: machine.name,
        not: reason(role, machine, ownMachine(survey, machine), assigned),
      }));
      const not = could.flatMap(({ name, not: why }) => (why === undefined ? [] : [`${name} ${why}`]));
      const able = could.filter(({ not: why }) => why === undefined).map(({ name }) => name);
      return {
        where: `roles.${role.name}`,
        seen:
          `${String(role.count)} wanted, ${String(machines.length)} found` +
          `${able.length === 0 ? "" : `; it could be ${able.join(", ")}`}${not.length === 0 ? "" : `; not ${not.join(", not ")}`}`,
        remedy: "add machines to the config, or ask for fewer",
      };
    });
};

export const smallMachines: Rule = (config, survey) =>
  assign(config, survey).flatMap(({ role, machines }) =>
    machines.flatMap((name): Finding[] => {
      const machine = config.machines.find((other) => other.name === name);
      const found = machine && ownMachine(survey, machine);
      const small = found && tooSmall(role, found);
      if (small === undefined) return [];
      const better = config.machines
        .filter((other) => {
          const there = ownMachine(survey, other);
          return there !== undefined && there.cores > 0 && tooSmall(role, there) === undefined;
        })
        .map((other) => other.name);
      return [
        {
          where: `roles.${role.name}`,
          seen: `${name} ${small}`,
          remedy: better.length === 0 ? "ask for less" : `name one that is large enough: ${better.join(", ")}`,
        },
      ];
    }),
  );

/** Why this machine does not take the role, to be read after its name; undefined when it could. */
function reason(
  role: Role,
  machine: MachineConfig,
  found: SurveyedMachine | undefined,
  assigned: Assigned[],
): string | undefined {
  const other = assigned.find(({ machines }) => machines.includes(machine.name));
  if (other !== undefined) return other.role === role ? "(has it already)" : `(is ${other.role.name})`;
  const lacking = role.tags.filter((tag) => !machine.tags.includes(tag));
  if (lacking.length > 0) return `(lacks the tag ${lacking.join(", ")})`;
  if (found?.status === "Broken") return "(is Broken)";
  const small = found && tooSmall(role, found);
  return small === undefined ? undefined : `(${small})`;
}

/** A machine that has not been commissioned has no size yet. */
function tooSmall(role: Role, { cores, memory }: SurveyedMachine): string | undefined {
  if (cores > 0 && cores < role.cores) return `has ${String(cores)} of ${String(role.cores)} cores`;
  if (memory > 0 && memory < role.memory) return `has ${String(memory)} of ${String(role.memory)} MiB`;
  return undefined;
}
