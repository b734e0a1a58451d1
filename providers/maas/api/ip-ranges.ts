/** `ipranges/`: addresses for DHCP (dynamic), or that MAAS does not hand out (reserved) (facts: maas.md 2.12). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";
import type { Subnet } from "./subnets.ts";

export interface IpRange {
  id: number;
  type: "dynamic" | "reserved";
  start_ip: string;
  end_ip: string;
  comment: string;
  subnet: Subnet;
}

export interface IpRangeFields {
  type?: "dynamic" | "reserved";
  start_ip?: string;
  end_ip?: string;
  comment?: string;
}

export const ipRangesApi = (send: Send) => ({
  list: () => send<IpRange[]>({ method: "GET", path: at("ipranges"), doing: "listing IP ranges" }),

  read: (id: number) =>
    send.orUndefined<IpRange>({ method: "GET", path: at("ipranges", id), doing: `reading IP range ${String(id)}` }),

  /**
   * `refused` where it overlaps a range, or (dynamic) an address in use. @param fields subnet: the id, no CIDR
   */
  create: (fields: Required<IpRangeFields> & { subnet: number }) =>
    send<IpRange>({
      method: "POST",
      path: at("ipranges"),
      form: { ...fields },
      doing: `creating the ${fields.type} range ${fields.start_ip}-${fields.end_ip}`,
      repeating: "harm",
    }),

  update: (id: number, fields: IpRangeFields) =>
    send<IpRange>({
      method: "PUT",
      path: at("ipranges", id),
      form: { ...fields },
      doing: `changing IP range ${String(id)}`,
    }),

  /** Gone already is fine. DHCP stays on without its last dynamic range, and the VLAN cannot be changed then (2.11). */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("ipranges", id),
      doing: `deleting IP range ${String(id)}`,
    });
  },
});

export type IpRangesApi = ReturnType<typeof ipRangesApi>;
