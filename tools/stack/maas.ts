/**
 * The stack's MAAS, asked past Pulumi: what a command claims of machines is read from MAAS itself. Through the providers'
 * own code, so that the tools need no second idea of keys, certificates and ownership.
 */
import { join } from "node:path";
import { systemClock } from "../../providers/core/clock.ts";
import { History } from "../../providers/core/history.ts";
import { Settings } from "../../providers/core/settings.ts";
import type { Machine } from "../../providers/maas/api/machines.ts";
import { createMaasServices } from "../../providers/maas/services.ts";
import { projectState } from "../project.ts";
import { configOf } from "./config.ts";
import type { Session } from "./session.ts";

/** The machines with these system IDs that MAAS has. */
export async function readMachines(session: Session, systemIds: string[]): Promise<Map<string, Machine>> {
  if (systemIds.length === 0) return new Map();
  const { client } = createMaasServices({
    settings: new Settings(configOf(session), session.environment),
    clock: systemClock,
    history: new History(join(projectState, "durations.json")),
    live: false,
  });
  const machines = await client.machines.list({ id: systemIds });
  return new Map(machines.map((machine) => [machine.system_id, machine]));
}
