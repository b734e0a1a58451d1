/** What DNS records need in MAAS to be as they are asked for, and to be as they were: look, send what is missing. */
import { isIPv4 } from "node:net";
import { isError, ProviderError } from "../core/errors.ts";
import type { Context } from "../core/lifecycle.ts";
import { Turns } from "../core/turns.ts";
import type { DnsResource, DnsResourceRecord } from "./api/dns-resources.ts";
import { quotedText, unquotedText } from "./dns-names.ts";
import type { RecordType } from "./dns-names.ts";
import type { MaasServices } from "./services.ts";

export interface RecordSet {
  /** Id or name. */
  domain: string;
  name: string;
  type: RecordType;
  data: string[];
  ttl?: number;
}

/** What was at the name before us: data and TTL of this type. */
export interface FormerRecords {
  /** Whether MAAS had the name with nothing at it: then it stays like that. */
  bare: boolean;
  data: string[];
  ttl?: number;
}

export interface WrittenRecords {
  fqdn: string;
  former: FormerRecords;
  reserved: string[];
}

/** Addresses of both families are one list in MAAS, so those who change a name take turns. */
const turns = new Turns();

const isAddress = (type: RecordType): boolean => type === "A" || type === "AAAA";

/** Data in a person's words, and the TTL, undefined where the domain's counts. */
export function recordsOf(found: DnsResource, type: RecordType): { data: string[]; ttl?: number } {
  const ofAddresses = isAddress(type);
  const rows = found.resource_records.filter((row) => row.rrtype === type);
  const ttl = ofAddresses ? found.address_ttl : (rows[0]?.ttl ?? null);
  return {
    data: ofAddresses ? addresses(found, type) : rows.map((row) => read(row)),
    ...(ttl === null ? {} : { ttl }),
  };
}

const addresses = (found: DnsResource | undefined, type: RecordType): string[] =>
  allAddresses(found).filter((ip) => isIPv4(ip) === (type === "A"));

const allAddresses = (found: DnsResource | undefined): string[] =>
  (found?.ip_addresses ?? []).flatMap(({ ip }) => (ip === null ? [] : [ip]));

const read = ({ rrtype, rrdata }: DnsResourceRecord): string => (rrtype === "TXT" ? unquotedText(rrdata) : rrdata);
const write = (type: RecordType, data: string): string => (type === "TXT" ? quotedText(data) : data);

/** @param made called after each write with what is there now */
export async function writeRecords(
  context: Context<MaasServices>,
  wanted: RecordSet,
  made: (state: WrittenRecords) => void,
  old?: RecordSet & WrittenRecords,
): Promise<WrittenRecords> {
  return await turns.take(`${wanted.domain} ${wanted.name}`, async () => {
    const found = await context.services.dns.name(wanted);
    refuseClash(found, wanted);
    const former = old?.former ?? context.before(`${wanted.type} of ${wanted.name}`, pictureOf(found, wanted.type));
    const reserved = isAddress(wanted.type) ? await newAddresses(context, found, wanted, old?.reserved ?? []) : [];
    const state = { former, reserved };
    const ttl = wanted.ttl ?? ttlBack(found, wanted.type, former, old);
    const sent = isAddress(wanted.type)
      ? await writeAddresses(context.services, found, wanted, ttl)
      : await writeRows(context.services, found, wanted, ttl, (fqdn) => {
          made({ ...state, fqdn });
        });
    made({ ...state, fqdn: sent });
    const left = (old?.reserved ?? []).filter((ip) => !reserved.includes(ip));
    await setFree(context.services, left);
    return { ...state, fqdn: sent };
  });
}

const pictureOf = (found: DnsResource | undefined, type: RecordType): FormerRecords =>
  found ? { bare: isBare(found), ...recordsOf(found, type) } : { bare: false, data: [] };

const isBare = (found: DnsResource): boolean => found.resource_records.length === 0 && allAddresses(found).length === 0;

/** A TTL that is not asked for any more goes back to what it was, unless somebody else has changed it. */
function ttlBack(
  found: DnsResource | undefined,
  type: RecordType,
  former: FormerRecords,
  old?: RecordSet,
): number | undefined {
  const now = found && recordsOf(found, type).ttl;
  return old?.ttl !== undefined && now === old.ttl ? former.ttl : now;
}

function refuseClash(found: DnsResource | undefined, { type }: RecordSet): void {
  if (!found) return;
  const rows = found.resource_records.filter((row) => (row.rrtype === "CNAME") !== (type === "CNAME"));
  const others = [
    ...rows.map((row) => `${row.rrtype} ${row.rrdata}`),
    ...(type === "CNAME" ? allAddresses(found).map((ip) => `the address ${ip}`) : []),
  ];
  if (others.length === 0) return;
  throw new ProviderError(
    "refused",
    `${found.fqdn} cannot have ${type} records: MAAS has ${others.join(", ")} there, and a CNAME stands alone at its name. ` +
      "Choose another name, or take that away first.",
  );
}

