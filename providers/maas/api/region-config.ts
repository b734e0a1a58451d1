/** `maas/`: the region's settings, one a request (facts: maas.md 2.17). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export type SettingValue = string | number | boolean | null;

export const regionConfigApi = (send: Send) => ({
  /** An unknown name is `refused`. */
  get: (name: string) =>
    send<SettingValue>({
      method: "GET",
      path: at("maas"),
      op: "get_config",
      query: { name },
      doing: `reading the setting ${name}`,
    }),

  set: async (name: string, value: string | number | boolean): Promise<void> => {
    await send({
      method: "POST",
      path: at("maas"),
      op: "set_config",
      answers: "text",
      form: { name, value },
      doing: `changing the setting ${name}`,
    });
  },
});

export type RegionConfigApi = ReturnType<typeof regionConfigApi>;
