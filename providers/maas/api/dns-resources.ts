/**
 * `dnsresources/` and `dnsresourcerecords/` (facts: maas.md 2.13): a name in a domain, its addresses and its other records.
 * Names are always sent as `name` and `domain`: MAAS takes a wrong `fqdn` apart with a 500.
 */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface DnsResourceRecord {
  id: number;
  rrtype: string;
  rrdata: string;
  ttl: number | null;
  fqdn: string;
}

export interface DnsResource {
  id: number;
  fqdn: string;
  /** Seconds, for its addresses alone; null: the domain's. */
  address_ttl: number | null;
  ip_addresses: { ip: string | null }[];
  resource_records: DnsResourceRecord[];
}

/** Domains by id or by name. */
export interface DnsName {
  domain: string;
  name: string;
}

export interface AddressFields {
  /** Separated by blanks; all of them, since a PUT without them would take them away. */
  ip_addresses: string;
  /** "" clears it. */
  address_ttl: number | "";
}

export interface RecordFields {
  rrtype: string;
  rrdata: string;
  /** "" clears it. */
  ttl: number | "";
}

export const dnsResourcesApi = (send: Send) => ({
  /** Undefined when the domain is not there. */
  list: (filter: { domain?: string; name?: string }) =>
    send.orUndefined<DnsResource[]>({
      method: "GET",
      path: at("dnsresources"),
      query: { ...filter },
      doing: `listing the names of DNS domain ${filter.domain ?? ""}`,
    }),

  /** A name that exists is `refused`; a domain that does not is `gone`. */
  create: (fields: DnsName & AddressFields) =>
    send<DnsResource>({
      method: "POST",
      path: at("dnsresources"),
      form: { ...fields },
      doing: `creating DNS name ${fields.name}`,
      repeating: "harm",
    }),

  update: (id: number, fields: AddressFields) =>
    send<DnsResource>({
      method: "PUT",
      path: at("dnsresources", id),
      form: { ...fields },
      doing: `changing the addresses of DNS name ${String(id)}`,
    }),

  /** Takes its records along. Gone already is fine. */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("dnsresources", id),
      doing: `deleting DNS name ${String(id)}`,
    });
  },

  /** Makes the name too, where it is not there. */
  createRecord: (fields: DnsName & RecordFields) =>
    send<DnsResourceRecord>({
      method: "POST",
      path: at("dnsresourcerecords"),
      form: { ...fields },
      doing: `creating a ${fields.rrtype} record of DNS name ${fields.name}`,
      repeating: "harm",
    }),

  updateRecord: (id: number, fields: RecordFields) =>
    send<DnsResourceRecord>({
      method: "PUT",
      path: at("dnsresourcerecords", id),
      form: { ...fields },
      doing: `changing ${fields.rrtype} record ${String(id)}`,
    }),

  /** The name goes with its last record, unless it has addresses. Gone already is fine. */
  deleteRecord: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("dnsresourcerecords", id),
      doing: `deleting DNS record ${String(id)}`,
    });
  },
});

export type DnsResourcesApi = ReturnType<typeof dnsResourcesApi>;
