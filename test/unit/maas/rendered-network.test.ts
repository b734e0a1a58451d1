import assert from "node:assert/strict";
import { test } from "node:test";
import type { Machine } from "../../../providers/maas/api/machines.ts";
import { ProviderError } from "../../../providers/core/errors.ts";
import { checkRendered } from "../../../providers/maas/rendered-network.ts";
import type { MaasServices } from "../../../providers/maas/services.ts";

/** As MAAS 3.5.13 renders it (transcript s12), with a secret beside it. */
const RENDERED = `
network:
  bridges:
    br-ex:
      addresses: [172.16.2.1/20]
      gateway4: 172.16.0.1
      interfaces: [enp1s0]
      macaddress: '52:54:00:00:12:01'
      mtu: 1500
      openvswitch: {}
      optional: false
      parameters: {forward-delay: 15, stp: false}
  ethernets:
    enp1s0: {match: {macaddress: '52:54:00:00:12:01'}, mtu: 1500, set-name: enp1s0}
  version: 2
reporting:
  maas: {token_secret: planted-secret}
`;

const machine = {
  system_id: "abc123",
  hostname: "server1",
  interface_set: [
    { name: "enp1s0", type: "physical", parents: [], params: {}, links: [] },
    {
      name: "br-ex",
      type: "bridge",
      parents: ["enp1s0"],
      params: { bridge_type: "ovs" },
      links: [{ id: 1, mode: "static", ip_address: "172.16.2.1" }],
    },
  ],
} as unknown as Machine;

const services = (answer: () => string) =>
  ({
    client: {
      machines: {
        curtinConfig: () =>
          new Promise<string>((resolve) => {
            resolve(answer());
          }),
      },
    },
  }) as unknown as MaasServices;

test("what MAAS renders for the bridge that it shows is right", async () => {
  await checkRendered(
    services(() => RENDERED),
    machine,
  );
});

const wrong: [string, RegExp][] = [
  [RENDERED.replace("openvswitch: {}", "dhcp4: false"), /br-ex is not one of Open vSwitch/],
  [RENDERED.replace("172.16.2.1/20", "172.16.2.9/20"), /br-ex lacks the address 172\.16\.2\.1/],
  [RENDERED.replace("[enp1s0]", "[]"), /br-ex is not over enp1s0/],
  [RENDERED.replace("br-ex:", "br-other:"), /the bridge br-ex is missing/],
  ["network: {version: 2}", /the bridge br-ex is missing/],
];
for (const [text, told] of wrong) {
  test(`a mismatch is an error that says which, and no secret: ${told.source}`, async () => {
    await assert.rejects(
      checkRendered(
        services(() => text),
        machine,
      ),
      (error: Error) => {
        assert.match(error.message, told);
        assert.match(error.message, /machine server1 .* replace the Deployment/);
        assert.doesNotMatch(error.message, /planted-secret/);
        return true;
      },
    );
  });
}

test("a machine that is not being deployed any more has nothing to be looked at", async () => {
  const gone = () => {
    throw new ProviderError("refused", "Machine server1 is not in a deployment state.");
  };
  await checkRendered(services(gone), machine);
});

test("without an OVS bridge nothing is asked", async () => {
  const asked = () => assert.fail("it was asked");
  await checkRendered(services(asked), { ...machine, interface_set: machine.interface_set.slice(0, 1) });
});
