/** What a machine's file system holds before its boot: its names, its network, and how it reaches MAAS. */
import { rackAddresses } from "../maas/curtin-network.ts";
import { fqdnOf } from "../maas/machine-render.ts";
import type { Machine } from "../maas/machine-state.ts";
import { nodeToken } from "../maas/node-token.ts";
import type { LabState } from "../maas/state.ts";
import { toYaml } from "../maas/yaml.ts";
import { cablesOf } from "./cables.ts";
import { netplanOf, usesOpenVswitch } from "./netplan.ts";

export interface MachineFile {
  /** In the machine's root. */
  path: string;
  /** null: the file is taken away. */
  content: string | null;
  /** @default 0o644 */
  mode?: number;
}

export const metadataUrl = (state: LabState): string =>
  `http://${rackAddresses(state)[0] ?? "127.0.0.1"}:5240/MAAS/metadata/`;

/** MAAS's proxy on the rack. Its machines get packages of Debian by it; the index of Python's is the lab's own. */
export const packagesUrl = (state: LabState): string => `http://${rackAddresses(state)[0] ?? "127.0.0.1"}:8000`;

const versions: Readonly<Record<string, string>> = { focal: "20.04", jammy: "22.04", noble: "24.04" };

/** The userland is Debian's; it is called what was deployed, since that is what programs ask. */
export function release(series: string): MachineFile {
  const version = versions[series] ?? "22.04";
  const lines = {
    PRETTY_NAME: `"Ubuntu ${version} LTS (a lab machine, on Debian packages)"`,
    NAME: '"Ubuntu"',
    VERSION_ID: `"${version}"`,
    VERSION: `"${version} LTS"`,
    VERSION_CODENAME: series,
    UBUNTU_CODENAME: series,
    ID: "ubuntu",
    ID_LIKE: "debian",
  };
  const content = Object.entries(lines).map(([name, value]) => `${name}=${value}\n`);
  return { path: "/etc/os-release", content: content.join("") };
}

export function names(fqdn: string, nameserver: string, domain: string): MachineFile[] {
  const host = fqdn.split(".")[0] ?? fqdn;
  return [
    { path: "/etc/hostname", content: `${host}\n` },
    { path: "/etc/hosts", content: `127.0.0.1 localhost\n127.0.1.1 ${fqdn} ${host}\n` },
    { path: "/etc/resolv.conf", content: `nameserver ${nameserver}\nsearch ${domain}\n` },
  ];
}

export const packageSources = (state: LabState): MachineFile[] => [
  { path: "/etc/apt/apt.conf.d/90curtin-aptproxy", content: `Acquire::http::Proxy "${packagesUrl(state)}/";\n` },
  {
    path: "/etc/pip.conf",
    content: `[global]\nindex-url = ${packagesUrl(state)}/simple/\ntrusted-host = ${rackAddresses(state)[0] ?? ""}\n`,
  },
];

function ownNames(state: LabState, machine: Machine): MachineFile[] {
  const domain = state.domains[machine.domainId]?.name ?? "maas";
  return names(fqdnOf(state, machine), rackAddresses(state)[0] ?? "127.0.0.1", domain);
}

function key(machine: Machine) {
  const token = nodeToken(machine);
  return { consumer_key: token.consumerKey, token_key: token.key, token_secret: token.secret };
}

/** The ephemeral system: an address by DHCP, and the key to fetch what it has to do. */
export function ephemeralFiles(state: LabState, machine: Machine): MachineFile[] {
  const [boot, ...others] = cablesOf(state, machine, "ephemeral");
  const up = others.map(({ nic }) => `Name=${nic}\n`).join("");
  return [
    ...ownNames(state, machine),
    release("jammy"),
    {
      path: "/etc/lab/metadata.json",
      content: JSON.stringify({ url: metadataUrl(state), system_id: machine.systemId, ...key(machine) }),
      mode: 0o600,
    },
    {
      path: "/etc/systemd/network/10-lab.network",
      content: `[Match]\nName=${boot?.nic ?? ""}\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\nIPv6AcceptRA=no\n[DHCPv4]\nUseHostname=no\n`,
    },
    ...(up === ""
      ? []
      : [
          { path: "/etc/systemd/network/20-lab.network", content: `[Match]\n${up}[Network]\nLinkLocalAddressing=no\n` },
        ]),
  ];
}

/** What curtin leaves in a system that it has installed. */
export function installedFiles(state: LabState, machine: Machine): MachineFile[] {
  const source = { metadata_url: metadataUrl(state), ...key(machine) };
  const endpoint = `${metadataUrl(state)}status/${machine.systemId}`;
  const cloud = {
    datasource_list: ["MAAS"],
    datasource: { MAAS: source },
    reporting: { maas: { type: "webhook", endpoint, ...key(machine) } },
  };
  return [
    ...ownNames(state, machine),
    ...packageSources(state),
    release(machine.distroSeries),
    { path: "/etc/netplan/50-cloud-init.yaml", content: netplanOf(state, machine), mode: 0o600 },
    { path: "/etc/cloud/cloud.cfg.d/90_maas.cfg", content: toYaml(cloud), mode: 0o600 },
    { path: "/etc/cloud/cloud-init.disabled", content: null },
    // Masked in the image, where nothing uses Open vSwitch.
    ...(usesOpenVswitch(state, machine)
      ? [{ path: "/etc/systemd/system/netplan-ovs-cleanup.service", content: null }]
      : []),
  ];
}

/** Units that are enabled in an installed system because of its network. */
export const enabledUnits = (state: LabState, machine: Machine): string[] =>
  usesOpenVswitch(state, machine) ? ["openvswitch-switch.service"] : [];
