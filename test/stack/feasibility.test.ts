/** The table of what cannot work: each row, met and not met, and a MAAS that does not answer. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Survey, SurveyedMachine, UsedAddress } from "../../providers/index.ts";
import type { MachineConfig, RackConfig } from "../../stacks/config.ts";
import { findings } from "../../stacks/feasibility/feasibility.ts";
import { findingTable } from "../../stacks/feasibility/finding.ts";

const machine = (n: number, more: Partial<MachineConfig> = {}): MachineConfig => ({
  name: `server${String(n)}`,
  mac: `1c:69:7a:00:00:0${String(n)}`,
  power: { type: "amt", address: `172.16.15.${String(n)}` },
  address: `172.16.0.1${String(n)}`,
  tags: [],
  adopt: false,
  ...more,
});

const network: NonNullable<RackConfig["network"]> = {
  cidr: "172.16.0.0/20",
  gateway: undefined,
  dnsServers: undefined,
  ranges: [],
  dhcp: undefined,
  bridge: undefined,
  bridgeBelongsTo: "machine",
};

const region: RackConfig["region"] = { images: [], settings: {}, dashboard: undefined };

const dynamicRange = (start: string, end: string) => ({
  type: "dynamic" as const,
  start,
  end,
  comment: "",
  where: "dynamicRange",
});

const config = (more: Partial<RackConfig> = {}): RackConfig => ({
  network,
  machines: [machine(1), machine(2)],
  series: "jammy",
  deploy: true,
  onDeployFailure: "fail",
  pool: undefined,
  zone: undefined,
  tests: { scripts: [], onFailure: "fail" },
  sshKeys: [],
  roles: [],
  region,
  topology: { kind: "none", main: undefined, sshConfig: undefined },
  ...more,
});

const subnet: Survey["subnets"][number] = {
  id: 1,
  cidr: "172.16.0.0/20",
  name: "rack",
  fabric: "fabric-0",
  gateway: "172.16.0.1",
  vlanId: 1,
  dhcpOn: false,
  externalDhcp: undefined,
};

const seen: Survey = {
  user: "admin",
  stack: "metalform/dev",
  version: "3.5.13",
  subnets: [subnet],
  ranges: [],
  racks: [{ hostname: "main", addresses: ["172.16.0.3"], vlanIds: [1] }],
  machines: [],
  images: [{ name: "ubuntu/jammy", complete: true }],
  importing: false,
  addresses: [{ address: "172.16.0.3", kind: "rack", holder: "main", systemId: "rack01", passing: false }],
};

const known = (n: number, more: Partial<SurveyedMachine> = {}): SurveyedMachine => ({
  systemId: `sys00${String(n)}`,
  hostname: `server${String(n)}`,
  status: "Ready",
  owner: undefined,
  stack: undefined,
  locked: false,
  errorDescription: "",
  cores: 4,
  memory: 8192,
  cards: [{ name: "enp1s0", mac: `1c:69:7a:00:00:0${String(n)}`, children: [] }],
  ...more,
});

const used = (address: string, kind: UsedAddress["kind"], holder: string, systemId = "other1"): UsedAddress => ({
  address,
  kind,
  holder,
  systemId,
  passing: false,
});

test("a rack that can work has no row", () => {
  assert.deepEqual(findings(config(), seen), []);
});

test("a rack that is there already has no row either", () => {
  const there = [1, 2].map((n) => known(n, { status: "Deployed", owner: "admin", stack: "metalform/dev" }));
  const own = [1, 2].map((n) => used(`172.16.0.1${String(n)}`, "machine", `server${String(n)}`, `sys00${String(n)}`));
  const bmcs = [1, 2].map((n) => used(`172.16.15.${String(n)}`, "bmc", `server${String(n)}`, `sys00${String(n)}`));
  const range = { type: "dynamic" as const, start: "172.16.14.1", end: "172.16.14.9", subnetId: 1 };
  const asked = { ...network, dhcp: true, ranges: [dynamicRange("172.16.14.1", "172.16.14.9")], bridge: "br-ex" };
  const bridged = there.map((found) => ({
    ...found,
    cards: found.cards.map((card) => ({ ...card, children: [{ name: "br-ex", type: "bridge" as const }] })),
  }));
  assert.deepEqual(
    findings(config({ network: asked }), {
      ...seen,
      machines: bridged,
      ranges: [range],
      addresses: [...seen.addresses, ...own, ...bmcs],
    }),
    [],
  );
});

/** One row each: what is asked for, what MAAS has, and where and what the table then says. */
const rows: { when: string; config?: Partial<RackConfig>; survey?: Partial<Survey>; row: [string, RegExp] }[] = [
  {
    when: "the subnet overlaps another",
    survey: { subnets: [subnet, { ...subnet, id: 2, cidr: "172.16.8.0/24", name: "lab", fabric: "fabric-1" }] },
    row: ["subnet", /172\.16\.0\.0\/20 overlaps the subnet 172\.16\.8\.0\/24 \(lab\) of fabric-1/],
  },
  {
    when: "a range overlaps another",
    config: { network: { ...network, ranges: [dynamicRange("172.16.14.1", "172.16.14.200")] } },
    survey: { ranges: [{ type: "reserved", start: "172.16.14.100", end: "172.16.14.120", subnetId: 1 }] },
    row: ["dynamicRange", /overlaps the reserved range 172\.16\.14\.100-172\.16\.14\.120/],
  },
  {
    when: "a dynamic range covers addresses in use",
    config: { network: { ...network, ranges: [dynamicRange("172.16.0.2", "172.16.0.9")] } },
    row: ["dynamicRange", /covers addresses in use: 172\.16\.0\.3 \(main\)/],
  },
  {
    when: "DHCP has no range",
    config: { network: { ...network, dhcp: true } },
    row: ["dhcp", /neither the config nor MAAS has a dynamic range/],
  },
  {
    when: "DHCP has no rack",
    config: { network: { ...network, dhcp: true, ranges: [dynamicRange("172.16.14.1", "172.16.14.9")] } },
    survey: { racks: [{ hostname: "far", addresses: ["10.0.0.1"], vlanIds: [7] }] },
    row: [
      "dhcp",
      /no rack controller has an interface on the VLAN of 172\.16\.0\.0\/20; there are far \(10\.0\.0\.1\)/,
    ],
  },
  {
    when: "an address is a machine's",
    survey: { addresses: [used("172.16.0.11", "machine", "web7")] },
    row: ["server1 address", /172\.16\.0\.11 is machine web7's/],
  },
  {
    when: "an address is a device's",
    survey: { addresses: [used("172.16.0.11", "device", "printer")] },
    row: ["server1 address", /172\.16\.0\.11 is device printer's/],
  },
  {
    when: "an address is reserved",
    survey: { addresses: [used("172.16.0.11", "reserved", "bob")] },
    row: ["server1 address", /172\.16\.0\.11 is reserved by bob/],
  },
  {
    when: "an address was seen on the network",
    survey: { addresses: [used("172.16.0.11", "seen", "an unknown device")] },
    row: ["server1 address", /172\.16\.0\.11 is in use by something that MAAS saw/],
  },
  {
    when: "an address is a rack's",
    config: { machines: [machine(1, { address: "172.16.0.3" })] },
    row: ["server1 address", /172\.16\.0\.3 is the rack controller main's/],
  },
  {
    when: "an address is a BMC's",
    survey: { addresses: [used("172.16.0.12", "bmc", "nuc9")] },
    row: ["server2 address", /172\.16\.0\.12 is the BMC's of machine nuc9/],
  },
  {
    when: "an address is the gateway that MAAS has",
    config: { machines: [machine(1, { address: "172.16.0.1" })] },
    row: ["server1 address", /172\.16\.0\.1 is the gateway of 172\.16\.0\.0\/20/],
  },
  {
    when: "an address is inside a dynamic range of MAAS's",
    survey: { ranges: [{ type: "dynamic", start: "172.16.0.12", end: "172.16.0.99", subnetId: 1 }] },
    row: ["server2 address", /172\.16\.0\.12 is inside the dynamic range 172\.16\.0\.12-172\.16\.0\.99/],
  },
  {
    when: "an AMT address is another machine's",
    survey: { addresses: [used("172.16.15.1", "bmc", "nuc9")] },
    row: ["server1 amt", /172\.16\.15\.1 is the BMC's of machine nuc9/],
  },
  {
    when: "a machine to adopt is not there",
    config: { machines: [machine(1, { adopt: true, power: undefined })] },
    row: ["server1", /no machine has a card with MAC 1c:69:7a:00:00:01/],
  },
  {
    when: "a hostname is another machine's",
    survey: { machines: [known(9, { hostname: "server1" })] },
    row: ["server1 name", /another machine \(sys009, MAC 1c:69:7a:00:00:09\) has this hostname/],
  },
  {
    when: "a machine is another user's",
    survey: { machines: [known(1, { status: "Deployed", owner: "bob" })] },
    row: ["server1", /MAC 1c:69:7a:00:00:01 is Deployed, and bob's/],
  },
  {
    when: "a machine is another stack's, with the same key",
    survey: { machines: [known(1, { status: "Deployed", owner: "admin", stack: "metalform/prod" })] },
    row: ["server1", /is Deployed, and admin's, for stack metalform\/prod/],
  },
  {
    when: "a machine is locked",
    survey: { machines: [known(2, { locked: true })] },
    row: ["server2", /it is locked/],
  },
  {
    when: "a machine is broken",
    survey: { machines: [known(2, { status: "Broken", errorDescription: "fan" })] },
    row: ["server2", /it is Broken \(fan\)/],
  },
  {
    when: "a card is bridged already",
    config: { network: { ...network, bridge: "br-ex" } },
    survey: {
      machines: [
        known(1, {
          cards: [{ name: "enp1s0", mac: "1c:69:7a:00:00:01", children: [{ name: "br0", type: "bridge" }] }],
        }),
      ],
    },
    row: ["server1 bridge", /its card enp1s0 is part of the bridge br0 already/],
  },
  {
    when: "a card is part of a bond",
    config: { network: { ...network, bridge: "br-ex" } },
    survey: {
      machines: [
        known(1, {
          cards: [{ name: "enp1s0", mac: "1c:69:7a:00:00:01", children: [{ name: "bond0", type: "bond" }] }],
        }),
      ],
    },
    row: ["server1 bridge", /its card enp1s0 is part of the bond bond0 already/],
  },
  {
    when: "MAAS has no image of the series",
    config: { series: "noble" },
    row: ["series", /MAAS has no image of noble; it has jammy/],
  },
  {
    when: "the image is not synchronised",
    survey: { images: [{ name: "ubuntu/jammy", complete: false }], importing: true },
    row: ["series", /the image of jammy is not synchronised yet, MAAS is fetching it/],
  },
  {
    when: "this MAAS is too old for OVS bridges",
    config: { network: { ...network, bridge: "br-ex" } },
    survey: { version: "3.5.4" },
    row: ["bridge", /OVS bridges need MAAS 3\.5\.5 or newer; this is 3\.5\.4/],
  },
  {
    when: "there are more roles than machines",
    config: {
      machines: [machine(1, { tags: ["ssd"] }), machine(2)],
      roles: [
        { name: "database", count: 1, machines: ["server1"], tags: [], cores: 0, memory: 0 },
        { name: "app", count: 2, machines: undefined, tags: [], cores: 0, memory: 0 },
      ],
    },
    row: ["roles.app", /2 wanted, 1 found; not server1 \(is database\), not server2 \(has it already\)/],
  },
  {
    when: "a machine is broken that nobody can stand in for",
    config: {
      onDeployFailure: "spare",
      roles: [{ name: "app", count: 2, machines: undefined, tags: [], cores: 0, memory: 0 }],
    },
    survey: { machines: [known(2, { status: "Broken", errorDescription: "fan" })] },
    row: ["roles.app", /2 wanted, 1 found; not server1 \(has it already\), not server2 \(is Broken\)/],
  },
  {
    when: "a role wants a tag that the free machines lack",
    config: { roles: [{ name: "database", count: 1, machines: undefined, tags: ["ssd"], cores: 0, memory: 0 }] },
    row: ["roles.database", /1 wanted, 0 found; not server1 \(lacks the tag ssd\), not server2 \(lacks the tag ssd\)/],
  },
  {
    when: "a machine is too small for its role",
    config: { roles: [{ name: "database", count: 1, machines: ["server1"], tags: [], cores: 8, memory: 0 }] },
    survey: { machines: [known(1), known(2, { cores: 16 })] },
    row: ["roles.database", /server1 has 4 of 8 cores/],
  },
];

for (const { when, config: asked, survey, row } of rows) {
  test(`it cannot work when ${when}`, () => {
    const found = findings(config(asked), { ...seen, ...survey }).filter(({ warning }) => warning !== true);
    assert.deepEqual(
      found.map(({ where }) => where),
      [row[0]],
    );
    assert.match(found[0]?.seen ?? "", row[1]);
    assert.notEqual(found[0]?.remedy, "");
  });
}

test("another DHCP server and a MAAS with a known fault are warned of, and stop nothing", () => {
  const asked = { ...network, dhcp: true, ranges: [dynamicRange("172.16.14.1", "172.16.14.9")] };
  const found = findings(config({ network: asked }), {
    ...seen,
    version: "3.5.5",
    subnets: [{ ...subnet, externalDhcp: "172.16.0.99" }],
  });
  assert.deepEqual(
    found.map(({ where, warning }) => [where, warning]),
    [
      ["dhcp", true],
      ["machines", true],
    ],
  );
});

test("a broken machine that a spare one may stand in for is warned of, and stops nothing", () => {
  const app = { name: "app", count: 1, machines: undefined, tags: [], cores: 0, memory: 0 };
  const survey = { ...seen, machines: [known(1, { status: "Broken", errorDescription: "fan" })] };
  const found = findings(config({ onDeployFailure: "spare", roles: [app] }), survey);
  assert.deepEqual(
    found.map(({ where, warning }) => [where, warning]),
    [["server1", true]],
  );
});

test("a dynamic range may be laid over what DHCP gave away before", () => {
  const given = { ...used("172.16.14.3", "machine", "server1", "sys001"), passing: true };
  const asked = { ...network, ranges: [dynamicRange("172.16.14.1", "172.16.14.9")] };
  assert.deepEqual(findings(config({ network: asked }), { ...seen, addresses: [given] }), []);
});

test("an image that the program fetches itself is no hindrance", () => {
  assert.deepEqual(findings(config({ series: "noble", region: { ...region, images: ["noble"] } }), seen), []);
});

test("the table has a line a finding, in columns", () => {
  const table = findingTable([
    { where: "dhcp", seen: "no range", remedy: "write one" },
    { where: "server1 address", seen: "172.16.0.3 is taken", remedy: "choose another" },
  ]);
  assert.deepEqual(table.split("\n"), [
    "WHERE            SEEN IN MAAS         WHAT TO DO",
    "dhcp             no range             write one",
    "server1 address  172.16.0.3 is taken  choose another",
  ]);
});
