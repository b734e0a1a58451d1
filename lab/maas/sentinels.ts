/**
 * Machines that fail on purpose, so that a person can see a failure by hand: by hostname (auto mode) or by BMC address (both modes).
 * docs/lab-sentinels.md tells them to people; a test holds the two together.
 */
import type { Machine } from "./machine-state.ts";
import { scriptTypes } from "./script-form.ts";
import type { Script } from "./state.ts";

export interface BmcFault {
  /** `power_address`, of any power type that has one. */
  address: string;
  status: 500 | 503;
  retryAfter?: string;
  meaning: string;
  /** The recordings' power driver put no names into its texts. */
  text: string;
}

/** Addresses: transcripts, seed.json, bmc. Texts: as observed (facts: maas.md 3.6). */
export const bmcFaults: readonly BmcFault[] = [
  {
    address: "192.0.2.99",
    status: 500,
    meaning: "the power action fails",
    text: "Failed to connect to BMC",
  },
  {
    address: "192.0.2.98",
    status: 503,
    meaning: "no rack controller reaches the BMC",
    text: "No rack controllers can access the BMC of node x",
  },
  {
    address: "192.0.2.97",
    status: 503,
    retryAfter: "10",
    meaning: "no rack controller is connected",
    text: "Unable to connect to any rack controller x",
  },
  {
    address: "192.0.2.96",
    status: 503,
    retryAfter: "10",
    meaning: "another power action is in progress",
    text: "busy",
  },
];

export const bmcFault = (machine: Machine): BmcFault | undefined =>
  bmcFaults.find(({ address }) => address === machine.powerParameters["power_address"]);

export const hostnameSentinels = {
  "fail-commissioning": "the commissioning script 20-maas-02-dhcp-unconfigured-ifaces fails: Failed commissioning",
  "fail-disk-test": "every storage test fails: Failed testing",
  "fail-memory-test": "every memory test fails, with an output that says which address: Failed testing",
  "fail-deploy": "curtin fails while it extracts the image: Failed deployment",
  "fail-erase": "erasing the disks fails: Failed disk erasing",
  "fail-rescue": "the rescue system does not come up: Failed to enter rescue mode",
  "stuck-commissioning":
    "boots, but never reports a script, until the node timeout of 30 minutes: Failed commissioning",
  "stuck-testing": "the first test never ends, until the node timeout: Failed testing",
  "stuck-deploy": "curtin never ends, until the node timeout of 30 minutes: Failed deployment",
  "stuck-release": "the power never goes off, until the timeout of 5 minutes: Releasing failed",
} as const satisfies Record<string, string>;

export type HostnameSentinel = keyof typeof hostnameSentinels;

/** `fail-deploy` and `fail-deploy-2`, `fail-deploy-rack7`... */
export const isSentinel = (machine: Machine, sentinel: HostnameSentinel): boolean =>
  machine.hostname === sentinel || machine.hostname.startsWith(`${sentinel}-`);

export const isAnySentinel = (machine: Machine): boolean =>
  Object.keys(hostnameSentinels).some((sentinel) => isSentinel(machine, sentinel as HostnameSentinel));

const memtesterOutput = `memtester version 4.5.1 (64-bit)
Loop 1/1:
  Stuck Address       : ok
  Random Value        : ok
FAILURE: 0x2a80f3c1 != 0x2a80f3c9 at offset 0x0000000009c4d2a8.
  Compare XOR         : FAIL
memtester: one bit differs, at physical address 0x9c4d2a8: replace the memory module in slot DIMM1
`;

const smartctlOutput =
  "SMART overall-health self-assessment test result: FAILED!\nDrive failure expected in less than 24 hours.\n";

/** What a test that fails on this machine prints; undefined for one that passes. */
export function failedTest(machine: Machine, script: Script | undefined): string | undefined {
  if (script?.type !== scriptTypes.testing) return undefined;
  if (isSentinel(machine, "fail-memory-test") && script.tags.includes("memory")) return memtesterOutput;
  if (isSentinel(machine, "fail-disk-test") && script.tags.includes("storage")) return smartctlOutput;
  return undefined;
}
