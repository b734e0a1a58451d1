/** `fabrics/` (facts: maas.md 2.11). Each is born with an untagged VLAN; the default one, with id 0, stays for ever. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";
import type { Vlan } from "./subnets.ts";

export interface Fabric {
  id: number;
  /** "fabric-N", N being its id, until somebody names it. */
  name: string;
  vlans: Vlan[];
}

export const fabricsApi = (send: Send) => ({
  list: () => send<Fabric[]>({ method: "GET", path: at("fabrics"), doing: "listing fabrics" }),

  /** @param fabric id, or "name:lab" */
  read: (fabric: number | string) =>
    send.orUndefined<Fabric>({
      method: "GET",
      path: at("fabrics", fabric),
      doing: `reading fabric ${String(fabric)}`,
    }),

  /** A name that exists is `refused` with `fields.name`: read it and adopt it. */
  create: (fields: { name: string }) =>
    send<Fabric>({
      method: "POST",
      path: at("fabrics"),
      form: fields,
      doing: `creating fabric ${fields.name}`,
      repeating: "harm",
    }),

  update: (id: number, fields: { name?: string }) =>
    send<Fabric>({ method: "PUT", path: at("fabrics", id), form: fields, doing: `changing fabric ${String(id)}` }),

  /** Gone already is fine; `refused` while subnets or interfaces are in it, naming them. */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("fabrics", id),
      doing: `deleting fabric ${String(id)}`,
    });
  },
});

export type FabricsApi = ReturnType<typeof fabricsApi>;
