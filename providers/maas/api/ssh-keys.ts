/** `account/prefs/sshkeys/`: the public keys of this API key's user, which MAAS puts on machines (facts: maas.md 2.17). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface SshKey {
  id: number;
  key: string;
}

export const sshKeysApi = (send: Send) => {
  const keys = ["account", "prefs", "sshkeys"] as const;

  return {
    list: () => send<SshKey[]>({ method: "GET", path: at(...keys), doing: "listing SSH keys" }),

    read: (id: number) =>
      send.orUndefined<SshKey>({ method: "GET", path: at(...keys, id), doing: `reading SSH key ${String(id)}` }),

    /** A key that is there already is `refused` with `fields.__all__`: find it in the list and adopt it. */
    create: (key: string) =>
      send<SshKey>({ method: "POST", path: at(...keys), form: { key }, doing: "adding an SSH key" }),

    /** Gone already is fine. */
    delete: async (id: number): Promise<void> => {
      await send.orUndefined<unknown>({
        method: "DELETE",
        path: at(...keys, id),
        doing: `deleting SSH key ${String(id)}`,
      });
    },
  };
};

export type SshKeysApi = ReturnType<typeof sshKeysApi>;
