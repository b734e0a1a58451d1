/**
 * Each operation of the client, called with everything it can be given, against the names that MAAS 3.5.13 has
 * (test/fixtures/maas/api-surface.json: "METHOD path op" -> names of parameters). A misspelt form field would be
 * ignored by MAAS in silence.
 */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { bootResourcesApi } from "../../providers/maas/api/boot-resources.ts";
import type { BootResourcesApi } from "../../providers/maas/api/boot-resources.ts";
import { bootSourcesApi } from "../../providers/maas/api/boot-sources.ts";
import type { BootSourcesApi, SelectionFields } from "../../providers/maas/api/boot-sources.ts";
import { dnsResourcesApi } from "../../providers/maas/api/dns-resources.ts";
import type { AddressFields, DnsResourcesApi, RecordFields } from "../../providers/maas/api/dns-resources.ts";
import { domainsApi } from "../../providers/maas/api/domains.ts";
import type { DomainFields, DomainsApi } from "../../providers/maas/api/domains.ts";
import { eventsApi } from "../../providers/maas/api/events.ts";
import type { EventQuery, EventsApi } from "../../providers/maas/api/events.ts";
import { fabricsApi } from "../../providers/maas/api/fabrics.ts";
import type { FabricsApi } from "../../providers/maas/api/fabrics.ts";
import { interfacesApi } from "../../providers/maas/api/interfaces.ts";
import type { BondFields, BridgeFields, InterfacesApi, LinkSubnet } from "../../providers/maas/api/interfaces.ts";
import { ipAddressesApi } from "../../providers/maas/api/ip-addresses.ts";
import type { IpAddressesApi } from "../../providers/maas/api/ip-addresses.ts";
import { ipRangesApi } from "../../providers/maas/api/ip-ranges.ts";
import type { IpRangeFields, IpRangesApi } from "../../providers/maas/api/ip-ranges.ts";
import { machinesApi } from "../../providers/maas/api/machines.ts";
import type {
  AllocateOptions,
  CommissionOptions,
  CreateMachine,
  DeployOptions,
  MachineFields,
  MachineFilter,
  ReleaseOptions,
  StorageLayoutOptions,
  TestOptions,
} from "../../providers/maas/api/machine-options.ts";
import type { MachinesApi } from "../../providers/maas/api/machines.ts";
import { packageRepositoriesApi } from "../../providers/maas/api/package-repositories.ts";
import type { PackageRepositoriesApi, PackageRepositoryFields } from "../../providers/maas/api/package-repositories.ts";
import { poolsApi } from "../../providers/maas/api/pools.ts";
import type { PoolsApi } from "../../providers/maas/api/pools.ts";
import { rackControllersApi } from "../../providers/maas/api/rack-controllers.ts";
import type { RackControllersApi } from "../../providers/maas/api/rack-controllers.ts";
import { resultsApi } from "../../providers/maas/api/results.ts";
import type { ResultFilter, ResultsApi } from "../../providers/maas/api/results.ts";
import { scriptsApi } from "../../providers/maas/api/scripts.ts";
import { spacesApi } from "../../providers/maas/api/spaces.ts";
import type { SpacesApi } from "../../providers/maas/api/spaces.ts";
import { regionConfigApi } from "../../providers/maas/api/region-config.ts";
import type { RegionConfigApi } from "../../providers/maas/api/region-config.ts";
import type { ScriptFields, ScriptsApi } from "../../providers/maas/api/scripts.ts";
import { sshKeysApi } from "../../providers/maas/api/ssh-keys.ts";
import type { SshKeysApi } from "../../providers/maas/api/ssh-keys.ts";
import { staticRoutesApi } from "../../providers/maas/api/static-routes.ts";
import type { StaticRoutesApi } from "../../providers/maas/api/static-routes.ts";
import { subnetsApi } from "../../providers/maas/api/subnets.ts";
import type { SubnetFields, SubnetsApi } from "../../providers/maas/api/subnets.ts";
import { tagsApi } from "../../providers/maas/api/tags.ts";
import type { TagFields, TagsApi } from "../../providers/maas/api/tags.ts";
import { usersApi } from "../../providers/maas/api/users.ts";
import type { UsersApi } from "../../providers/maas/api/users.ts";
import { versionApi } from "../../providers/maas/api/version.ts";
import type { VersionApi } from "../../providers/maas/api/version.ts";
import { vlansApi } from "../../providers/maas/api/vlans.ts";
import type { DhcpFields, VlanFields, VlansApi } from "../../providers/maas/api/vlans.ts";
import { volumeGroupsApi } from "../../providers/maas/api/volume-groups.ts";
import type { VolumeGroupsApi } from "../../providers/maas/api/volume-groups.ts";
import { zonesApi } from "../../providers/maas/api/zones.ts";
import type { ZonesApi } from "../../providers/maas/api/zones.ts";
import type { Operation, Send } from "../../providers/maas/operation.ts";

