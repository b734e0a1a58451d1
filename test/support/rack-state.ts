/** A stack's state as Pulumi exports it, with racks of any size in it: what the picture is drawn from. */
import type { ExportedStack, StateResource } from "../../tools/stack/deployment.ts";

export interface Written {
  id?: string;
  inputs: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  /** Inputs made of other resources' outputs. */
  from?: Record<string, string[]>;
}

export const urn = (kind: string, name: string): string =>
  `urn:pulumi:dev::metalform::metalform:rack:Rack$pulumi-nodejs:dynamic/${kind.includes(":") ? kind : `maas:${kind}`}::${name}`;

export function resource(kind: string, name: string, { id, inputs, outputs, from = {} }: Written): StateResource {
  return {
    urn: urn(kind, name),
    type: `pulumi-nodejs:dynamic/${kind.includes(":") ? kind : `maas:${kind}`}`,
    ...(id === undefined ? {} : { id }),
    inputs: { __provider: "text", __urn: urn(kind, name), ...inputs },
    outputs: { __provider: "text", ...inputs, ...outputs },
    propertyDependencies: { __provider: [], ...from },
  };
}

export const exportedStack = (resources: StateResource[]): ExportedStack => ({ version: 3, deployment: { resources } });

/** A fabric with a rack's subnet, DHCP and ranges; and a tag. */
export function network(): StateResource[] {
  return [
    resource("Tag", "ovn", { id: "ovn", inputs: { name: "ovn-chassis" } }),
    resource("Fabric", "rack", { id: "1", inputs: { name: "rack" } }),
    resource("Vlan", "main", {
      id: "5001",
      inputs: { fabric: "1", vid: 0, name: "main", mtu: 9000 },
      from: { fabric: [urn("Fabric", "rack")] },
    }),
    resource("Vlan", "storage", {
      id: "5002",
      inputs: { fabric: "1", vid: 30, name: "storage" },
      from: { fabric: [urn("Fabric", "rack")] },
    }),
    resource("Subnet", "main", {
      id: "1",
      inputs: {
        cidr: "172.16.0.0/20",
        vlan: "5001",
        name: "main",
        gateway: "172.16.0.3",
        dnsServers: ["172.16.0.3", "9.9.9.9"],
      },
      from: { vlan: [urn("Vlan", "main")] },
    }),
    resource("IpRange", "pxe", {
      id: "7",
      inputs: { subnet: "172.16.0.0/20", type: "dynamic", start: "172.16.1.1", end: "172.16.1.254" },
      from: { subnet: [urn("Subnet", "main")] },
    }),
    resource("IpRange", "hand", {
      id: "8",
      inputs: { subnet: "172.16.0.0/20", type: "reserved", start: "172.16.0.1", end: "172.16.0.9" },
    }),
    resource("VlanDhcp", "main", {
      id: "5001",
      inputs: { vlan: "5001", primaryRack: "s6ex8b" },
      from: { vlan: [urn("Vlan", "main")] },
    }),
  ];
}

/** One that is deployed, with an OVS bridge over its only card and a static address on it. */
export function ovsMachine(number: number): StateResource[] {
  const name = `server${String(number)}`;
  const id = `sys${String(number).padStart(3, "0")}`;
  const mac = `1c:69:7a:00:00:${number.toString(16).padStart(2, "0")}`;
  const machine = { machine: [urn("Machine", name)] };
  return [
    resource("Machine", name, {
      id,
      inputs: {
        hostname: name,
        macAddresses: [mac],
        power: { type: "amt", address: `172.16.15.${String(number)}` },
        tags: ["ovn-chassis"],
        pool: "default",
      },
      outputs: { status: "Ready", cpuCount: 4, memory: 16384, storage: 240000, powerState: "on" },
      from: { tags: [urn("Tag", "ovn")] },
    }),
    resource("NetworkInterface", name, {
      id: `${id}/${String(number)}`,
      inputs: { machine: id, macAddress: mac, name: "enp1s0" },
      from: machine,
    }),
    resource("OvsBridge", name, {
      id: `${id}/${String(100 + number)}`,
      inputs: { name: "br-ex", parent: `${id}/${String(number)}` },
      from: { parent: [urn("NetworkInterface", name)] },
    }),
    resource("InterfaceLink", name, {
      id: `${id}/${String(100 + number)}/1`,
      inputs: {
        interface: `${id}/${String(100 + number)}`,
        subnet: "1",
        mode: "static",
        address: `172.16.0.${String(10 + number)}`,
      },
      from: { interface: [urn("OvsBridge", name)], subnet: [urn("Subnet", "main")] },
    }),
    resource("Deployment", name, {
      id,
      inputs: { machine: id, hostname: name, series: "jammy" },
      outputs: { status: "Deployed", addresses: [`172.16.0.${String(10 + number)}`] },
      from: machine,
    }),
  ];
}

export const ovsRack = (machines: number): StateResource[] => [
  ...network(),
  ...Array.from({ length: machines }, (_, position) => ovsMachine(position + 1)).flat(),
];

/** Two cards in a bond, a VLAN interface and a bridge upon it, in two subnets; a link by MAC; kinds that nobody knows. */
export function bondedMachine(): StateResource[] {
  const machine = { machine: [urn("Machine", "db")] };
  return [
    resource("Subnet", "storage", {
      id: "2",
      inputs: { cidr: "10.30.0.0/24", vlan: "5002" },
      from: { vlan: [urn("Vlan", "storage")] },
    }),
    resource("Machine", "db", {
      id: "dbdbdb",
      inputs: { hostname: "db", macAddresses: ["02:00:00:00:00:01", "02:00:00:00:00:02"], tags: [], zone: "left" },
      outputs: { status: "Failed testing", cpuCount: 1 },
    }),
    resource("Bond", "db", {
      id: "dbdbdb/21",
      inputs: { name: "bond0", machine: "dbdbdb", parents: ["02:00:00:00:00:01", "02:00:00:00:00:02"] },
      from: machine,
    }),
    resource("VlanInterface", "db", {
      id: "dbdbdb/22",
      inputs: { name: "bond0.30", parent: "dbdbdb/21", vlan: "5002" },
      from: { parent: [urn("Bond", "db")] },
    }),
    resource("InterfaceLink", "db-main", {
      id: "l1",
      inputs: { interface: "dbdbdb/21", subnet: "172.16.0.0/20", mode: "auto" },
      from: { interface: [urn("Bond", "db")] },
    }),
    resource("InterfaceLink", "db-storage", {
      id: "l2",
      inputs: { interface: "dbdbdb/22", subnet: "2", address: "10.30.0.9", mode: "static" },
      from: { interface: [urn("VlanInterface", "db")] },
    }),
    resource("StorageLayout", "db", { id: "dbdbdb", inputs: { machine: "dbdbdb", layout: "lvm" }, from: machine }),
    resource("juju:Unit", "db", {
      id: "postgresql/0",
      inputs: { machine: "dbdbdb", roles: ["database"] },
      from: machine,
    }),
    resource("BootImages", "images", { id: "images", inputs: { series: ["jammy", "noble"] } }),
    resource("MaasSettings", "settings", { id: "settings", inputs: { upstreamDns: ["9.9.9.9"] } }),
    resource("juju:Model", "web", { id: "web", inputs: { name: 'web <&"> app' } }),
  ];
}
