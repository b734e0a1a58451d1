/**
 * What the resources of MAAS work with: one client, one watcher and one memory a process, made when they are first
 * needed, since a preview without changes asks MAAS nothing.
 */
import { readFileSync } from "node:fs";
import { Batch } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import { ProviderError } from "../core/errors.ts";
import type { History } from "../core/history.ts";
import type { Settings } from "../core/settings.ts";
import type { Machine } from "./api/machines.ts";
import { createMaasClient } from "./client.ts";
import type { MaasClient } from "./client.ts";
import { createDnsLookup } from "./dns-lookup.ts";
import type { DnsLookup } from "./dns-lookup.ts";
import { createNetworks } from "./networks.ts";
import type { Networks } from "./networks.ts";
import { createWatcher } from "./watcher.ts";
import type { Watcher } from "./watcher.ts";

export interface MaasServices {
  /** @throws ProviderError not-configured, naming what to set */
  readonly client: MaasClient;
  readonly watcher: Watcher;
  /** The machine as it is now, or undefined; questions asked at the same time share a request. */
  readonly machineById: (systemId: string) => Promise<Machine | undefined>;
  /** The machine that owns this MAC address (lower case), or undefined; shared like `machineById`. */
  readonly machineByMac: (mac: string) => Promise<Machine | undefined>;
  /** DNS domains by id and names by domain; shared like `machineById`. */
  readonly dns: DnsLookup;
  /** Fabrics, VLANs, subnets and what belongs to them; shared like `machineById`. */
  readonly networks: Networks;
  readonly settings: Settings;
  readonly history: History;
  readonly clock: Clock;
  /** Whether progress is drawn on a terminal. */
  readonly live: boolean;
}

export function createMaasServices(
  parts: Pick<MaasServices, "settings" | "history" | "clock" | "live"> & { client?: MaasClient },
): MaasServices {
  const client = once(() => parts.client ?? connect(parts.settings, parts.clock));
  const watcher = once(() => createWatcher(client(), { clock: parts.clock }));
  const byId = new Batch<string, Machine | undefined>({
    ask: async (ids) => new Map((await client().machines.list({ id: ids })).map((m) => [m.system_id, m])),
    missing: undefined,
    clock: parts.clock,
  });
  const byMac = new Batch<string, Machine | undefined>({
    ask: async (macs) => {
      const machines = await client().machines.list({ mac_address: macs });
      return new Map(machines.flatMap((m) => m.interface_set.map((nic) => [nic.mac_address, m] as const)));
    },
    missing: undefined,
    clock: parts.clock,
  });
  return {
    ...parts,
    get client() {
      return client();
    },
    get watcher() {
      return watcher();
    },
    dns: createDnsLookup(client, parts.clock),
    machineById: (systemId) => byId.ask(systemId),
    machineByMac: (mac) => byMac.ask(mac),
    networks: createNetworks(client, parts.clock),
  };
}

function connect(settings: Settings, clock: Clock): MaasClient {
  const url = settings.get("maasUrl");
  const key = settings.get("maasKey");
  const missing = [
    ...(url === undefined ? [`the MAAS URL (${settings.howTo("maasUrl")})`] : []),
    ...(key === undefined ? [`the API key (${settings.howTo("maasKey", true)})`] : []),
  ];
  if (url === undefined || key === undefined) {
    throw new ProviderError(
      "not-configured",
      `Which MAAS? Not set: ${missing.join(" and ")}. For the lab without hardware type \`make up\`.`,
    );
  }
  const caFile = settings.get("maasCa");
  return createMaasClient({ url, key, ...(caFile === undefined ? {} : { ca: readCa(caFile) }) }, { clock });
}

function readCa(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new ProviderError("not-configured", `The certificate file "${file}" (maasCa) cannot be read.`, { cause });
  }
}

function once<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
