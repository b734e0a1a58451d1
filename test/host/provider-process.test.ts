/** What only the real provider process shows: loading by the text in the state, bad input at preview, no secrets, no orphans. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { kindNames } from "../../providers/runtime.ts";
import { ProviderProcess } from "../support/provider-process.ts";

let host: ProviderProcess;

before(async () => {
  host = await ProviderProcess.start({ METALFORM_POWER_PASSWORD: "planted-amt-password" });
});
after(async () => {
  if (host.child.exitCode === null) await host.orphan();
});

const urn = (name: string) => `urn:pulumi:dev::metalform::pulumi-nodejs:dynamic/maas:Machine::${name}`;
const server = (name: string, last: string) => ({
  __urn: urn(name),
  hostname: name,
  macAddresses: [`1C-69-7A-00-00-0${last}`],
  power: { type: "amt", address: `172.16.15.${last}` },
});

test("every kind loads from the text that states hold", async () => {
  for (const kind of kindNames) await host.check(kind, {});
});

test("inputs come back with defaults and one spelling", async () => {
  const { inputs, failures } = await host.check("maas:Machine", server("server1", "1"));
  assert.deepEqual(failures, []);
  assert.deepEqual(inputs["macAddresses"], ["1c:69:7a:00:00:01"]);
  assert.equal(inputs["commissionTimeout"], "45 minutes");
});

test("an unchanged machine is no difference, whatever its outputs", async () => {
  const { inputs } = await host.check("maas:Machine", server("server2", "2"));
  assert.deepEqual(await host.diff("maas:Machine", { ...inputs, status: "Ready", systemId: "abc123" }, inputs), {
    changes: false,
    replaces: [],
  });
});

const catalogue: { wrong: string; kind: string; inputs: Record<string, unknown>; told: string[] }[] = [
  {
    wrong: "a machine with nothing (without power it must be in MAAS already)",
    kind: "maas:Machine",
    inputs: {},
    told: ['macAddresses is missing; write for example ["1c:69:7a:00:00:01"]'],
  },
  {
    wrong: "an unknown power type",
    kind: "maas:Machine",
    inputs: { ...server("server3", "3"), power: { type: "atm", address: "172.16.15.3" } },
    told: ['power.type "atm" is unknown; did you mean "amt"?'],
  },
  {
    wrong: "parameters of a power type missing or misspelt",
    kind: "maas:Machine",
    inputs: { ...server("server3", "3"), power: { type: "webhook", onUri: "power.example", offURI: "x" } },
    told: [
      'power.offURI is not known here; did you mean "offUri"?',
      'power.onUri "power.example" is not an http(s) URL',
      'power.offUri is missing; write for example "https://power.example/server1"',
      'power.queryUri is missing; write for example "https://power.example/server1"',
    ],
  },
  {
    wrong: "a password where the name of one belongs",
    kind: "maas:Machine",
    inputs: { ...server("server3", "3"), power: { type: "amt", address: "172.16.15.3", password: "x" } },
    told: ["power.password is not known here; write one of type, address, credential"],
  },
  {
    wrong: "an unknown hardware test",
    kind: "maas:Machine",
    inputs: { ...server("server3", "3"), testingScripts: ["memtestr"] },
    told: ['testingScripts[0] "memtestr" is no hardware test; did you mean "memtester"?'],
  },
  {
    wrong: "a duration without unit and an unknown policy",
    kind: "maas:Machine",
    inputs: { ...server("server3", "3"), commissionTimeout: "45", onTestFailure: "ignore" },
    told: [
      'onTestFailure "ignore" is unknown; write one of fail, warn, override',
      'commissionTimeout "45" has no unit; write for example "45 minutes"',
    ],
  },
  {
    wrong: "the MAC address and the AMT address of another machine",
    kind: "maas:Machine",
    inputs: { ...server("server9", "1") },
    told: [
      "macAddresses[0] MAC 1c:69:7a:00:00:01 is server1's already; each machine has its own",
      "power.address amt 172.16.15.1 is server1's already; each machine has its own",
    ],
  },
  {
    wrong: "an unknown series and erase flags that contradict each other",
    kind: "maas:Deployment",
    inputs: { machine: "abc123", series: "jamy", erase: { quick: true, secure: true }, stackId: "s" },
    told: [
      "erase has quick and secure, which contradict each other; write one of them",
      'series "jamy" is no series that can be deployed; did you mean "jammy"?',
    ],
  },
  {
    wrong: "user-data that cloud-init would ignore, and a private key",
    kind: "maas:Deployment",
    inputs: { machine: "abc123", userData: "packages: [git]", sshKeys: ["-----BEGIN KEY-----"], stackId: "s" },
    told: [
      'userData must begin with "#cloud-config", "#!" or a MIME header: cloud-init ignores anything else (and do not encode it)',
      'sshKeys[0] is not a public SSH key; write the line of your key\'s .pub file, for example "ssh-ed25519 AAAA... you@laptop"',
    ],
  },
  {
    wrong: "an address outside its subnet",
    kind: "maas:InterfaceLink",
    inputs: { machine: "abc123", macAddress: "1c:69:7a:00:00:01", subnet: "172.16.0.0/20", address: "10.0.0.1" },
    told: ['address "10.0.0.1" is outside 172.16.0.0/20; write an address in it'],
  },
  {
    wrong: "a bridge on a bridge, under a name that Linux does not take, with an MTU that its parent lacks",
    kind: "maas:OvsBridge",
    inputs: { parent: "abc123/4", name: "br-0123456789abc", mtu: 9000, origin: { type: "bridge", mtu: 1500 } },
    told: [
      'name "br-0123456789abc" has 16 bytes; Linux allows 15: write "br-0123456789ab" or shorter',
      "mtu 9000 is larger than its parent's, 1500; write at most that, or give the parent more",
      "parent is a bridge, and there is no bridge on a bridge; write a card, a bond or a VLAN interface",
    ],
  },
  {
    wrong: "a bond of one card",
    kind: "maas:Bond",
    inputs: { machine: "abc123", macAddresses: ["1c:69:7a:00:00:01"], name: "bond0", mode: "802.3da" },
    told: [
      "macAddresses is one interface; a bond has two at least",
      'mode "802.3da" is unknown; did you mean "802.3ad"?',
    ],
  },
  {
    wrong: "a tag with a space",
    kind: "maas:Tag",
    inputs: { name: "my tag" },
    told: ['name "my tag" is no name for a tag; write letters, digits, dots, dashes and underscores'],
  },
];

for (const { wrong, kind, inputs, told } of catalogue) {
  test(`told in the preview: ${wrong}`, async () => {
    assert.deepEqual((await host.check(kind, inputs)).failures, told);
  });
}

test("without a MAAS it says which settings are missing, without a stack and without a secret", async () => {
  const { inputs } = await host.check("maas:Machine", server("server4", "4"));
  await assert.rejects(host.create("maas:Machine", inputs), (error: Error) => {
    assert.match(error.message, /Which MAAS\? Not set: the MAAS URL .* and the API key .*make up/);
    assert.doesNotMatch(error.message + host.errors, /planted-amt-password|\.ts:\d+/);
    return true;
  });
});

test("it ends when the CLI is gone", async () => {
  assert.equal(await host.orphan(), 1);
});
