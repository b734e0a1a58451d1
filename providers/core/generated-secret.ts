/**
 * A password or key that the program needs and nobody has to know: made once at random, kept in the stack's state, where the
 * engine encrypts it. It never is an input, so no config and no diff shows it.
 */
import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource.ts";
import type { Lifecycle } from "./lifecycle.ts";

export interface GeneratedSecretArgs {
  /** How many characters: letters, digits, "_" and "-", six bits each. Changing this makes another one. @default 43, 256 bits */
  length?: pulumi.Input<number>;
  /** Any text, e.g. a date. Changing this makes another one. @default none */
  rotation?: pulumi.Input<string>;
}

interface Inputs {
  length: number;
  rotation?: string;
}

interface State extends Inputs {
  value: string;
}

const shortest = 16;
const longest = 1024;
const ANOTHER = "another one is made; what was set up with the old one has to be told";

export const generatedSecret: Lifecycle<unknown, Inputs, State> = {
  changes: { length: { replace: ANOTHER }, rotation: { replace: ANOTHER } },
  deleteBeforeReplace: false,
  normalise: (inputs) => ({ ...inputs, length: inputs.length ?? 43 }),
  check: (check) => {
    check.onlyKnown(["length", "rotation", "value"]);
    check.text("rotation");
    check.wholeNumber("length", shortest, longest);
  },
  create: (_context, inputs) => {
    const value = randomBytes(inputs.length).toString("base64url").slice(0, inputs.length);
    // The id is no part of the secret.
    return Promise.resolve({ id: randomBytes(6).toString("hex"), state: { ...inputs, value } });
  },
  read: (_context, _id, state) => Promise.resolve(state),
  update: (_context, _id, old, inputs) => Promise.resolve({ ...inputs, value: old.value }),
  delete: () => Promise.resolve(),
};

export class GeneratedSecret extends DynamicResource {
  /** Secret in the state and on the screen. */
  declare readonly value: pulumi.Output<string>;

  constructor(name: string, args: GeneratedSecretArgs = {}, options?: pulumi.CustomResourceOptions) {
    const secret = { additionalSecretOutputs: ["value"] };
    super("metalform:GeneratedSecret", name, args, ["value"], { ...options, ...secret });
  }
}
