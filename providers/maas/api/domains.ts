/** `domains/` (facts: maas.md 2.13). Read by id; a name is unique. */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface Domain {
  id: number;
  name: string;
  authoritative: boolean;
  /** Seconds; null: the region's default (`default_dns_ttl`). */
  ttl: number | null;
  is_default: boolean;
  /** Addresses and records; names without either are not counted. */
  resource_record_count: number;
}

export interface DomainFields {
  name?: string;
  authoritative?: boolean;
  /** "" clears it. */
  ttl?: number | "";
}

export const domainsApi = (send: Send) => ({
  list: () => send<Domain[]>({ method: "GET", path: at("domains"), doing: "listing DNS domains" }),

  /** @param domain its id, or its name */
  read: (domain: number | string) =>
    send.orUndefined<Domain>({
      method: "GET",
      path: at("domains", domain),
      doing: `reading DNS domain ${String(domain)}`,
    }),

  /** A name that exists is `refused` with `fields.name`: read it and adopt it. */
  create: (fields: DomainFields & { name: string }) =>
    send<Domain>({
      method: "POST",
      path: at("domains"),
      form: { ...fields },
      doing: `creating DNS domain ${fields.name}`,
      repeating: "harm",
    }),

  update: (id: number, fields: DomainFields) =>
    send<Domain>({
      method: "PUT",
      path: at("domains", id),
      form: { ...fields },
      doing: `changing DNS domain ${String(id)}`,
    }),

  /** Gone already is fine. One that is not empty is a `server-error`: MAAS answers 500 (facts: maas.md 2.13). */
  delete: async (id: number): Promise<void> => {
    await send.orUndefined<unknown>({
      method: "DELETE",
      path: at("domains", id),
      doing: `deleting DNS domain ${String(id)}`,
    });
  },
});

export type DomainsApi = ReturnType<typeof domainsApi>;
