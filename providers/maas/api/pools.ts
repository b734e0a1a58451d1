/** `resourcepools/`, and singular `resourcepool/` for one (facts: maas.md 2.10). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface ResourcePool {
  id: number;
  name: string;
  description: string;
}

export const poolsApi = (send: Send) => ({
  list: () => send<ResourcePool[]>({ method: "GET", path: at("resourcepools"), doing: "listing resource pools" }),

  /** @param pool id or name */
  read: (pool: string | number) =>
    send.orUndefined<ResourcePool>({
      method: "GET",
      path: at("resourcepool", pool),
      doing: `reading resource pool ${String(pool)}`,
    }),

  /** A name that exists is `refused` with `fields.name`: read it and adopt it. */
  create: (fields: { name: string; description?: string }) =>
    send<ResourcePool>({
      method: "POST",
      path: at("resourcepools"),
      form: fields,
      doing: `creating resource pool ${fields.name}`,
    }),

  update: (pool: string | number, fields: { name?: string; description?: string }) =>
    send<ResourcePool>({
      method: "PUT",
      path: at("resourcepool", pool),
      form: fields,
      doing: `changing resource pool ${String(pool)}`,
    }),

  /** Gone already is fine; `refused` while machines are in it. */
  delete: async (pool: string | number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("resourcepool", pool),
      doing: `deleting resource pool ${String(pool)}`,
    });
  },
});

export type PoolsApi = ReturnType<typeof poolsApi>;
