/** The region+rack controller "main": one node, shown by three collections (transcript s01). */
import { readFileSync } from "node:fs";
import { FormErrors, invalidChoice } from "./form.ts";
import { configValue } from "./config.ts";
import { renderDomain } from "./domains.ts";
import { ipsOfInterface } from "./ipam.ts";
import type { Call, Operation } from "./operation.ts";
import { json, notFound } from "./reply.ts";
import { requireAdmin } from "./caller.ts";
import type { Controller, LabState } from "./state.ts";
import { renderSubnet } from "./subnets.ts";
import { renderVlan } from "./vlans.ts";
import { renderZone } from "./zones.ts";

const services = [
  ...[
    "agent",
    "bind9",
    "dhcpd",
    "dhcpd6",
    "dns_rack",
    "http",
    "ntp_rack",
    "ntp_region",
    "proxy",
    "proxy_rack",
    "rackd",
  ],
  ...["regiond", "reverse_proxy", "syslog_rack", "syslog_region", "temporal", "temporal-worker", "tftp"],
];

const hardware = [
  ...["system_vendor", "system_product", "system_family", "system_version", "system_sku", "system_serial"],
  ...["cpu_model", "mainboard_vendor", "mainboard_product", "mainboard_serial", "mainboard_version"],
  ...["mainboard_firmware_vendor", "mainboard_firmware_date", "mainboard_firmware_version"],
  ...["chassis_vendor", "chassis_type", "chassis_serial", "chassis_version"],
];

const testKinds = [
  "testing",
  "other_test",
  "memory_test",
  "network_test",
  "cpu_test",
  "storage_test",
  "interface_test",
];

export function renderControllerInterface(state: LabState, rack: Controller): Record<string, unknown> {
  const { id, name, mac, vlanId } = rack.interface;
  const vlan = state.vlans[vlanId];
  return {
    link_speed: 1000,
    links: ipsOfInterface(state, id).map((row) => {
      const subnet = row.subnetId === null ? undefined : state.subnets[row.subnetId];
      return {
        id: row.id,
        mode: row.ip === null ? "link_up" : "static",
        ...(row.ip === null ? {} : { ip_address: row.ip }),
        ...(subnet ? { subnet: renderSubnet(state, subnet) } : {}),
      };
    }),
    discovered: null,
    product: "Ethernet Controller I225-V",
    tags: [],
    enabled: true,
    system_id: rack.systemId,
    vlan: vlan ? renderVlan(state, vlan) : null,
    effective_mtu: vlan?.mtu ?? 1500,
    children: [],
    id,
    parents: [],
    interface_speed: 1000,
    params: "",
    link_connected: true,
    vendor: "Intel Corporation",
    type: "physical",
    firmware_version: null,
    numa_node: 0,
    mac_address: mac,
    sriov_max_vf: 0,
    name,
    resource_uri: `/MAAS/api/2.0/nodes/${rack.systemId}/interfaces/${String(id)}/`,
  };
}

const collections = ["rackcontrollers", "regioncontrollers"] as const;
type View = (typeof collections)[number];

export function renderController(state: LabState, rack: Controller, view: View): Record<string, unknown> {
  const domain = state.domains[rack.domainId];
  const zone = state.zones[rack.zoneId];
  const unknown = Object.fromEntries([
    ...testKinds.map((kind) => [`${kind}_status`, -1]),
    ...testKinds.map((kind) => [`${kind}_status_name`, "Unknown"]),
  ]) as Record<string, unknown>;
  return {
    ...unknown,
    hostname: rack.hostname,
    cpu_speed: 2400,
    current_installation_result_id: null,
    hardware_info: Object.fromEntries(hardware.map((name) => [name, "Unknown"])),
    hardware_uuid: null,
    tag_names: rack.tagIds.flatMap((id) => state.tags[id]?.name ?? []).sort(),
    system_id: rack.systemId,
    version: null,
    ...(view === "rackcontrollers"
      ? { service_set: services.map((name) => ({ name, status: "unknown", status_info: "" })) }
      : {}),
    power_type: "manual",
    fqdn: `${rack.hostname}.${domain?.name ?? ""}`,
    node_type_name: "Region and rack controller",
    current_commissioning_result_id: null,
    zone: zone ? renderZone(zone) : null,
    swap_size: 0,
    architecture: "amd64/generic",
    interface_set: [renderControllerInterface(state, rack)],
    commissioning_status_name: "Unknown",
    distro_series: "jammy",
    description: rack.description,
    ip_addresses: ipsOfInterface(state, rack.interface.id).flatMap((row) => row.ip ?? []),
    status_action: null,
    current_testing_result_id: null,
    osystem: "ubuntu",
    commissioning_status: -1,
    memory: 16384,
    power_state: "unknown",
    node_type: 4,
    domain: domain ? renderDomain(state, domain) : null,
    cpu_count: 4,
    resource_uri: `/MAAS/api/2.0/${view}/${rack.systemId}/`,
  };
}

