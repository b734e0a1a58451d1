/**
 * A public SSH key of the MAAS user whose API key is used. MAAS puts it on every machine that this user deploys, for
 * the user `ubuntu`; without any nobody can sign in. A key that is there already is used and left there.
 */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { stackId } from "../core/stack-identity.ts";
import type { SshKey as SshKeyObject } from "./api/ssh-keys.ts";
import type { MaasServices } from "./services.ts";
import { sshKeyProblem } from "./user-data.ts";

export interface SshKeyArgs {
  /** The line of a .pub file. Changing this replaces. */
  key: pulumi.Input<string>;
}

interface Inputs {
  key: string;
  /** This stack's identity: it is written behind the key's comment, so that a crash cannot make us forget whose it is. */
  stackId: string;
}

interface State extends Inputs {
  /** True when the user had it before us: then it stays on delete. */
  adopted: boolean;
}

export const sshKey: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    key: { replace: "another key; the old one is taken away from the MAAS user, not from machines that run" },
    stackId: "ignore",
  },
  deleteBeforeReplace: false,

  normalise: (inputs) => (typeof inputs.key === "string" ? { ...inputs, key: inputs.key.trim() } : inputs),

  check(check) {
    check.onlyKnown(["key", "stackId", "adopted"]);
    check.required("key", '"ssh-ed25519 AAAA... you@laptop"');
    check.text("key", sshKeyProblem);
  },

  async create({ services }, inputs) {
    const known = await find(services, inputs);
    if (known) return made(known, inputs);
    try {
      return made(await services.client.sshKeys.create(marked(inputs)), inputs);
    } catch (error) {
      const found = isError(error, "refused", "ambiguous", "conflict") ? await find(services, inputs) : undefined;
      if (found) return made(found, inputs);
      throw error;
    }
  },

  async leftBehind({ services }, inputs) {
    const found = await find(services, inputs);
    return found?.key.trim() === marked(inputs) ? made(found, inputs) : undefined;
  },

  async read({ services }, id, state) {
    return (await services.client.sshKeys.read(Number(id))) && state;
  },

  update: (_context, _id, old) => Promise.resolve(old),

  async delete({ services }, id, state) {
    if (!state.adopted) await services.client.sshKeys.delete(Number(id));
  },
};

/** Behind a key's comment there may be anything; sshd does not read it. */
const marked = (inputs: Inputs): string => `${inputs.key} metalform:${inputs.stackId}`;

const made = (found: SshKeyObject, inputs: Inputs) => ({
  id: String(found.id),
  state: { ...inputs, adopted: found.key.trim() !== marked(inputs) },
});

/** Ours, else the user's own. */
async function find(services: MaasServices, inputs: Inputs): Promise<SshKeyObject | undefined> {
  const keys = await services.client.sshKeys.list();
  const named = (text: string) => keys.find((known) => known.key.trim() === text);
  return named(marked(inputs)) ?? named(inputs.key);
}

export class SshKey extends DynamicResource {
  constructor(name: string, args: SshKeyArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:SshKey", name, { ...args, stackId: stackId() }, ["adopted"], options);
  }
}
