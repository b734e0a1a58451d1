/** The lab's own routes under /lab, never on MAAS's paths: reset, boot, and what a person or a test wants to see. */
import type { FastifyInstance } from "fastify";
import { boot, type BootRequest } from "./maas/boot.ts";
import { settleImport } from "./maas/image-import.ts";
import { ApiError } from "./maas/operation.ts";
import type { Machine } from "./maas/machine-state.ts";
import { statusName } from "./maas/node-status.ts";
import type { LabState } from "./maas/state.ts";
import type { Store } from "./store.ts";

/** Counts of requests since the start or the last reset. */
export class RequestCounter {
  #byOperation: Record<string, number> = {};

  count(operation: string): void {
    this.#byOperation[operation] = (this.#byOperation[operation] ?? 0) + 1;
  }

  reset(): void {
    this.#byOperation = {};
  }

  report(): { total: number; byOperation: Record<string, number> } {
    const total = Object.values(this.#byOperation).reduce((sum, n) => sum + n, 0);
    return { total, byOperation: this.#byOperation };
  }
}

export function registerControl(
  app: FastifyInstance,
  store: Store,
  requests: RequestCounter,
  timeScale: number,
  changed: () => Promise<void>,
): void {
  app.post("/lab/reset", async (_request, reply) => {
    requests.reset();
    await store.reset();
    await changed();
    return reply.code(204).send();
  });
  app.post("/lab/boot", async (request, reply) => {
    const wanted = bootRequest(request.body);
    if (!wanted) return reply.code(400).send({ error: 'Send JSON {"machine": system_id, "outcome": "...", "ip"?}.' });
    try {
      boot(store.writable, wanted);
    } catch (error) {
      const message = error instanceof ApiError ? error.reply.body : error instanceof Error ? error.message : error;
      return await reply.code(409).send({ error: String(message) });
    }
    await changed();
    return reply.code(204).send();
  });
  app.post("/lab/import", async (request, reply) => {
    const percent = Number(Buffer.isBuffer(request.body) ? request.body.toString("utf8") : "");
    if (!(percent >= 0 && percent <= 100)) return reply.code(400).send({ error: "Send a number from 0 to 100." });
    settleImport(store.writable, percent);
    await store.changed();
    return reply.code(204).send();
  });
  app.get("/lab/requests", () => requests.report());
  app.get("/lab/machines", () =>
    Object.values(store.state.machines).map((machine) => machineSummary(store.state, machine, timeScale)),
  );
}

/** What a person or a test wants to see of a machine, past MAAS's API. */
const machineSummary = (state: LabState, machine: Machine, timeScale: number) => ({
  system_id: machine.systemId,
  hostname: machine.hostname,
  status: machine.status,
  status_name: statusName(machine.status),
  owner: machine.ownerId === null ? null : (state.users[machine.ownerId]?.username ?? null),
  agent_name: machine.agentName,
  power_state: machine.powerState,
  // Real seconds that the machine's own phases took since it was enlisted.
  ownSeconds: machine.ownMilliseconds / 1000 / timeScale,
});

function bootRequest(body: unknown): BootRequest | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.isBuffer(body) ? body.toString("utf8") : "");
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("machine" in value) || !("outcome" in value)) return undefined;
  const { machine, outcome } = value;
  if (typeof machine !== "string" || typeof outcome !== "string") return undefined;
  const ip = "ip" in value && typeof value.ip === "string" ? value.ip : undefined;
  return { machine, outcome, ...(ip === undefined ? {} : { ip }) };
}
