/** What is drawn: the resources of a stack, from its state, or as a preview says that they will be. */
import type { ExportedStack, StateResource } from "../stack/deployment.ts";

/** What the preview would do to it. */
export type Change = "create" | "update" | "replace" | "delete";

/** One resource of a dynamic provider. */
export interface Declared {
  urn: string;
  /** "maas" of "pulumi-nodejs:dynamic/maas:Machine". */
  module: string;
  /** "Machine" of the same. */
  kind: string;
  /** The name in the program. */
  name: string;
  /** Undefined for what is still to be made. */
  id: string | undefined;
  /** Inputs, and outputs over them; without what is secret or not known yet. */
  fields: Record<string, unknown>;
  /** The names of those that are inputs. */
  inputs: string[];
  /** For each input the resources whose outputs it was made of. */
  references: Record<string, string[]>;
  change: Change | undefined;
}

/** One step of `pulumi preview --json`. */
export interface PreviewStep {
  op: string;
  urn: string;
  oldState?: StateResource;
  newState?: StateResource;
}

/** How Pulumi's JSON writes a value that is not known before the resource is made, and the key that marks a secret. */
const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";
const signature = "4dabf18193072939515e22adb298388d";
const hidden = "[secret]";

const changeOf: Record<string, Change> = {
  create: "create",
  update: "update",
  replace: "replace",
  "create-replacement": "replace",
  "delete-replaced": "replace",
  delete: "delete",
};

/** In the state's order. What was replaced and is still to be deleted is not drawn. */
export const declaredInState = (stack: ExportedStack | undefined): Declared[] =>
  (stack?.deployment.resources ?? [])
    .filter((resource) => resource.delete !== true)
    .flatMap((resource) => declared(resource, undefined));

/** The state with the preview's steps over it: the preview leaves out what stays the same. */
export function declaredInPreview(steps: readonly PreviewStep[], stack: ExportedStack | undefined): Declared[] {
  const all = new Map(declaredInState(stack).map((resource) => [resource.urn, resource]));
  for (const { op, oldState, newState } of steps) {
    const change = changeOf[op];
    // A replacement has up to three steps; the one with the new state is drawn.
    const shown = newState ?? (op === "delete" ? oldState : undefined);
    if (change === undefined || shown === undefined) continue;
    // What only the old state has, such as the status, holds until the change.
    const outputs = change === "update" ? { ...oldState?.outputs, ...newState?.inputs } : shown.outputs;
    for (const resource of declared({ ...shown, ...(outputs ? { outputs } : {}) }, change))
      all.set(resource.urn, resource);
  }
  return [...all.values()];
}

function declared(resource: StateResource, change: Change | undefined): Declared[] {
  const [, module, kind] = /:dynamic\/([\w-]+):(\w+)$/.exec(resource.type) ?? [];
  if (module === undefined || kind === undefined) return [];
  return [
    {
      urn: resource.urn,
      module,
      kind,
      name: resource.urn.split("::").at(-1) ?? "",
      id: resource.id || undefined,
      fields: plainFields({ ...resource.inputs, ...resource.outputs }),
      inputs: Object.keys(resource.inputs ?? {}).filter((name) => !name.startsWith("__")),
      references: resource.propertyDependencies ?? {},
      change,
    },
  ];
}

const plainFields = (fields: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(fields)
      .filter(([name]) => !name.startsWith("__"))
      .map(([name, value]) => [name, plain(value)] as const)
      .filter(([, value]) => value !== undefined),
  );

function plain(value: unknown): unknown {
  if (value === unknown || value === hidden || value === null) return undefined;
  if (Array.isArray(value)) return value.map(plain).filter((each) => each !== undefined);
  if (typeof value !== "object") return value;
  return signature in value ? undefined : plainFields(value as Record<string, unknown>);
}