const surface = JSON.parse(
  readFileSync(new URL("../fixtures/maas/api-surface.json", import.meta.url), "utf8"),
) as Record<string, string>;

/** What MAAS takes though its own description of the API does not say so. */
const extras: Record<string, string[]> = {
  // facts: maas.md 2.2, recorded in transcripts s02 and s14
  "GET machines/": ["owner", "power_state", "tags"],
  // 2.3
  "POST machines/": ["pool", "power_parameters_skip_check", "zone"],
  // 2.7
  "POST machines/{system_id}/ release": ["scripts"],
  // 2.13, and canonical/maas forms/dnsdata.py, forms/domain.py
  "POST dnsresourcerecords/": ["ttl"],
  "PUT dnsresourcerecords/{id}/": ["ttl"],
  "POST domains/": ["ttl"],
  // 2.8: any key is an annotation
  "POST machines/{system_id}/ set_workload_annotations": ["anything"],
  // 2.12, recorded in transcripts s07 and s08
  "POST subnets/": ["active_discovery"],
  "PUT ipranges/{id}/": ["type"],
  "PUT subnets/{id}/": ["active_discovery"],
  // 2.10
  "PUT tags/{name}/": ["kernel_opts"],
};

/** Nothing optional is left out, so that a parameter that is added later must be added here. */
type Everything<Arguments extends unknown[]> = { [I in keyof Arguments]-?: Arguments[I] };
type Calls<Api extends Record<keyof Api, (...args: never[]) => unknown>> = {
  [Name in keyof Api]: Everything<Required<Parameters<Api[Name]>>>;
};

