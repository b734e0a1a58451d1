/** The catalogue of what a person can write wrong in the config: all of it is told at once, before anything is done. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { rackConfig } from "../../stacks/config.ts";

const server1 = { name: "server1", mac: "1c:69:7a:00:00:01", amt: "172.16.15.1", address: "172.16.0.11" };
const server2 = { name: "server2", mac: "1c:69:7a:00:00:02", amt: "172.16.15.2", address: "172.16.0.12" };

const read = (written: Record<string, unknown>) => {
  const config = { subnet: "172.16.0.0/20", ...written };
  const texts = Object.entries(config).map(([key, value]): [string, string] => [
    `metalform:${key}`,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  pulumi.runtime.setAllConfig(Object.fromEntries(texts));
  return rackConfig();
};

const complaints = (config: Record<string, unknown>): string[] => {
  try {
    read(config);
  } catch (error) {
    assert.ok(error instanceof pulumi.RunError, "shown without a stack");
    return error.message
      .split("\n")
      .slice(1)
      .map((line) => line.trim().replace("metalform:", ""));
  }
  return [];
};

beforeEach(() => {
  process.env["PULUMI_CONFIG_SECRET_KEYS"] = "[]";
});

test("the seed's rack is read as it is written", () => {
  const config = read({ subnet: "172.16.0.0/20", machines: [server1, { ...server2, mac: "1C-69-7A-00-00-02" }] });
  assert.equal(config.series, "jammy");
  assert.deepEqual(config.machines[1], {
    name: "server2",
    mac: "1c:69:7a:00:00:02",
    power: { type: "amt", address: "172.16.15.2" },
    address: "172.16.0.12",
    tags: [],
    adopt: false,
  });
});

const catalogue: { wrong: string; config: Record<string, unknown>; told: string[] }[] = [
  {
    wrong: "no machines",
    config: {},
    told: ["machines is missing; write a list of { name, mac, amt, address }, one a machine"],
  },
  {
    wrong: "a malformed MAC",
    config: { machines: [{ ...server1, mac: "1c:69:7a:00:00" }] },
    told: [
      'machines[0].mac "1c:69:7a:00:00" is not a MAC address; write six pairs of hex digits, for example "52:54:00:12:34:56"',
    ],
  },
  {
    wrong: "a multicast MAC",
    config: { machines: [{ ...server1, mac: "01:00:5e:00:00:01" }] },
    told: ['machines[0].mac "01:00:5e:00:00:01" is a multicast address; a network card has an even first byte'],
  },
  {
    wrong: "a MAC of another machine, spelt differently",
    config: { machines: [server1, { ...server2, mac: "1C697A000001" }] },
    told: ['machines[1].mac "1c:69:7a:00:00:01" is already server1\'s mac; each must be different'],
  },
  {
    wrong: "a malformed AMT address",
    config: { machines: [{ ...server1, amt: "172.16.15" }] },
    told: ['machines[0].amt "172.16.15" is not an IP address; write for example "172.16.0.101"'],
  },
  {
    wrong: "two machines with one AMT address",
    config: { machines: [server1, { ...server2, amt: server1.amt }] },
    told: ['machines[1].amt "172.16.15.1" is already server1\'s amt; each must be different'],
  },
  {
    wrong: "a machine's address that is another's AMT address",
    config: { machines: [server1, { ...server2, address: server1.amt }] },
    told: ['machines[1].address "172.16.15.1" is already server1\'s amt; each must be different'],
  },
  {
    wrong: "an address outside its subnet",
    config: { subnet: "172.16.0.0/20", machines: [{ ...server1, address: "172.16.16.1" }] },
    told: ['machines[0].address "172.16.16.1" is outside 172.16.0.0/20; write an address in it'],
  },
  {
    wrong: "the broadcast address of the subnet",
    config: { machines: [{ ...server1, address: "172.16.15.255" }] },
    told: ['machines[0].address "172.16.15.255" is 172.16.0.0/20\'s broadcast address; write another'],
  },
  {
    wrong: "an address without a subnet",
    config: { subnet: "", machines: [server1] },
    told: ['machines[0].address needs the rack\'s subnet; write `subnet`, for example "172.16.0.0/20"'],
  },
  {
    wrong: "a bad subnet",
    config: { subnet: "172.16.0.0/33", machines: [server1] },
    told: ['subnet "172.16.0.0/33" is not a subnet; write for example "172.16.0.0/20"'],
  },
  {
    wrong: "a hostname with an underscore",
    config: { machines: [{ ...server1, name: "Server_1" }] },
    told: ['machines[0].name "Server_1" has an underscore; write "server-1"'],
  },
  {
    wrong: "a hostname that is an IP address",
    config: { machines: [{ ...server1, name: "10.0.0.1" }] },
    told: ['machines[0].name "10.0.0.1" is an IP address; MAAS would give the machine a random name instead'],
  },
  {
    wrong: "no power at all, and a slip in a key",
    config: { machines: [{ name: "server1", mac: server1.mac, ant: "172.16.15.1" }] },
    told: [
      'machines[0].ant is not known here; did you mean "amt"?',
      'machines[0].amt is missing; write the AMT address, for example "172.16.15.1", or `power` for another kind, or `adopt: true` for a machine that MAAS knows already',
    ],
  },
  {
    wrong: "two kinds of power",
    config: { machines: [{ ...server1, power: { type: "manual" } }] },
    told: ["machines[0].power is there beside `amt`; take one of them out"],
  },
  {
    wrong: "a slip in a key of the program",
    config: { machines: [server1], serie: "jammy" },
    told: ['serie is no key of this program; did you mean "series"?'],
  },
  {
    wrong: "an API key in clear text",
    config: { machines: [server1], maasKey: "a:b:c" },
    told: ["maasKey is in clear text; write it anew with `pulumi config set --secret maasKey`"],
  },
  {
    wrong: "a machine that is no object",
    config: { machines: ["server1"] },
    told: [
      'machines[0].name is missing; write for example "server1"',
      'machines[0].mac is missing; write for example "1c:69:7a:00:00:01"',
      'machines[0].amt is missing; write the AMT address, for example "172.16.15.1", or `power` for another kind, or `adopt: true` for a machine that MAAS knows already',
    ],
  },
  {
    wrong: "a gateway outside the subnet, and one that is the broadcast address",
    config: { machines: [server1], gateway: "172.16.16.1" },
    told: ['gateway "172.16.16.1" is outside 172.16.0.0/20; write an address in it'],
  },
  {
    wrong: "a subnet with host bits",
    config: { machines: [{ ...server1, address: undefined }], subnet: "172.16.0.1/20" },
    told: ['subnet "172.16.0.1/20" is an address in a subnet, not the subnet; write "172.16.0.0/20"'],
  },
  {
    wrong: "a name server that is a name",
    config: { machines: [server1], dnsServers: ["ns1.example"] },
    told: ['dnsServers[0] "ns1.example" is not an IP address; write for example "172.16.0.101"'],
  },
  {
    wrong: "ranges that are none, end before they begin, lie outside, or cover the gateway",
    config: {
      machines: [server1],
      gateway: "172.16.14.1",
      dynamicRange: "172.16.14.1-172.16.14.254",
      reservedRanges: [
        "172.16.1.1",
        "172.16.2.9-172.16.2.1",
        "172.16.15.0-172.16.16.9 AMT",
        "172.16.15.1-172.16.15.255",
      ],
    },
    told: [
      'dynamicRange "172.16.14.1-172.16.14.254" covers the gateway 172.16.14.1, which DHCP must not give away; leave it out',
      'reservedRanges[0] "172.16.1.1" is no range of addresses; write for example "172.16.14.1-172.16.14.254"',
      'reservedRanges[1] "172.16.2.9-172.16.2.1" ends before it begins; write "172.16.2.1-172.16.2.9"',
      'reservedRanges[2] "172.16.15.0-172.16.16.9 AMT" is not inside 172.16.0.0/20; write one that is',
      'reservedRanges[3] "172.16.15.1-172.16.15.255": "172.16.15.255" is 172.16.0.0/20\'s broadcast address; write another',
    ],
  },
  {
    wrong: "ranges across each other",
    config: {
      machines: [server1],
      dynamicRange: "172.16.14.1-172.16.14.254",
      reservedRanges: ["172.16.14.200-172.16.15.0"],
    },
    told: ["reservedRanges[0] overlaps dynamicRange (172.16.14.1-172.16.14.254); move one of them"],
  },
  {
    wrong: "an address inside the dynamic range",
    config: { machines: [server1], dynamicRange: "172.16.0.2-172.16.0.50" },
    told: [
      'machines[0].address "172.16.0.11" is inside dynamicRange (172.16.0.2-172.16.0.50), whose addresses DHCP gives away; ' +
        "write one outside of it",
    ],
  },
  {
    wrong: "an address that is the gateway",
    config: { machines: [server1], gateway: "172.16.0.11" },
    told: ['machines[0].address "172.16.0.11" is the gateway; write another'],
  },
  {
    wrong: "a network without its subnet, and DHCP that is neither on nor off",
    config: { subnet: "", machines: [{ ...server1, address: undefined }], gateway: "172.16.0.1", dhcp: "yes" },
    told: [
      "dhcp must be true or false, not a string",
      'gateway needs the rack\'s subnet; write `subnet`, for example "172.16.0.0/20"',
    ],
  },
  {
    wrong: "what to do about a machine that can't be deployed",
    config: { machines: [server1], onDeployFailure: "spares" },
    told: ['onDeployFailure "spares" is unknown; did you mean "spare"?'],
  },
  {
    wrong: "roles of machines that are not there, or have one already, and of no number",
    config: { machines: [server1, server2], roles: { database: ["server1"], app: ["server1", "sever2"], web: 0 } },
    told: [
      'roles.app "server1" has the role database already; choose another',
      'roles.app "sever2" is no machine of the config; did you mean "server2"?',
      "roles.web must be a whole number, 1 or more",
    ],
  },
];

for (const { wrong, config, told } of catalogue) {
  test(`told in the preview: ${wrong}`, () => {
    assert.deepEqual(complaints(config), told);
  });
}

test("everything is told at once", () => {
  const all = complaints({
    subnet: "x",
    machines: [
      { ...server1, mac: "x" },
      { ...server2, amt: "y" },
    ],
    serie: "jammy",
  });
  assert.equal(all.length, 4);
});

test("an encrypted API key is fine", () => {
  process.env["PULUMI_CONFIG_SECRET_KEYS"] = '["metalform:maasKey"]';
  assert.deepEqual(complaints({ machines: [server1], maasKey: "a:b:c" }), []);
});
