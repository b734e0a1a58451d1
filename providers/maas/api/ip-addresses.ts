/** `ipaddresses/` (facts: maas.md 2.13): addresses that MAAS knows somebody to have. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface IpAddress {
  ip: string;
  /** 4: reserved by a user. */
  alloc_type: number;
}

export const ipAddressesApi = (send: Send) => ({
  /** Whoever has it: machines, BMCs and racks too. */
  find: (ip: string) =>
    send<IpAddress[]>({
      method: "GET",
      path: at("ipaddresses"),
      query: { ip, all: true },
      doing: `looking for the address ${ip}`,
    }),

  /** Only one that the user of the API key has reserved; all others are `refused`. */
  release: async (ip: string): Promise<void> => {
    await send({
      method: "POST",
      path: at("ipaddresses"),
      op: "release",
      form: { ip },
      doing: `releasing the reserved address ${ip}`,
    });
  },
});

export type IpAddressesApi = ReturnType<typeof ipAddressesApi>;
