/** Kinds of scripts, of the hardware they are for, and of what they may run beside: numbers, words, names (facts: maas.md 2.9). */
import { refusal } from "./reply.ts";

export interface Kind {
  /** Numbers by the words that clients may send instead; a number may also be sent as it is. */
  words: Readonly<Record<string, number>>;
  /** By number. */
  names: Readonly<Record<number, string>>;
  /** What MAAS says to another word. */
  refusal: string;
  /** In "Invalid NOUN numeric value." */
  noun: string;
}

export const scriptTypes: Kind = {
  words: { commission: 0, commissioning: 0, test: 2, testing: 2, release: 3 },
  names: { 0: "Commissioning script", 2: "Testing script", 3: "Release script" },
  refusal: "Script type must be commissioning, testing or release",
  noun: "script type",
};

export const hardwareTypes: Kind = {
  words: {
    node: 0,
    machine: 0,
    controller: 0,
    other: 0,
    generic: 0,
    cpu: 1,
    processor: 1,
    memory: 2,
    ram: 2,
    storage: 3,
    disk: 3,
    ssd: 3,
    network: 4,
    net: 4,
    interface: 4,
    gpu: 5,
    graphics: 5,
  },
  names: { 0: "Node", 1: "CPU", 2: "Memory", 3: "Storage", 4: "Network", 5: "GPU" },
  refusal: "Hardware type must be node, cpu, memory, storage, or gpu",
  noun: "hardware type",
};

export const parallelKinds: Kind = {
  words: { disabled: 0, none: 0, instance: 1, name: 1, any: 2, enabled: 2 },
  names: { 0: "Disabled", 1: "Run along other instances of this script", 2: "Run along any other script." },
  refusal: "Script parallel must be disabled, instance, or any.",
  noun: "script parallel",
};

export const resultTypes: Kind = {
  words: { commission: 0, commissioning: 0, install: 1, installation: 1, test: 2, testing: 2, release: 3 },
  names: { 0: "Commissioning", 1: "Installation", 2: "Testing", 3: "Release" },
  refusal: "Invalid result type name",
  noun: "result type",
};

/** The number a text stands for, or what MAAS says to it. */
export function kindOf(kind: Kind, text: string): number | { error: string } {
  if (/^\d+$/.test(text)) return text in kind.names ? Number(text) : { error: `Invalid ${kind.noun} numeric value.` };
  return kind.words[kind === hardwareTypes ? text.toLowerCase() : text] ?? { error: kind.refusal };
}

/** The same for a filter of a query: undefined when it was not sent, a 400 text for what it cannot be. */
export function filterOf(kind: Kind, text: string | undefined): number | undefined {
  const value = text === undefined ? undefined : kindOf(kind, text);
  if (typeof value === "object") throw refusal(400, value.error);
  return value;
}

/** `include_output` and `include_script`: any text but the empty one counts, also "false". */
export const isAsked = (text: string | undefined): boolean => text !== undefined && text !== "";