async function writeAddresses(
  { client }: MaasServices,
  found: DnsResource | undefined,
  wanted: RecordSet,
  ttl: number | undefined,
): Promise<string> {
  const ofOtherFamily = allAddresses(found).filter((ip) => !addresses(found, wanted.type).includes(ip));
  const ips = [...ofOtherFamily, ...wanted.data];
  const fields = { ip_addresses: ips.join(" "), address_ttl: ttl ?? ("" as const) };
  if (found) {
    const isRight = sameSet(allAddresses(found), ips) && (found.address_ttl ?? undefined) === ttl;
    return isRight ? found.fqdn : (await client.dnsResources.update(found.id, fields)).fqdn;
  }
  const { domain, name } = wanted;
  try {
    return (await client.dnsResources.create({ domain, name, ...fields })).fqdn;
  } catch (error) {
    // Somebody was faster, or the answer was lost: then the name is there now.
    const [now] = isError(error, "refused", "ambiguous", "conflict")
      ? ((await client.dnsResources.list({ domain, name })) ?? [])
      : [];
    if (!now) throw noDomain(error, domain);
    return (await client.dnsResources.update(now.id, fields)).fqdn;
  }
}

async function writeRows(
  { client }: MaasServices,
  found: DnsResource | undefined,
  { domain, name, type, data }: RecordSet,
  ttl: number | undefined,
  made: (fqdn: string) => void,
): Promise<string> {
  const rows = (found?.resource_records ?? []).filter((row) => row.rrtype === type);
  const spare = rows.filter((row) => !data.includes(read(row)));
  const missing = data.filter((one) => !rows.some((row) => read(row) === one));
  const fields = (one: string) => ({ rrtype: type, rrdata: write(type, one), ttl: ttl ?? ("" as const) });
  let fqdn = found?.fqdn ?? "";
  // Changed rather than deleted and made: the name is never without an answer.
  for (const row of rows) {
    const next = spare.includes(row) ? missing.shift() : read(row);
    if (next === undefined) await client.dnsResources.deleteRecord(row.id);
    else if (spare.includes(row) || (row.ttl ?? undefined) !== ttl)
      await client.dnsResources.updateRecord(row.id, fields(next));
  }
  for (const one of missing) {
    ({ fqdn } = await client.dnsResources.createRecord({ domain, name, ...fields(one) }).catch((error: unknown) => {
      throw noDomain(error, domain);
    }));
    made(fqdn);
  }
  return fqdn;
}

const noDomain = (error: unknown, domain: string): unknown =>
  isError(error, "gone")
    ? new ProviderError(
        "bad-input",
        `MAAS has no DNS domain "${domain}". Declare a DnsDomain, and write its id: \`domain: domain.id\`.`,
      )
    : error;

/**
 * MAAS reserves an address that it did not know for the user of the API key, and keeps it when the name goes. Those are
 * ours to set free.
 */
async function newAddresses(
  context: Context<MaasServices>,
  found: DnsResource | undefined,
  { data }: RecordSet,
  reserved: string[],
): Promise<string[]> {
  const there = addresses(found, "A").concat(addresses(found, "AAAA"));
  const ours = await Promise.all(
    data.map(async (ip) => {
      if (reserved.includes(ip)) return [ip];
      // Name and reservation come with one request: what the name has already may be an interrupted create's.
      if (there.includes(ip)) return isRecorded(context, ip) ? [ip] : [];
      const known = (await context.services.client.ipAddresses.find(ip)).length > 0;
      context.before(`address ${ip}`, { known });
      return known ? [] : [ip];
    }),
  );
  return ours.flat();
}

/** Whether the address was not known to MAAS before this record. */
export const isRecorded = ({ recorded }: Pick<Context<MaasServices>, "recorded">, ip: string): boolean =>
  (recorded(`address ${ip}`) as { known: boolean } | undefined)?.known === false;

/** What could not be set free because another name had it: tried again when the next record goes. */
const owed = new WeakMap<MaasServices, Set<string>>();

async function setFree(services: MaasServices, addresses: string[]): Promise<void> {
  const all = owed.get(services) ?? new Set();
  owed.set(services, all);
  for (const ip of addresses) all.add(ip);
  if (all.size === 0) return;
  // MAAS would take the names along that have the address (models/signals/staticipaddress.py).
  const used = ((await services.client.dnsResources.list({})) ?? []).flatMap(allAddresses);
  for (const ip of [...all].filter((one) => !used.includes(one))) {
    await services.client.ipAddresses.release(ip).catch((error: unknown) => {
      // Not reserved any more, or somebody else's by now.
      if (!isError(error, "refused", "gone")) throw error;
    });
    all.delete(ip);
  }
}

export async function giveBackRecords(
  { services }: Context<MaasServices>,
  state: RecordSet & WrittenRecords,
): Promise<void> {
  await turns.take(`${state.domain} ${state.name}`, async () => {
    const { dnsResources } = services.client;
    const found = await services.dns.name(state);
    if (found) {
      const now = recordsOf(found, state.type);
      const others = now.data.filter((one) => !state.data.includes(one) || state.former.data.includes(one));
      // Where somebody has changed it since, it is not brought back.
      const isOurs = state.data.every((one) => now.data.includes(one));
      const back = isOurs ? [...new Set([...others, ...state.former.data])] : others;
      const ttl = now.ttl === state.ttl ? state.former.ttl : now.ttl;
      const set = { ...state, data: back };
      const isEmpty =
        back.length === 0 &&
        found.resource_records.length === 0 &&
        allAddresses(found).every((ip) => addresses(found, state.type).includes(ip));
      if (!isAddress(state.type)) await writeRows(services, found, set, ttl, () => undefined);
      else if (isEmpty && !state.former.bare) await dnsResources.delete(found.id);
      else await writeAddresses(services, found, set, ttl);
    }
    await setFree(services, state.reserved);
  });
}

const sameSet = (a: string[], b: string[]): boolean => a.length === b.length && a.every((one) => b.includes(one));
