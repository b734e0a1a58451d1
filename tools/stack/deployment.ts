/** What Pulumi's state says of a stack, as `pulumi stack export` gives it (apitype.DeploymentV3). */
export interface StateResource {
  urn: string;
  type: string;
  id?: string;
  /** Replaced, and still to be deleted. */
  delete?: boolean;
  /** Deleted already, to be made anew: the engine asks nobody to delete it. */
  pendingReplacement?: boolean;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  /** For each input the URNs of the resources whose outputs it was made of. */
  propertyDependencies?: Record<string, string[]>;
}

export interface PendingOperation {
  type: "creating" | "updating" | "deleting" | "reading" | "importing";
  resource: StateResource;
}

export interface ExportedStack {
  version: number;
  deployment: {
    resources?: StateResource[];
    pending_operations?: PendingOperation[];
  };
}

/**
 * Creations that an interrupted Pulumi did not see the end of. The engine keeps them for ever and warns on every `up`;
 * all other kinds it forgets by itself.
 */
export const pendingCreates = (stack: ExportedStack): PendingOperation[] =>
  (stack.deployment.pending_operations ?? []).filter((operation) => operation.type === "creating");

/**
 * Those of them whose thing is not in the state: nobody knows whether it was made. After an `up` that ended well, any
 * that is left belongs to a resource that the program no longer has.
 */
export function lostCreates(stack: ExportedStack): PendingOperation[] {
  const known = new Set((stack.deployment.resources ?? []).map((resource) => resource.urn));
  return pendingCreates(stack).filter((operation) => !known.has(operation.resource.urn));
}

/** The same state without pending operations, and with what turned out to be there after all. */
export function settled(stack: ExportedStack, found: StateResource[]): ExportedStack {
  const resources = (stack.deployment.resources ?? []).map((resource) => {
    const successor = found.find(({ urn }) => urn === resource.urn);
    // Deleted before it was made anew: where it was, since what comes later in the state may rest on it.
    if (successor && resource.pendingReplacement === true) return successor;
    // Made in its place, before it was deleted itself.
    return successor && successor.id !== resource.id ? { ...resource, delete: true } : resource;
  });
  const added = found.filter(
    ({ urn, id }) => !resources.some((resource) => resource.urn === urn && resource.id === id),
  );
  return {
    ...stack,
    deployment: { ...stack.deployment, resources: [...resources, ...added], pending_operations: [] },
  };
}

/** The stack's outputs as plain values; secret ones are still encrypted. */
export const stackOutputs = (stack: ExportedStack): Record<string, unknown> =>
  stack.deployment.resources?.find((resource) => resource.type === "pulumi:pulumi:Stack")?.outputs ?? {};
