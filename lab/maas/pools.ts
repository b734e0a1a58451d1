/** Resource pools: the collection is plural, the item singular, and keyed by id or name (facts: maas.md 2.10). */
import { requireAdmin } from "./caller.ts";
import { FormErrors, readText } from "./form.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import { byName, namedOr404 } from "./specifier.ts";
import { nextId, type LabState, type Pool } from "./state.ts";
import { namePattern } from "./vlans.ts";

export const renderPool = (pool: Pool): Record<string, unknown> => ({
  name: pool.name,
  description: pool.description,
  id: pool.id,
  resource_uri: `/MAAS/api/2.0/resourcepool/${String(pool.id)}/`,
});

function readPool(state: LabState, form: Fields, current: Pool | undefined): Omit<Pool, "id"> {
  const errors = new FormErrors();
  const name = readText(form, errors, "name", {
    current: current?.name,
    required: true,
    pattern: namePattern,
    max: 256,
  });
  const description = readText(form, errors, "description", { current: current?.description });
  const taken = Object.values(state.pools).some((pool) => pool.name === name && pool.id !== current?.id);
  if (taken) errors.add("name", "Resource pool with this Name already exists.");
  errors.throwIfAny();
  return { name, description };
}

const poolOr404 = (call: Call): Pool => namedOr404(call.state.pools, call.params["id"] ?? "", "ResourcePool");

function create(call: Call) {
  requireAdmin(call);
  const fields = readPool(call.state, call.form, undefined);
  const pool: Pool = { id: nextId(call.state, "pool"), ...fields };
  call.state.pools[pool.id] = pool;
  return json(renderPool(pool));
}

function update(call: Call) {
  const pool = poolOr404(call);
  requireAdmin(call);
  Object.assign(pool, readPool(call.state, call.form, pool));
  return json(renderPool(pool));
}

function remove(call: Call) {
  const pool = poolOr404(call);
  requireAdmin(call);
  if (pool.id === 0) throw refusal(400, "This is the default pool, it cannot be deleted.");
  if (Object.values(call.state.machines).some((machine) => machine.poolId === pool.id))
    throw refusal(400, "Pool has machines in it, it cannot be deleted.");
  Reflect.deleteProperty(call.state.pools, pool.id);
  return deleted();
}

export const poolOperations: Operation[] = [
  {
    method: "GET",
    path: "resourcepools/",
    access: "user",
    handle: ({ state }) => json(byName(Object.values(state.pools)).map(renderPool)),
  },
  { method: "POST", path: "resourcepools/", access: "user", handle: create },
  { method: "GET", path: "resourcepool/:id/", access: "user", handle: (call) => json(renderPool(poolOr404(call))) },
  { method: "PUT", path: "resourcepool/:id/", access: "user", handle: update },
  { method: "DELETE", path: "resourcepool/:id/", access: "user", handle: remove },
];
