/** The configuration MAAS gives to curtin: networks as netplan, disks, and the calls back (facts: maas.md 2.4; transcripts s11, s12, s15). */
import { machineFor } from "./access.ts";
import { curtinStorage } from "./curtin-storage.ts";
import { effectiveMtu } from "./interface-render.ts";
import { defaultGateway } from "./gateways.ts";
import { parseNetwork } from "./ip-address.ts";
import { ipsOfInterface } from "./ipam.ts";
import { interfacesOf, linkMode, linksOf, parentsOf, subnetOfLink } from "./links.ts";
import type { Interface, Machine } from "./machine-state.ts";
import { status } from "./node-status.ts";
import { nodeToken } from "./node-token.ts";
import type { Call, Operation } from "./operation.ts";
import { refusal } from "./reply.ts";
import type { Json, LabState } from "./state.ts";
import { toYaml } from "./yaml.ts";

type Node = Record<string, Json>;

const rackAddress = (state: LabState): string[] =>
  Object.values(state.controllers).flatMap((rack) =>
    ipsOfInterface(state, rack.interface.id).flatMap(({ ip }) => ip ?? []),
  );

/** Addresses, gateway and name servers of one interface; nothing for one that is only up. */
function addressing(state: LabState, machine: Machine, nic: Interface): Node {
  const links = linksOf(state, nic);
  const fixed = links.flatMap((link) => {
    const subnet = subnetOfLink(state, nic, link);
    return subnet && link.ip !== null && linkMode(link) !== "dhcp" ? [{ subnet, ip: link.ip }] : [];
  });
  const node: Node = links.some((link) => linkMode(link) === "dhcp") ? { dhcp4: true } : {};
  if (fixed.length === 0) return node;
  node["addresses"] = fixed.map(({ subnet, ip }) => `${ip}/${String(parseNetwork(subnet.cidr)?.prefix ?? 32)}`);
  const { nic: gatewayNic, gateway } = defaultGateway(state, machine, 4);
  if (gatewayNic?.id === nic.id && gateway !== null) node["gateway4"] = gateway;
  const servers = [
    ...(fixed.some(({ subnet }) => subnet.allowDns) ? rackAddress(state) : []),
    ...fixed.flatMap(({ subnet }) => subnet.dnsServers),
  ];
  node["nameservers"] = { addresses: [...new Set(servers)], search: [state.domains[machine.domainId]?.name ?? ""] };
  return node;
}

function renderNic(state: LabState, machine: Machine, nic: Interface): Node {
  const parents = parentsOf(state, nic).map(({ name }) => name);
  const common: Node = { ...addressing(state, machine, nic), mtu: effectiveMtu(state, nic) };
  switch (nic.type) {
    case "physical":
      return { ...common, match: { macaddress: nic.mac }, "set-name": nic.name };
    case "vlan":
      return { ...common, id: state.vlans[nic.vlanId ?? 0]?.vid ?? 0, link: parents[0] ?? "" };
    case "bond":
      return {
        ...common,
        interfaces: parents,
        macaddress: nic.mac,
        parameters: {
          mode: nic.params["bond_mode"] ?? "active-backup",
          "mii-monitor-interval": nic.params["bond_miimon"] ?? 100,
        },
      };
    case "bridge": {
      const isOvs = nic.params["bridge_type"] === "ovs";
      return {
        ...common,
        interfaces: parents,
        macaddress: nic.mac,
        parameters: { "forward-delay": nic.params["bridge_fd"] ?? 15, stp: nic.params["bridge_stp"] ?? false },
        ...(isOvs ? { openvswitch: {}, optional: false } : {}),
      };
    }
  }
}

const netplanKinds = { physical: "ethernets", bond: "bonds", bridge: "bridges", vlan: "vlans" } as const;

function network(state: LabState, machine: Machine): Node {
  const plan: Node = { version: 2 };
  for (const nic of interfacesOf(state, machine)) {
    const kind = netplanKinds[nic.type];
    const section = plan[kind];
    const known = typeof section === "object" && section !== null && !Array.isArray(section) ? section : {};
    plan[kind] = { ...known, [nic.name]: renderNic(state, machine, nic) };
  }
  return plan;
}

function reporting(machine: Machine, region: string): Node {
  const token = nodeToken(machine);
  return {
    consumer_key: token.consumerKey,
    endpoint: `${region}/MAAS/metadata/status/${machine.systemId}`,
    token_key: token.key,
    token_secret: token.secret,
    type: "webhook",
  };
}

export function curtinConfig(state: LabState, machine: Machine): string {
  const region = `http://${rackAddress(state)[0] ?? "127.0.0.1"}:5240`;
  const netbootOff = `${region}/MAAS/metadata/latest/by-id/${machine.systemId}/`;
  return toYaml({
    apt: { preserve_sources_list: false, proxy: `http://${rackAddress(state)[0] ?? "127.0.0.1"}:8000/` },
    install: {
      error_tarfile: "/tmp/curtin-logs.tar",
      log_file: "/tmp/install.log",
      post_files: ["/tmp/install.log", "/tmp/curtin-logs.tar"],
    },
    late_commands: { maas: ["wget", "--no-proxy", netbootOff, "--post-data", "op=netboot_off", "-O", "/dev/null"] },
    network: network(state, machine),
    network_commands: { builtin: ["curtin", "net-meta", "custom"] },
    partitioning_commands: { builtin: ["curtin", "block-meta", "custom"] },
    reporting: { maas: reporting(machine, region) },
    showtrace: true,
    storage: curtinStorage(state, machine),
    verbosity: 3,
  });
}

const deploymentStatuses = new Set<number>([status.deploying, status.deployed, status.failedDeployment]);

function getCurtinConfig(call: Call) {
  const machine = machineFor(call, "view");
  if (!deploymentStatuses.has(machine.status))
    throw refusal(400, `Machine ${machine.hostname} is not in a deployment state.`);
  return { status: 200, contentType: "text/plain", body: curtinConfig(call.state, machine) };
}

export const curtinOperations: Operation[] = [
  {
    method: "GET",
    path: "machines/:system_id/",
    op: "get_curtin_config",
    access: "user",
    writes: true,
    handle: getCurtinConfig,
  },
];
