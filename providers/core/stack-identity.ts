/**
 * A random name for this stack, made once and kept in its state. It is part of every ownership mark, so that two
 * people whose stacks happen to have the same name, on one MAAS and even with one API key, never take each other's
 * machines for their own.
 */
import { randomBytes } from "node:crypto";
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "./dynamic-resource.ts";
import type { Lifecycle } from "./lifecycle.ts";

interface Inputs {
  /** Nothing to set: an identity has no inputs. */
  version?: undefined;
}

interface State extends Inputs {
  stackId: string;
}

export const stackIdentity: Lifecycle<unknown, Inputs, State> = {
  changes: { version: "ignore" },
  deleteBeforeReplace: false,
  check: (check) => {
    check.onlyKnown(["stackId"]);
  },
  create: () => {
    const stackId = randomBytes(6).toString("hex");
    return Promise.resolve({ id: stackId, state: { stackId } });
  },
  read: (_context, id) => Promise.resolve({ stackId: id }),
  update: (_context, id) => Promise.resolve({ stackId: id }),
  delete: () => Promise.resolve(),
};

class StackIdentity extends DynamicResource {
  declare readonly stackId: pulumi.Output<string>;

  constructor() {
    super("metalform:StackIdentity", "identity", {}, ["stackId"], {});
  }
}

let identity: StackIdentity | undefined;

/** This stack's identity; declared once a program, by the first resource that marks what it takes. */
export function stackId(): pulumi.Output<string> {
  identity ??= new StackIdentity();
  return identity.stackId;
}
