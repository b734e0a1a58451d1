/**
 * The client of MAAS's API: one a process. Making it asks nothing and loads nothing heavy; at the first request it
 * checks the URL and the key, loads the transport and asks MAAS for its version.
 */
import type { Clock } from "../core/clock.ts";
import { systemClock } from "../core/clock.ts";
import { bootResourcesApi } from "./api/boot-resources.ts";
import type { BootResourcesApi } from "./api/boot-resources.ts";
import { bootSourcesApi } from "./api/boot-sources.ts";
import type { BootSourcesApi } from "./api/boot-sources.ts";
import { dnsResourcesApi } from "./api/dns-resources.ts";
import type { DnsResourcesApi } from "./api/dns-resources.ts";
import { domainsApi } from "./api/domains.ts";
import type { DomainsApi } from "./api/domains.ts";
import { eventsApi } from "./api/events.ts";
import type { EventsApi } from "./api/events.ts";
import { fabricsApi } from "./api/fabrics.ts";
import type { FabricsApi } from "./api/fabrics.ts";
import { interfacesApi } from "./api/interfaces.ts";
import type { InterfacesApi } from "./api/interfaces.ts";
import { ipAddressesApi } from "./api/ip-addresses.ts";
import type { IpAddressesApi } from "./api/ip-addresses.ts";
import { ipRangesApi } from "./api/ip-ranges.ts";
import type { IpRangesApi } from "./api/ip-ranges.ts";
import { machinesApi } from "./api/machines.ts";
import type { MachinesApi } from "./api/machines.ts";
import { packageRepositoriesApi } from "./api/package-repositories.ts";
import type { PackageRepositoriesApi } from "./api/package-repositories.ts";
import { poolsApi } from "./api/pools.ts";
import type { PoolsApi } from "./api/pools.ts";
import { rackControllersApi } from "./api/rack-controllers.ts";
import type { RackControllersApi } from "./api/rack-controllers.ts";
import { regionConfigApi } from "./api/region-config.ts";
import type { RegionConfigApi } from "./api/region-config.ts";
import { resultsApi } from "./api/results.ts";
import type { ResultsApi } from "./api/results.ts";
import { scriptsApi } from "./api/scripts.ts";
import type { ScriptsApi } from "./api/scripts.ts";
import { spacesApi } from "./api/spaces.ts";
import type { SpacesApi } from "./api/spaces.ts";
import { sshKeysApi } from "./api/ssh-keys.ts";
import type { SshKeysApi } from "./api/ssh-keys.ts";
import { staticRoutesApi } from "./api/static-routes.ts";
import type { StaticRoutesApi } from "./api/static-routes.ts";
import { subnetsApi } from "./api/subnets.ts";
import type { SubnetsApi } from "./api/subnets.ts";
import { tagsApi } from "./api/tags.ts";
import type { TagsApi } from "./api/tags.ts";
import { usersApi } from "./api/users.ts";
import type { UsersApi } from "./api/users.ts";
import { versionApi } from "./api/version.ts";
import type { VersionApi } from "./api/version.ts";
import { vlansApi } from "./api/vlans.ts";
import type { VlansApi } from "./api/vlans.ts";
import { volumeGroupsApi } from "./api/volume-groups.ts";
import type { VolumeGroupsApi } from "./api/volume-groups.ts";
import { zonesApi } from "./api/zones.ts";
import type { ZonesApi } from "./api/zones.ts";
import { debugLine, sender } from "./sender.ts";
import type { OnRequest, Timeouts } from "./sender.ts";
import type { Transport } from "./transport.ts";
import { versionGate } from "./version-gate.ts";

export interface MaasSettings {
  /** "http://172.16.0.3:5240/MAAS". */
  url: string;
  /** "consumer:token:secret". */
  key: string;
  /** PEM text of the authority that signed MAAS's certificate; NODE_EXTRA_CA_CERTS works too. */
  ca?: string;
}

export interface ClientParts {
  /** What waits between tries sleep on. @default the system's clock */
  clock?: Clock;
  /** 0 to 1, for jitter. @default Math.random */
  random?: () => number;
  /** @default axios */
  transport?: Transport;
  /** Called after each try of a request. @default a line on stderr when METALFORM_DEBUG is set */
  onRequest?: OnRequest;
  /** In milliseconds. */
  timeouts?: Partial<Timeouts>;
}

export interface MaasClient {
  readonly bootResources: BootResourcesApi;
  readonly bootSources: BootSourcesApi;
  readonly dnsResources: DnsResourcesApi;
  readonly domains: DomainsApi;
  readonly events: EventsApi;
  readonly fabrics: FabricsApi;
  readonly interfaces: InterfacesApi;
  readonly ipAddresses: IpAddressesApi;
  readonly ipRanges: IpRangesApi;
  readonly machines: MachinesApi;
  readonly packageRepositories: PackageRepositoriesApi;
  readonly pools: PoolsApi;
  readonly rackControllers: RackControllersApi;
  readonly regionConfig: RegionConfigApi;
  readonly results: ResultsApi;
  readonly scripts: ScriptsApi;
  readonly spaces: SpacesApi;
  readonly sshKeys: SshKeysApi;
  readonly staticRoutes: StaticRoutesApi;
  readonly subnets: SubnetsApi;
  readonly tags: TagsApi;
  readonly users: UsersApi;
  readonly version: VersionApi;
  readonly vlans: VlansApi;
  readonly volumeGroups: VolumeGroupsApi;
  readonly zones: ZonesApi;
  /**
   * Throws `too-old` unless MAAS is at least of this version, for what came after 3.5:
   * `await client.requires("OVS bridges", "3.5.5")`.
   */
  requires(feature: string, version: string): Promise<void>;
}

/** @throws nothing; a bad URL or key is told by the first request */
export function createMaasClient(settings: MaasSettings, parts: ClientParts = {}): MaasClient {
  const { clock = systemClock, random = Math.random, timeouts } = parts;
  const onRequest = parts.onRequest ?? (process.env["METALFORM_DEBUG"] ? debugLine : undefined);
  const wire = sender({ settings, clock, random, transport: parts.transport, onRequest, timeouts });
  const version = versionApi(wire.unchecked);
  const gate = versionGate(version.read, settings.url);
  const send = wire.after(gate.supported);
  return {
    bootResources: bootResourcesApi(send),
    bootSources: bootSourcesApi(send),
    dnsResources: dnsResourcesApi(send),
    domains: domainsApi(send),
    events: eventsApi(send),
    fabrics: fabricsApi(send),
    interfaces: interfacesApi(send),
    ipAddresses: ipAddressesApi(send),
    ipRanges: ipRangesApi(send),
    machines: machinesApi(send),
    packageRepositories: packageRepositoriesApi(send),
    pools: poolsApi(send),
    rackControllers: rackControllersApi(send),
    regionConfig: regionConfigApi(send),
    results: resultsApi(send),
    scripts: scriptsApi(send),
    spaces: spacesApi(send),
    sshKeys: sshKeysApi(send),
    staticRoutes: staticRoutesApi(send),
    subnets: subnetsApi(send),
    tags: tagsApi(send),
    users: usersApi(send),
    version,
    vlans: vlansApi(send),
    volumeGroups: volumeGroupsApi(send),
    zones: zonesApi(send),
    requires: gate.requires,
  };
}
