/** Domains and names as MAAS has them, asked for in batches: a refresh of fifty records costs a request a domain. */
import { Batch } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import type { DnsName, DnsResource } from "./api/dns-resources.ts";
import type { Domain } from "./api/domains.ts";
import type { MaasClient } from "./client.ts";

export interface DnsLookup {
  domain(id: number): Promise<Domain | undefined>;
  /** The name with its addresses and records; undefined when MAAS has none of it. */
  name(name: DnsName): Promise<DnsResource | undefined>;
}

export function createDnsLookup(client: () => MaasClient, clock: Clock): DnsLookup {
  const domains = new Batch<number, Domain | undefined>({
    ask: async ([id, ...more]) => {
      const { list, read } = client().domains;
      const found = more.length === 0 && id !== undefined ? [await read(id)] : await list();
      return new Map(found.flatMap((domain) => (domain ? [[domain.id, domain] as const] : [])));
    },
    missing: undefined,
    clock,
  });
  const names = new Batch<string, DnsResource | undefined>({
    ask: async (keys) => {
      const wanted = Map.groupBy(keys.map(nameOf), (one) => one.domain);
      const answers = await Promise.all([...wanted].map(([domain, ones]) => namesOf(client(), domain, ones)));
      return new Map(answers.flat());
    },
    missing: undefined,
    clock,
  });
  return {
    domain: (id) => domains.ask(id),
    name: (name) => names.ask(keyOf(name)),
  };
}

/** A blank is in neither of the two. */
const keyOf = ({ domain, name }: DnsName): string => `${domain} ${name}`;

function nameOf(key: string): DnsName {
  const [domain = "", name = ""] = key.split(" ");
  return { domain, name };
}

/** MAAS filters by one name or by none, and answers with full names only. */
async function namesOf(client: MaasClient, domain: string, wanted: DnsName[]): Promise<[string, DnsResource][]> {
  const [only, ...more] = wanted;
  if (only !== undefined && more.length === 0) {
    const [found] = (await client.dnsResources.list(only)) ?? [];
    return found ? [[keyOf(only), found]] : [];
  }
  const [zone, listed] = await Promise.all([client.domains.read(domain), client.dnsResources.list({ domain })]);
  if (!zone || !listed) return [];
  const byFqdn = new Map(listed.map((resource) => [resource.fqdn, resource]));
  return wanted.flatMap((one) => {
    const found = byFqdn.get(one.name === "@" ? zone.name : `${one.name}.${zone.name}`);
    return found ? [[keyOf(one), found] as [string, DnsResource]] : [];
  });
}
