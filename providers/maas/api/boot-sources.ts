/** `boot-sources/` and their selections: where images come from, and which (facts: maas.md 2.16). For administrators. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface BootSource {
  id: number;
  url: string;
}

export interface SelectionFields {
  os: string;
  release: string;
  /** "*" is all of them, in each of the three. */
  arches: string[];
  subarches: string[];
  labels: string[];
}

export interface BootSourceSelection extends SelectionFields {
  id: number;
  boot_source_id: number;
}

export const bootSourcesApi = (send: Send) => ({
  list: () => send<BootSource[]>({ method: "GET", path: at("boot-sources"), doing: "listing boot sources" }),

  /** Undefined when the source is not there. */
  selections: (source: number) =>
    send.orUndefined<BootSourceSelection[]>({
      method: "GET",
      path: at("boot-sources", source, "selections"),
      doing: `listing the selections of boot source ${String(source)}`,
    }),

  /** One that exists, and one that the source does not offer, are `refused`. */
  createSelection: (source: number, fields: SelectionFields) =>
    send<BootSourceSelection>({
      method: "POST",
      path: at("boot-sources", source, "selections"),
      form: { ...fields },
      doing: `selecting the image ${fields.os}/${fields.release} for ${fields.arches.join(", ")}`,
      repeating: "harm",
    }),

  updateSelection: (source: number, id: number, fields: SelectionFields) =>
    send<BootSourceSelection>({
      method: "PUT",
      path: at("boot-sources", source, "selections", id),
      form: { ...fields },
      doing: `selecting the image ${fields.os}/${fields.release} for ${fields.arches.join(", ")}`,
    }),

  /** Gone already is fine; the series that commissioning uses is `refused`. */
  deleteSelection: async (source: number, id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("boot-sources", source, "selections", id),
      doing: `taking back selection ${String(id)} of boot source ${String(source)}`,
    });
  },
});

export type BootSourcesApi = ReturnType<typeof bootSourcesApi>;
