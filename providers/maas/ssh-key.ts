/**
 * A public SSH key of the MAAS user whose API key is used. MAAS puts it on every machine that this user deploys, for
 * the user `ubuntu`; without any nobody can sign in. A key that is there already is used and left there.
 */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import type { SshKey as SshKeyObject } from "./api/ssh-keys.ts";
import type { MaasServices } from "./services.ts";
import { sshKeyProblem } from "./user-data.ts";

export interface SshKeyArgs {
  /** The line of a .pub file. Changing this replaces. */
  key: pulumi.Input<string>;
}

interface Inputs {
  key: string;
}

interface State extends Inputs {
  /** True when the user had it before us: then it stays on delete. */
  adopted: boolean;
}

export const sshKey: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    key: { replace: "another key; the old one is taken away from the MAAS user, not from machines that run" },
  },
  deleteBeforeReplace: false,

  normalise: (inputs) => (typeof inputs.key === "string" ? { key: inputs.key.trim() } : inputs),

  check(check) {
    check.onlyKnown(["key", "adopted"]);
    check.required("key", '"ssh-ed25519 AAAA... you@laptop"');
    check.text("key", sshKeyProblem);
  },

  async create({ services }, inputs) {
    const known = await find(services, inputs.key);
    if (known) return { id: String(known.id), state: { ...inputs, adopted: true } };
    try {
      const made = await services.client.sshKeys.create(inputs.key);
      return { id: String(made.id), state: { ...inputs, adopted: false } };
    } catch (error) {
      const made = isError(error, "refused", "ambiguous", "conflict") ? await find(services, inputs.key) : undefined;
      if (made) return { id: String(made.id), state: { ...inputs, adopted: false } };
      throw error;
    }
  },

  async leftBehind({ services }, inputs) {
    // Whether it was there before cannot be told any more: rather leave a key behind than take somebody's away.
    const found = await find(services, inputs.key);
    return found && { id: String(found.id), state: { ...inputs, adopted: true } };
  },

  async read({ services }, id, state) {
    return (await services.client.sshKeys.read(Number(id))) && state;
  },

  update: (_context, _id, old) => Promise.resolve(old),

  async delete({ services }, id, state) {
    if (!state.adopted) await services.client.sshKeys.delete(Number(id));
  },
};

const find = async (services: MaasServices, key: string): Promise<SshKeyObject | undefined> =>
  (await services.client.sshKeys.list()).find((known) => known.key.trim() === key);

export class SshKey extends DynamicResource {
  constructor(name: string, args: SshKeyArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:SshKey", name, { ...args }, ["adopted"], options);
  }
}