const modelOf: Record<View, string> = {
  rackcontrollers: "RackController",
  regioncontrollers: "RegionController",
};

function controllerOr404(call: Call, view: View): Controller {
  const rack = call.state.controllers[call.params["system_id"] ?? ""];
  if (!rack) throw notFound(modelOf[view]);
  requireAdmin(call);
  return rack;
}

/** A single controller calls itself a rack controller, whichever collection it was read from. */
const renderItem = (call: Call, view: View): Record<string, unknown> => {
  const rack = controllerOr404(call, view);
  const { resource_uri } = renderController(call.state, rack, "rackcontrollers");
  return { ...renderController(call.state, rack, view), resource_uri };
};

/** Users see an empty list. */
function list({ state, user, query }: Call, view: View) {
  const wanted = query.all("id");
  const hostnames = query.all("hostname");
  const racks = user?.isSuperuser ? Object.values(state.controllers) : [];
  return json(
    racks
      .filter((rack) => wanted.length === 0 || wanted.includes(rack.systemId))
      .filter((rack) => hostnames.length === 0 || hostnames.includes(rack.hostname))
      .map((rack) => renderController(state, rack, view)),
  );
}

function update(call: Call, view: View) {
  const rack = controllerOr404(call, view);
  const { state, form } = call;
  const errors = new FormErrors();
  const named = (field: string, table: Record<string, { id: number; name: string }>, before: number): number => {
    const name = form.get(field) ?? "";
    if (name === "") return before;
    const row = Object.values(table).find((one) => one.name === name);
    if (!row) errors.add(field, invalidChoice);
    return row?.id ?? before;
  };
  const zoneId = named("zone", state.zones, rack.zoneId);
  const domainId = named("domain", state.domains, rack.domainId);
  errors.throwIfAny();
  Object.assign(rack, { zoneId, domainId, description: form.get("description") ?? rack.description });
  return json(renderItem(call, view));
}

const collectionOperations = (view: View): Operation[] => [
  { method: "GET", path: `${view}/`, access: "user", handle: (call) => list(call, view) },
  {
    method: "GET",
    path: `${view}/:system_id/`,
    access: "user",
    handle: (call) => json(renderItem(call, view)),
  },
  { method: "PUT", path: `${view}/:system_id/`, access: "user", handle: (call) => update(call, view) },
];

const powerTypes: unknown = JSON.parse(readFileSync(new URL("seed/power-types.json", import.meta.url), "utf8"));

/** One entry an architecture of an image: the default series first, then the newest. */
function listBootImages(call: Call) {
  const { state } = call;
  controllerOr404(call, "rackcontrollers");
  const series = configValue(state, "default_distro_series");
  const first = typeof series === "string" ? `ubuntu/${series}` : "";
  const ordered = Object.values(state.bootResources).toSorted(
    (a, b) => Number(b.name === first) - Number(a.name === first) || (a.name === b.name ? 0 : b.id - a.id),
  );
  const images = ordered.map((image) => ({
    name: image.name,
    architecture: image.architecture.split("/")[0],
    subarches: image.subarches.split(",").sort(),
  }));
  return json({ images, connected: true, status: "synced" });
}

/** Since racks have no images of their own there is nothing to do (src/maasserver/api/rackcontrollers.py). */
function importImages(call: Call) {
  if (call.params["system_id"] !== undefined) controllerOr404(call, "rackcontrollers");
  return { status: 202, contentType: "text/plain; charset=utf-8", body: "Accepted" };
}

function powerParameters({ state }: Call) {
  return json(Object.fromEntries(Object.keys(state.controllers).map((systemId) => [systemId, {}])));
}

export const controllerOperations: Operation[] = [
  ...collections.flatMap(collectionOperations),
  {
    method: "GET",
    path: "rackcontrollers/",
    op: "describe_power_types",
    access: "user",
    handle: () => json(powerTypes),
  },
  ...(["rackcontrollers/", "rackcontrollers/:system_id/"] as const).map((path): Operation => ({
    method: "POST",
    path,
    op: "import_boot_images",
    access: "admin",
    handle: importImages,
  })),
  ...collections.map((view): Operation => ({
    method: "GET",
    path: `${view}/:system_id/`,
    op: "power_parameters",
    access: "user",
    handle: (call) => {
      controllerOr404(call, view);
      return json({});
    },
  })),
  {
    method: "GET",
    path: "rackcontrollers/:system_id/",
    op: "query_power_state",
    access: "user",
    handle: (call) => {
      controllerOr404(call, "rackcontrollers");
      return json({ state: "unknown" });
    },
  },
  { method: "GET", path: "rackcontrollers/", op: "power_parameters", access: "admin", handle: powerParameters },
  {
    method: "GET",
    path: "rackcontrollers/:system_id/",
    op: "list_boot_images",
    access: "user",
    handle: listBootImages,
  },
];
