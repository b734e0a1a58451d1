/** A region with one of each thing, so that every operation finds what its path names. */
import { boot } from "../maas/boot.ts";
import type { Operation } from "../maas/operation.ts";
import type { LabState } from "../maas/state.ts";
import { Store } from "../store.ts";
import { callOperation, type FormValues } from "./surface-call.ts";

export interface FullRegion {
  state: LabState;
  values: Record<string, string>;
}

type Values = Readonly<Record<string, string>>;

interface Thing {
  /** The path up to and including the parameter that it stands for. */
  at: string;
  path: string;
  op?: string;
  form: (values: Values) => FormValues;
  /** What of the answer goes into paths. @default "id" */
  named?: string;
}

const node = "nodes/:system_id/";
const disk = (name: string): Thing => ({
  at: name,
  path: `${node}blockdevices/`,
  form: () => ({ name, size: "20G", block_size: "512", model: "x", serial: name }),
});
const of = (values: Values, name: string): string => values[name] ?? "";

/** Without one of its own, a path parameter is "1", which a fresh region has of most things. */
const machines: readonly Thing[] = [
  {
    at: "machines/:system_id",
    path: "machines/",
    form: () => ({
      architecture: "amd64",
      mac_addresses: "52:54:00:00:00:01",
      power_type: "manual",
      commission: "false",
    }),
    named: "system_id",
  },
  {
    at: "commissioned",
    path: "machines/:system_id/",
    op: "commission",
    form: () => ({ testing_scripts: "none" }),
  },
];

const things: readonly Thing[] = [
  {
    at: "second nic",
    path: `${node}interfaces/`,
    op: "create_physical",
    form: () => ({ mac_address: "52:54:00:00:00:02", vlan: "1" }),
  },
  ...["sda", "sdb", "sdc", "sdd", "sde", "sdf", "sdg"].map(disk),
  {
    at: `${node}blockdevices/:device_id/partition/:id`,
    path: `${node}blockdevices/:device_id/partitions/`,
    form: () => ({ size: "4G" }),
  },
  {
    at: `${node}volume-group/:id`,
    path: `${node}volume-groups/`,
    form: (values) => ({ name: "vg0", block_devices: of(values, "sdb") }),
  },
  {
    at: `${node}raid/:id`,
    path: `${node}raids/`,
    form: (values) => ({ name: "md0", level: "raid-0", block_devices: [of(values, "sdc"), of(values, "sdd")] }),
  },
  {
    at: `${node}bcache-cache-set/:id`,
    path: `${node}bcache-cache-sets/`,
    form: (values) => ({ cache_device: of(values, "sde") }),
  },
  {
    at: `${node}bcache/:id`,
    path: `${node}bcaches/`,
    form: (values) => ({
      name: "bcache0",
      cache_mode: "writeback",
      backing_device: of(values, "sdf"),
      cache_set: of(values, `${node}bcache-cache-set/:id`),
    }),
  },
  {
    at: "lv",
    path: `${node}volume-group/:id/`,
    op: "create_logical_volume",
    form: () => ({ name: "lv0", size: "8G" }),
  },
  {
    at: "formatted",
    path: `${node}blockdevices/:id/`,
    op: "format",
    form: () => ({ fstype: "ext4" }),
  },
  {
    at: "formatted partition",
    path: `${node}blockdevices/:device_id/partition/:id`,
    op: "format",
    form: () => ({ fstype: "ext4" }),
  },
  { at: "fabrics/:id", path: "fabrics/", form: () => ({ name: "fabric" }) },
  { at: "vlan", path: "fabrics/:fabric_id/vlans/", form: () => ({ vid: "77" }) },
  { at: "spaces/:id", path: "spaces/", form: () => ({ name: "space" }) },
  { at: "resourcepool/:id", path: "resourcepools/", form: () => ({ name: "pool" }) },
  { at: "zones/:name", path: "zones/", form: () => ({ name: "zone" }), named: "name" },
  { at: "notifications/:id", path: "notifications/", form: () => ({ message: "text" }) },
  {
    at: "bond",
    path: `${node}interfaces/`,
    op: "create_bond",
    form: (values) => ({ name: "bond0", parents: of(values, "second nic") }),
  },
  {
    at: "boot-sources/:id",
    path: "boot-sources/",
    form: () => ({ url: "http://images.example/", keyring_filename: "/keyring" }),
  },
  {
    at: "boot-sources/:boot_source_id/selections/:id",
    path: "boot-sources/:boot_source_id/selections/",
    form: () => ({ os: "ubuntu", release: "jammy", arches: "amd64", subarches: "*", labels: "*" }),
  },
  {
    at: "devices/:system_id",
    path: "devices/",
    form: () => ({ mac_addresses: "52:54:00:00:00:09" }),
    named: "system_id",
  },
  { at: "dhcp-snippets/:id", path: "dhcp-snippets/", form: () => ({ name: "one", value: "x;" }) },
  { at: "tags/:name", path: "tags/", form: () => ({ name: "tag" }), named: "name" },
  { at: "other subnet", path: "subnets/", form: () => ({ cidr: "10.77.0.0/24" }) },
  {
    at: "static-routes/:id",
    path: "static-routes/",
    form: (values) => ({ source: "1", destination: of(values, "other subnet"), gateway_ip: "172.16.0.9" }),
  },
];