const comment = { comment: "c" };
const fields: Required<MachineFields> = {
  hostname: "server1",
  description: "d",
  domain: "maas",
  pool: "lab",
  zone: "default",
  architecture: "amd64/generic",
  min_hwe_kernel: "ga-22.04",
  power_type: "amt",
  power_parameters: { power_address: "192.0.2.1", power_pass: "p" },
  power_parameters_skip_check: true,
};
const listFilter: Required<MachineFilter> = {
  id: ["abc123"],
  mac_address: ["52:54:00:00:00:01"],
  hostname: ["server1"],
  domain: ["maas"],
  agent_name: ["mark"],
  owner: ["admin"],
  tags: ["ovn"],
  pool: ["lab"],
  zone: ["default"],
  status: ["ready"],
  power_state: ["on"],
  subnets: [1],
  vlans: [1],
};
const create: Required<CreateMachine> = {
  ...fields,
  mac_addresses: ["52:54:00:00:00:01"],
  commission: false,
  deployed: true,
};
const commission: Required<CommissionOptions> = {
  enable_ssh: true,
  skip_bmc_config: true,
  skip_networking: true,
  skip_storage: true,
  commissioning_scripts: "a",
  testing_scripts: "none",
};
const testOptions: Required<TestOptions> = { enable_ssh: true, testing_scripts: "memtester" };
const allocate: Required<AllocateOptions> = { system_id: "abc123", agent_name: "mark", ...comment };
const deploy: Required<DeployOptions> = {
  distro_series: "jammy",
  hwe_kernel: "ga-22.04",
  user_data: "aGk=",
  agent_name: "mark",
  ...comment,
  enable_hw_sync: true,
  ephemeral_deploy: false,
  install_kvm: false,
  register_vmhost: false,
};
const release: Required<ReleaseOptions> = {
  ...comment,
  erase: true,
  quick_erase: true,
  secure_erase: true,
  force: true,
  scripts: "wipe",
};
const noTries = { tries: 1, signal: undefined };
const id = "abc123";
const link: Required<LinkSubnet> = {
  mode: "STATIC",
  subnet: 1,
  ip_address: "172.16.0.11",
  default_gateway: true,
  force: true,
};
const bridge: Required<BridgeFields> = {
  name: "br-ex",
  vlan: 1,
  mtu: 1400,
  tags: "a,b",
  bridge_type: "ovs",
  bridge_stp: false,
  bridge_fd: 15,
};
const bond: Required<BondFields> = {
  name: "bond0",
  vlan: 1,
  mtu: 1400,
  tags: "a,b",
  bond_mode: "802.3ad",
  bond_miimon: 100,
  bond_downdelay: 0,
  bond_updelay: 0,
  bond_lacp_rate: "fast",
  bond_xmit_hash_policy: "layer2",
  mac_address: "52:54:00:00:10:01",
};
const layout: Required<StorageLayoutOptions> = {
  storage_layout: "lvm",
  boot_size: "1%",
  root_size: "50%",
  root_device: 1,
  vg_name: "vg0",
  lv_name: "root",
  lv_size: "50%",
  cache_device: 2,
  cache_mode: "writeback",
  cache_size: "10%",
  cache_no_part: false,
};
const results: Required<ResultFilter> = {
  include_output: true,
  filters: "50-maas-01-commissioning",
  hardware_type: "node",
};
const tag: Required<TagFields> = { comment: "c", definition: "//node", kernel_opts: "nomodeset" };
const named = { name: "lab", description: "d" };
const subnet: Required<SubnetFields> = {
  ...named,
  vlan: 1,
  gateway_ip: "172.16.0.1",
  dns_servers: "172.16.0.3",
  rdns_mode: 2,
  allow_dns: true,
  allow_proxy: true,
  managed: true,
  active_discovery: true,
};
const range: Required<IpRangeFields> = { type: "dynamic", start_ip: "172.16.1.1", end_ip: "172.16.1.9", ...comment };
const vlan: Required<VlanFields> = { name: "ovn", mtu: 1500, space: "lab" };
const dhcp: Required<DhcpFields> = { dhcp_on: true, primary_rack: "r", secondary_rack: "s", relay_vlan: 2 };
const route = { gateway_ip: "172.16.0.2", metric: 1 };

const selection: Required<SelectionFields> = {
  os: "ubuntu",
  release: "jammy",
  arches: ["amd64"],
  subarches: ["*"],
  labels: ["*"],
};
const addresses: Required<AddressFields> = { ip_addresses: "172.16.0.3", address_ttl: 60 };
const dnsData: Required<RecordFields> = { rrtype: "TXT", rrdata: "t", ttl: 60 };
const domain: Required<DomainFields> = { name: "rack.example", authoritative: true, ttl: 60 };
const repository: Required<PackageRepositoryFields> = {
  name: "mirror",
  url: "http://mirror.rack.example/ubuntu",
  distributions: "jammy",
  disabled_pockets: "backports",
  disabled_components: "universe",
  disable_sources: true,
  components: "main",
  arches: "amd64",
  key: "k",
  enabled: true,
};
const script: Required<ScriptFields> = {
  script: "#!/bin/sh",
  comment: "c",
  type: "testing",
  tags: "a,b",
  timeout: "60",
};

