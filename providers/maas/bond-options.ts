/** The options of a bond: in the program's words, and on the wire (facts: maas.md 2.14). */
import type { Interface } from "./api/interfaces.ts";
import { interfaceParams } from "./former-interface.ts";
import type { Fields } from "./made-interface.ts";

export const modes = [
  "active-backup",
  "balance-rr",
  "balance-xor",
  "broadcast",
  "802.3ad",
  "balance-tlb",
  "balance-alb",
];
export const policies = ["layer2", "layer2+3", "layer3+4", "encap2+3", "encap3+4"];

export interface BondOptions {
  mode: string;
  miimon?: number;
  downDelay?: number;
  upDelay?: number;
  lacpRate?: string;
  hashPolicy?: string;
}

const OPTIONS = {
  mode: "bond_mode",
  miimon: "bond_miimon",
  downDelay: "bond_downdelay",
  upDelay: "bond_updelay",
  lacpRate: "bond_lacp_rate",
  hashPolicy: "bond_xmit_hash_policy",
} as const satisfies Record<keyof BondOptions, keyof Fields>;

const options = Object.entries(OPTIONS) as [keyof BondOptions, (typeof OPTIONS)[keyof BondOptions]][];

/** Those that are asked for. */
export const wantedOptions = (inputs: BondOptions): Fields =>
  Object.fromEntries(
    options.flatMap(([input, field]) => (inputs[input] === undefined ? [] : [[field, inputs[input]]])),
  );

export const actualOptions = (nic: Interface): Fields => {
  const params = interfaceParams(nic);
  return Object.fromEntries(
    options.flatMap(([, field]) => (params[field] === undefined ? [] : [[field, params[field]]])),
  );
};

/** Those that are asked for, as they are. */
export const shownOptions = (nic: Interface, asked: BondOptions): Partial<BondOptions> => {
  const params = interfaceParams(nic);
  return Object.fromEntries(
    options.flatMap(([input, field]) => (asked[input] === undefined ? [] : [[input, params[field]]])),
  );
};