export async function fullRegion(operations: readonly Operation[]): Promise<FullRegion> {
  const { state } = new Store();
  const values: Record<string, string> = { "fabrics/:fabric_id": "0", "fabrics/:fabric_id/vlans/:vid": "77" };
  const make = async ({ at, path, op, form, named = "id" }: Thing): Promise<void> => {
    const operation = operations.find((one) => one.method === "POST" && one.path === path && one.op === op);
    if (!operation) throw new Error(`The lab has no POST ${path} ${op ?? ""}`);
    const reply = await callOperation(operation, state, values, form(values));
    if (reply.status >= 300) throw new Error(`POST ${path} ${op ?? ""}: ${JSON.stringify(reply.body)}`);
    values[at] = String((reply.body as Record<string, unknown>)[named]);
  };
  for (const thing of machines) await make(thing);
  const machine = of(values, "machines/:system_id");
  boot(state, { machine, outcome: "commission-ok", ip: "172.16.8.1" });
  values["nodes/:system_id"] = machine;
  const nic = Object.values(state.interfaces).find(({ systemId }) => systemId === machine);
  values[`${node}interfaces/:id`] = String(nic?.id);
  values[`${node}results/:id`] = "current-commissioning";
  for (const kind of ["rackcontrollers", "regioncontrollers"])
    values[`${kind}/:system_id`] = Object.keys(state.controllers)[0] ?? "";
  for (const thing of things) {
    await make(thing);
    if (thing.at === "sda") values[`${node}blockdevices/:device_id`] = values["sda"] ?? "";
    if (thing.at === "sdg") values[`${node}blockdevices/:id`] = values["sdg"] ?? "";
  }
  return { state, values };
}

export interface Probe {
  /** As `operationKey` writes it. */
  operation: string;
  /** In the place of what the path would else name. */
  at?: Values;
  /** Over what is sent anyway. */
  form: FormValues;
}

const bondForm = {
  vlan: "1",
  mac_address: "52:54:00:00:00:01",
  bond_mode: "active-backup",
  bond_miimon: "100",
  bond_lacp_rate: "fast",
  bond_xmit_hash_policy: "layer2",
  bond_downdelay: "200",
  bond_updelay: "200",
  bond_num_grat_arp: "1",
};

/** What must be right for an operation to look at the rest of what it is given. */
export function probesOf(values: Values): Probe[] {
  const interfaces = `${node}interfaces/`;
  const nic = of(values, `${interfaces}:id`);
  const disk = "nodes/{system_id}/blockdevices/";
  const at = { [`${interfaces}:id`]: of(values, "bond") };
  return [
    { operation: "POST nodes/{system_id}/interfaces/ create_bond", form: { parents: nic, ...bondForm } },
    { operation: "POST nodes/{system_id}/interfaces/ create_vlan", form: { parent: nic, vlan: of(values, "vlan") } },
    { operation: "PUT nodes/{system_id}/interfaces/{id}/", at, form: {} },
    { operation: `POST ${disk}{id}/ mount`, form: { mount_point: "/srv" } },
    { operation: `POST ${disk}{device_id}/partition/{id} mount`, form: { mount_point: "/srv" } },
    { operation: `PUT ${disk}{id}/`, at: { [`${node}blockdevices/:id`]: of(values, "lv") }, form: { size: "1G" } },
    { operation: "POST machines/{system_id}/ set_storage_layout", form: { storage_layout: "lvm" } },
    { operation: "POST machines/{system_id}/ set_storage_layout", form: { storage_layout: "bcache" } },
    { operation: "POST devices/", form: { mac_addresses: "52:54:00:00:00:08", domain: "maas", hostname: "device" } },
    { operation: "POST notifications/", form: { user: "1", category: "info", context: "{}" } },
    { operation: "POST notifications/", form: { user: "", category: "info", context: "{}" } },
  ];
}
