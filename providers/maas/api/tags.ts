/** `tags/` (facts: maas.md 2.10). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface Tag {
  name: string;
  comment: string;
  /** XPath; with one, MAAS itself decides which machines have the tag. */
  definition: string;
  kernel_opts: string;
}

export interface TagFields {
  comment?: string;
  definition?: string;
  kernel_opts?: string;
}

export const tagsApi = (send: Send) => ({
  list: () => send<Tag[]>({ method: "GET", path: at("tags"), doing: "listing tags" }),

  read: (name: string) =>
    send.orUndefined<Tag>({ method: "GET", path: at("tags", name), doing: `reading tag ${name}` }),

  /** A name that exists is `refused` with `fields.name`: read it and adopt it. */
  create: (fields: TagFields & { name: string }) =>
    send<Tag>({ method: "POST", path: at("tags"), form: { ...fields }, doing: `creating tag ${fields.name}` }),

  update: (name: string, fields: TagFields & { name?: string }) =>
    send<Tag>({ method: "PUT", path: at("tags", name), form: { ...fields }, doing: `changing tag ${name}` }),

  /** Counts the machines that were matched; unknown ids are skipped in silence, so compare. */
  updateNodes: (name: string, nodes: { add?: readonly string[]; remove?: readonly string[] }) =>
    send<{ added: number; removed: number }>({
      method: "POST",
      path: at("tags", name),
      op: "update_nodes",
      form: { ...nodes },
      doing: `tagging machines with ${name}`,
    }),

  /** Gone already is fine. */
  delete: async (name: string): Promise<void> => {
    await send.orUndefined<unknown>({ method: "DELETE", path: at("tags", name), doing: `deleting tag ${name}` });
  },
});

export type TagsApi = ReturnType<typeof tagsApi>;