const calls = {
  bootResources: { list: [], read: [1], isImporting: [], import: [] } satisfies Calls<BootResourcesApi>,
  bootSources: {
    list: [],
    selections: [1],
    createSelection: [1, selection],
    updateSelection: [1, 2, selection],
    deleteSelection: [1, 2],
  } satisfies Calls<BootSourcesApi>,
  dnsResources: {
    list: [{ domain: "maas", name: "www" }],
    create: [{ domain: "maas", name: "www", ...addresses }],
    update: [1, addresses],
    delete: [1],
    createRecord: [{ domain: "maas", name: "www", ...dnsData }],
    updateRecord: [1, dnsData],
    deleteRecord: [1],
  } satisfies Calls<DnsResourcesApi>,
  domains: {
    list: [],
    read: [1],
    create: [{ ...domain, name: "rack.example" }],
    update: [1, domain],
    delete: [1],
  } satisfies Calls<DomainsApi>,
  events: {
    query: [{ id: [id], level: "INFO", limit: 100, after: 1, before: 9 } satisfies Required<EventQuery>],
  } satisfies Calls<EventsApi>,
  fabrics: {
    list: [],
    read: ["name:lab"],
    create: [{ name: "lab" }],
    update: [1, { name: "lab2" }],
    delete: [1],
  } satisfies Calls<FabricsApi>,
  interfaces: {
    list: [id],
    read: [id, 2],
    linkSubnet: [id, 2, link],
    createBridge: [id, { ...bridge, name: "br-ex", parent: 2 }],
    createBond: [id, { ...bond, name: "bond0", parents: [2, 3] }],
    createVlan: [id, { mtu: 1400, tags: "a,b", vlan: 5, parent: 2 }],
    update: [id, 2, { ...bridge, ...bond }],
    delete: [id, 2],
    unlinkSubnet: [id, 2, 7],
    setDefaultGateway: [id, 2, 7],
    addTag: [id, 2, "uplink"],
    removeTag: [id, 2, "uplink"],
  } satisfies Calls<InterfacesApi>,
  ipAddresses: { find: ["172.16.0.3"], release: ["172.16.0.3"] } satisfies Calls<IpAddressesApi>,
  ipRanges: {
    list: [],
    read: [1],
    create: [{ ...range, subnet: 1 }],
    update: [1, range],
    delete: [1],
  } satisfies Calls<IpRangesApi>,
  machines: {
    list: [listFilter, noTries],
    listAllocated: [],
    read: [id],
    create: [create],
    update: [id, fields],
    delete: [id],
    commission: [id, commission],
    test: [id, testOptions],
    abort: [id, comment],
    overrideFailedTesting: [id, comment],
    allocate: [allocate],
    deploy: [id, deploy],
    release: [id, release],
    setWorkloadAnnotations: [id, { anything: "goes" }],
    powerParameters: [id],
    curtinConfig: [id],
    clearDefaultGateways: [id],
    setStorageLayout: [id, layout],
    queryPowerState: [id],
    powerOff: [id, { stop_mode: "hard", ...comment }],
    lock: [id, comment],
    unlock: [id, comment],
    markBroken: [id, comment],
    markFixed: [id, comment],
  } satisfies Calls<MachinesApi>,
  packageRepositories: {
    read: ["main_archive"],
    create: [{ ...repository, name: "mirror", url: "http://mirror.rack.example/ubuntu" }],
    update: [1, repository],
    delete: [1],
  } satisfies Calls<PackageRepositoriesApi>,
  pools: {
    list: [],
    read: ["lab"],
    create: [named],
    update: ["lab", named],
    delete: ["lab"],
  } satisfies Calls<PoolsApi>,
  rackControllers: { list: [] } satisfies Calls<RackControllersApi>,
  regionConfig: { get: ["upstream_dns"], set: ["upstream_dns", "1.1.1.1"] } satisfies Calls<RegionConfigApi>,
  results: {
    list: [id, { ...results, type: "testing" }],
    currentCommissioning: [id, results],
    currentTesting: [id, results],
    currentInstallation: [id, results],
  } satisfies Calls<ResultsApi>,
  scripts: {
    list: [{ type: "testing" }],
    read: ["memtester"],
    readWithContent: ["memtester"],
    create: [{ ...script, name: "check-fans" }],
    update: ["check-fans", script],
    delete: ["check-fans"],
  } satisfies Calls<ScriptsApi>,
  spaces: {
    list: [],
    read: ["name:lab"],
    create: [named],
    update: [1, named],
    delete: [1],
  } satisfies Calls<SpacesApi>,
  sshKeys: { list: [], read: [7], create: ["ssh-ed25519 AAAA"], delete: [7] } satisfies Calls<SshKeysApi>,
  staticRoutes: {
    list: [],
    read: [1],
    create: [{ source: 1, destination: 2, ...route }],
    update: [1, route],
    delete: [1],
  } satisfies Calls<StaticRoutesApi>,
  subnets: {
    list: [],
    read: [1],
    readByCidr: ["172.16.0.0/20"],
    create: [{ ...subnet, cidr: "172.16.0.0/20" }],
    update: [1, subnet],
    delete: [1],
    addresses: [1],
    reservedIpRanges: [1],
  } satisfies Calls<SubnetsApi>,
  tags: {
    list: [],
    read: ["ovn"],
    create: [{ ...tag, name: "ovn" }],
    update: ["ovn", { ...tag, name: "ovn2" }],
    updateNodes: ["ovn", { add: [id], remove: [id] }],
    delete: ["ovn"],
  } satisfies Calls<TagsApi>,
  users: { whoami: [] } satisfies Calls<UsersApi>,
  version: { read: [] } satisfies Calls<VersionApi>,
  vlans: {
    read: [1],
    readByVid: ["name:lab", 20],
    create: [1, { ...vlan, vid: 20 }],
    update: [1, { ...vlan, ...dhcp }],
    delete: [1],
  } satisfies Calls<VlansApi>,
  volumeGroups: { read: [id, 3] } satisfies Calls<VolumeGroupsApi>,
  zones: { list: [], read: ["a"], create: [named], update: ["a", named], delete: ["a"] } satisfies Calls<ZonesApi>,
};

