/**
 * Getting a machine into MAAS and its description right. Adopt before create: MAAS has no upsert, and a crash between
 * its answer and our state must not enlist a machine twice (facts: maas.md 2.3, trap 23).
 */
import { isDeepStrictEqual } from "node:util";
import { isError, ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import type { Machine } from "./api/machines.ts";
import { ScriptStatus } from "./api/results.ts";
import type { Inputs } from "./machine.ts";
import { powerParameters } from "./power.ts";
import type { MaasServices } from "./services.ts";

export interface Enlisted {
  machine: Machine;
  /** True when it was made just now, from these very inputs. */
  isNew: boolean;
}

/** The machine with one of these MAC addresses: the one MAAS knows, or a new one that is not commissioned yet. */
export async function ensureEnlisted(context: Context<MaasServices>, inputs: Inputs): Promise<Enlisted> {
  const known = await findByMac(context.services, inputs);
  if (known) return { machine: known, isNew: false };
  const { client, settings } = context.services;
  if (inputs.power === undefined) {
    throw new ProviderError(
      "gone",
      `MAAS has no machine with the MAC address ${inputs.macAddresses.join(" or ")}. Boot it from the network so that it ` +
        "enlists itself, or write its `power` to enlist it from here.",
    );
  }
  context.progress("Enlisting");
  try {
    // commission=false: with a dead BMC MAAS would answer 500 and keep the machine all the same (trap 23).
    const machine = await client.machines.create({
      architecture: inputs.architecture,
      mac_addresses: inputs.macAddresses,
      commission: false,
      power_type: inputs.power.type,
      power_parameters: powerParameters(inputs.power, settings),
      ...description(inputs),
    });
    return { machine, isNew: true };
  } catch (error) {
    // The answer was lost, or somebody was faster: the machine may be there by now.
    const made = isError(error, "ambiguous", "refused", "conflict", "server-error")
      ? await findByMac(context.services, inputs)
      : undefined;
    if (made) return { machine: made, isNew: false };
    throw isError(error, "conflict") ? sameAddress(inputs, error) : error;
  }
}

/** The machine that MAAS knows under one of the MAC addresses. */
export async function findByMac(services: MaasServices, inputs: Inputs): Promise<Machine | undefined> {
  const found = await Promise.all(inputs.macAddresses.map((mac) => services.machineByMac(mac)));
  const machines = new Map(found.filter((m) => m !== undefined).map((m) => [m.system_id, m]));
  if (machines.size > 1) {
    const names = [...machines.values()].map((m) => `${m.hostname} (${m.system_id})`).join(" and ");
    throw new ProviderError(
      "bad-input",
      `The MAC addresses ${inputs.macAddresses.join(", ")} belong to ${names}, which are different machines in MAAS. ` +
        "Write only those of one machine.",
    );
  }
  return [...machines.values()][0];
}

const sameAddress = (inputs: Inputs, cause: ProviderError): ProviderError =>
  inputs.power !== undefined && "address" in inputs.power
    ? new ProviderError(
        "conflict",
        `MAAS refuses to enlist ${inputs.hostname ?? inputs.macAddresses.join(", ")}: most likely another machine has the ` +
          `${inputs.power.type} address ${inputs.power.address} already. Give each machine its own, or delete the other one.`,
        { cause },
      )
    : cause;

const description = (inputs: Inputs) => ({
  ...(inputs.hostname === undefined ? {} : { hostname: inputs.hostname }),
  ...(inputs.description === undefined ? {} : { description: inputs.description }),
  ...(inputs.pool === undefined ? {} : { pool: inputs.pool }),
  ...(inputs.zone === undefined ? {} : { zone: inputs.zone }),
});

/** Puts right what differs, in one request; nothing is sent when nothing differs. */
export async function syncAttributes(
  context: Context<MaasServices>,
  found: Machine,
  inputs: Inputs,
  old: Inputs | undefined,
): Promise<Machine> {
  const wanted: Record<string, string> = { ...description(inputs), architecture: inputs.architecture };
  const actual: Record<string, string> = {
    hostname: found.hostname,
    description: found.description,
    pool: found.pool.name,
    zone: found.zone.name,
    architecture: found.architecture,
  };
  const changes = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => actual[key] !== value));
  const power = await powerChanges(context.services, found, inputs, old);
  if (Object.keys(changes).length === 0 && !power) return found;
  context.progress(`Setting ${[...Object.keys(changes), ...(power ? ["power"] : [])].join(", ")}`);
  return await context.services.client.machines.update(found.system_id, { ...changes, ...power });
}

/** Just enlisted, with these very parameters. */
const isFresh = (found: Machine): boolean => found.current_commissioning_result_id === null;

/** MAAS shows the power type, not its parameters: those are read only where they could differ. */
async function powerChanges(services: MaasServices, found: Machine, inputs: Inputs, old: Inputs | undefined) {
  if (inputs.power === undefined) return undefined;
  // A machine that could not be commissioned may have been given a wrong password.
  const proven = found.commissioning_status === ScriptStatus.passed || isFresh(found);
  const unchanged = old !== undefined && isDeepStrictEqual(old.power, inputs.power) && proven;
  if (found.power_type === inputs.power.type && (unchanged || inputs.power.type === "manual")) return undefined;
  const wanted = powerParameters(inputs.power, services.settings);
  if (found.power_type === inputs.power.type) {
    const actual = await services.client.machines.powerParameters(found.system_id);
    if (Object.entries(wanted).every(([key, value]) => actual[key] === value)) return undefined;
  }
  return { power_type: inputs.power.type, power_parameters: wanted };
}

/** Adds the tags that are missing, takes away those that we gave before and do not want now; others' stay. */
export async function syncTags(
  context: Context<MaasServices>,
  found: Machine,
  wanted: string[],
  former: string[],
): Promise<void> {
  const { client } = context.services;
  const add = wanted.filter((tag) => !found.tag_names.includes(tag));
  const remove = former.filter((tag) => !wanted.includes(tag) && found.tag_names.includes(tag));
  await Promise.all([
    ...add.map(async (tag) => {
      const { added } = await client.tags.updateNodes(tag, { add: [found.system_id] });
      if (added !== 1) {
        throw new ProviderError(
          "unexpected",
          `MAAS did not tag machine ${found.hostname} with "${tag}" (${String(added)} added).`,
        );
      }
    }),
    ...remove.map((tag) => client.tags.updateNodes(tag, { remove: [found.system_id] })),
  ]);
}
