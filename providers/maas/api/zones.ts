/** `zones/`, by name; names may have spaces (facts: maas.md 2.10). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface Zone {
  id: number;
  name: string;
  description: string;
}

export const zonesApi = (send: Send) => ({
  list: () => send<Zone[]>({ method: "GET", path: at("zones"), doing: "listing zones" }),

  read: (name: string) =>
    send.orUndefined<Zone>({ method: "GET", path: at("zones", name), doing: `reading zone ${name}` }),

  /** A name that exists is `refused` with `fields.name`: read it and adopt it. */
  create: (fields: { name: string; description?: string }) =>
    send<Zone>({ method: "POST", path: at("zones"), form: fields, doing: `creating zone ${fields.name}` }),

  update: (name: string, fields: { name?: string; description?: string }) =>
    send<Zone>({ method: "PUT", path: at("zones", name), form: fields, doing: `changing zone ${name}` }),

  /** Gone already is fine. */
  delete: async (name: string): Promise<void> => {
    await send.orUndefined<unknown>({ method: "DELETE", path: at("zones", name), doing: `deleting zone ${name}` });
  },
});

export type ZonesApi = ReturnType<typeof zonesApi>;
