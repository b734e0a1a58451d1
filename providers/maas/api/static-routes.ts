/** `static-routes/`: how machines in one subnet reach another (facts: maas.md 2.12). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";
import type { Subnet } from "./subnets.ts";

export interface StaticRoute {
  id: number;
  source: Subnet;
  destination: Subnet;
  gateway_ip: string;
  metric: number;
}

export const staticRoutesApi = (send: Send) => ({
  list: () => send<StaticRoute[]>({ method: "GET", path: at("static-routes"), doing: "listing static routes" }),

  read: (id: number) =>
    send.orUndefined<StaticRoute>({
      method: "GET",
      path: at("static-routes", id),
      doing: `reading static route ${String(id)}`,
    }),

  /** The same route twice is `refused`: list them and adopt it. @param fields source, destination: ids of subnets */
  create: (fields: { source: number; destination: number; gateway_ip: string; metric: number }) =>
    send<StaticRoute>({
      method: "POST",
      path: at("static-routes"),
      form: fields,
      doing: `creating the static route by ${fields.gateway_ip}`,
      repeating: "harm",
    }),

  update: (id: number, fields: { gateway_ip?: string; metric?: number }) =>
    send<StaticRoute>({
      method: "PUT",
      path: at("static-routes", id),
      form: fields,
      doing: `changing static route ${String(id)}`,
    }),

  /** Gone already is fine. */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("static-routes", id),
      doing: `deleting static route ${String(id)}`,
    });
  },
});

export type StaticRoutesApi = ReturnType<typeof staticRoutesApi>;
