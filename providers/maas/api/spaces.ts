/** `spaces/` (facts: maas.md 2.11). VLANs are put into them by their `space`. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface Space {
  /** -1 for "undefined", which stands for VLANs that are in none. */
  id: number;
  /** "space-N", N being its id, until somebody names it. */
  name: string;
  description: string;
}

export const spacesApi = (send: Send) => ({
  list: () => send<Space[]>({ method: "GET", path: at("spaces"), doing: "listing spaces" }),

  /** @param space id, or "name:apps" */
  read: (space: number | string) =>
    send.orUndefined<Space>({ method: "GET", path: at("spaces", space), doing: `reading space ${String(space)}` }),

  /** A name that exists is `refused` with `fields.name`: read it and adopt it. */
  create: (fields: { name: string; description?: string }) =>
    send<Space>({
      method: "POST",
      path: at("spaces"),
      form: fields,
      doing: `creating space ${fields.name}`,
      repeating: "harm",
    }),

  update: (id: number, fields: { name?: string; description?: string }) =>
    send<Space>({ method: "PUT", path: at("spaces", id), form: fields, doing: `changing space ${String(id)}` }),

  /** Gone already is fine. Its VLANs are in no space then. */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("spaces", id),
      doing: `deleting space ${String(id)}`,
    });
  },
});

export type SpacesApi = ReturnType<typeof spacesApi>;
