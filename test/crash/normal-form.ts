/** Two runs leave the same when their states and their machines are equal but for what is random or of the moment. */
import type { Machine } from "../../providers/maas/api/machines.ts";
import type { MaasClient } from "../../providers/maas/client.ts";
import type { ExportedStack } from "../../tools/stack/deployment.ts";
import type { LabMachine } from "../support/engine.ts";

/** Of the moment, or of the folder that it ran in. */
const FLEETING = ["created", "modified", "sourcePosition", "stackTrace"];

/** Outputs that tell the moment: a machine that was commissioned switches itself off a while later. */
const MOMENTARY = ["powerState"];

/** Texts a run chooses at random, by the names they have in every run: { "abc123": "<server1>" }. */
type Names = Map<string, string>;

/** The resources by URN and whatever operations are pending, as a text to compare. */
export function stateForm(stack: ExportedStack, machines: LabMachine[]): string {
  const { resources = [], pending_operations = [] } = stack.deployment;
  const lasting = resources
    .map((resource) => Object.fromEntries(Object.entries(resource).filter(([key]) => !FLEETING.includes(key))))
    .map((resource): Record<string, unknown> => ({ ...resource, outputs: withoutMomentary(resource["outputs"]) }))
    .sort((a, b) => String(a["urn"]).localeCompare(String(b["urn"])));
  const names = namesOf(stack, machines);
  return renamed(JSON.stringify({ resources: lasting, pending_operations }, sortedKeys, 1), names);
}

/** What matters of the machines in MAAS, as a text to compare. */
export function machinesForm(stack: ExportedStack, machines: LabMachine[], objects: Machine[]): string {
  const agents = new Map(machines.map((machine) => [machine.system_id, machine.agent_name]));
  const forms = objects
    .map((object) => ({
      hostname: object.hostname,
      status: object.status_name,
      owner: object.owner,
      agent: agents.get(object.system_id),
      power: [object.power_type, object.power_state],
      pool: object.pool.name,
      zone: object.zone.name,
      tags: object.tag_names,
      series: [object.osystem, object.distro_series],
      annotations: object.owner_data,
      commissioning: object.commissioning_status_name,
      testing: object.testing_status_name,
      links: object.interface_set.map((card) => [
        `${card.type} ${card.name} ${card.mac_address}`,
        card.parents.join(),
        ...card.links.map((link) => `${link.mode} ${link.ip_address ?? "no address"}`).sort(),
      ]),
    }))
    .sort((a, b) => a.hostname.localeCompare(b.hostname));
  return renamed(JSON.stringify(forms, sortedKeys, 1), namesOf(stack, machines));
}

/** What of the region itself the program touches, as a text to compare: ids are kept where the thing was there before. */
export async function regionForm(maas: MaasClient): Promise<string> {
  const [subnets, ranges, fabrics, names, upstreamDns] = await Promise.all([
    maas.subnets.list(),
    maas.ipRanges.list(),
    maas.fabrics.list(),
    maas.dnsResources.list({}),
    maas.regionConfig.get("upstream_dns"),
  ]);
  const lasting = {
    subnets,
    ranges: ranges.map(({ type, start_ip, end_ip, comment }) => `${type} ${start_ip}-${end_ip} ${comment}`).sort(),
    fabrics,
    names: (names ?? []).map(({ fqdn, ip_addresses }) => [fqdn, ...ip_addresses.map(({ ip }) => ip)]),
    // MAAS takes no null back: an unset text becomes an empty one.
    upstreamDns: upstreamDns ?? "",
  };
  return JSON.stringify(lasting, undefined, 1);
}

function namesOf(stack: ExportedStack, machines: LabMachine[]): Names {
  const names: Names = new Map(machines.map(({ system_id, hostname }) => [system_id, `<${hostname}>`]));
  for (const { type, id, outputs = {} } of stack.deployment.resources ?? []) {
    // The engine gives its default provider a new one each time.
    if (type.startsWith("pulumi:providers:")) names.set(String(id), "<provider>");
    if (type.endsWith(":StackIdentity")) names.set(String(outputs["stackId"]), "<stack>");
    // MAAS numbers interfaces in the order in which machines get them.
    if (type.endsWith(":OvsBridge")) names.set(String(id), `<bridge of ${String(outputs["systemId"])}>`);
    // A hash of the stack's identity: random too.
    if (type.endsWith(":Deployment")) names.set(String(outputs["mark"]), `<mark of ${String(outputs["hostname"])}>`);
  }
  names.delete("undefined");
  return names;
}

const withoutMomentary = (outputs: unknown): unknown =>
  typeof outputs === "object" && outputs !== null
    ? Object.fromEntries(Object.entries(outputs).filter(([key]) => !MOMENTARY.includes(key)))
    : outputs;

/** Longest first: a mark holds the stack's identity. */
function renamed(text: string, names: Names): string {
  const ordered = [...names].sort(([a], [b]) => b.length - a.length);
  return ordered.reduce((result, [random, name]) => result.replaceAll(random, name), text);
}

/** For JSON.stringify: objects with their keys in order, and URNs too, which the engine lists in any; numbers of MAAS's hidden. */
function sortedKeys(key: string, value: unknown): unknown {
  // Cards and links get their numbers in the order in which machines get them.
  if (/^(id|\w+Id)$/.test(key) && typeof value === "number") return "<number>";
  // So are installations, as texts.
  if (key === "installation") return "<number>";
  if (Array.isArray(value) && value.every((item) => String(item).startsWith("urn:"))) return value.map(String).sort();
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.localeCompare(b)));
}