let sent: Operation[] = [];
const record = <Answer>(operation: Operation): Promise<Answer> => {
  sent.push(operation);
  return Promise.resolve([] as Answer);
};
const send: Send = Object.assign(record, { orUndefined: record });

const apis: Record<keyof typeof calls, object> = {
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
  version: versionApi(send),
  vlans: vlansApi(send),
  volumeGroups: volumeGroupsApi(send),
  zones: zonesApi(send),
};

/**
 * Paths that MAAS's description does not have: a VLAN by its id (2.11), and a subnet by its CIDR, slash and all (2.12).
 * Both are in the recordings (transcripts s07 and s08).
 */
const described = (path: string): string =>
  path.replace(/^vlans\//, "fabrics/0/vlans/").replace(/^subnets\/cidr%3A[^/]+\/\d+\/$/, "subnets/1/");

/** "POST machines/{system_id}/ deploy" for what is sent to `machines/abc123/`, or undefined when MAAS has none. */
function surfaceKey({ method, path, op }: Operation): string | undefined {
  return Object.keys(surface).find((key) => {
    const [itsMethod, itsPath = "", itsOp] = key.split(" ");
    const pattern = itsPath.replace(/[.]/g, "\\.").replace(/\{[^}]+\}/g, "[^/]+");
    return itsMethod === method && itsOp === op && new RegExp(`^${pattern}$`).test(described(path));
  });
}

const takes = (names: string[], name: string): boolean =>
  names.some((known) => known === name || (known.includes("{") && name.startsWith(known.slice(0, known.indexOf("{")))));

for (const [entity, api] of Object.entries(apis)) {
  for (const [name, call] of Object.entries(api) as [string, (...args: unknown[]) => Promise<unknown>][]) {
    test(`${entity}.${name} is an operation of MAAS, with parameters that it knows`, async () => {
      sent = [];
      const args = (calls as unknown as Record<string, Record<string, unknown[]>>)[entity]?.[name];
      assert.ok(args, "an operation without a call in this test");
      await call(...args);
      assert.equal(sent.length, 1);
      const [operation] = sent;
      assert.ok(operation);
      const key = surfaceKey(operation);
      assert.ok(key !== undefined, `MAAS has no ${operation.method} ${operation.path} ${operation.op ?? ""}`);
      const names = [...(surface[key] ?? "").split(" "), ...(extras[key] ?? [])];
      const parameters = Object.keys({ ...operation.query, ...operation.form });
      assert.deepEqual(
        parameters.filter((parameter) => !takes(names, parameter)),
        [],
        `${key} does not know these`,
      );
      assert.ok(
        operation.method === "GET" ? !operation.form : !operation.query,
        "GET has a query, the others have a form",
      );
    });
  }
}

test("what is listed as missing in MAAS's own description is missing there", () => {
  for (const [key, names] of Object.entries(extras)) {
    assert.ok(surface[key] !== undefined, key);
    const inDescription = surface[key].split(" ");
    assert.deepEqual(
      names.filter((name) => inDescription.includes(name)),
      [],
      key,
    );
  }
});
