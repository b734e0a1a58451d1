/**
 * A script that MAAS runs on machines while it commissions, tests or releases them. What it is called, does and needs may
 * stand in the YAML inside of it. MAAS's own scripts, and those that others have uploaded, are never touched.
 */
import type * as pulumi from "@pulumi/pulumi";
import type { Check } from "../core/check.ts";
import { milliseconds } from "../core/duration.ts";
import type { Duration } from "../core/duration.ts";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, ProviderError } from "../core/errors.ts";
import type { Context, Lifecycle } from "../core/lifecycle.ts";
import { stackId } from "../core/stack-identity.ts";
import type { Script, ScriptFields, ScriptType } from "./api/scripts.ts";
import { SCRIPT_TYPES, scriptMetadata, secondsOf, tagsOf, written } from "./script-metadata.ts";
import type { MaasServices } from "./services.ts";
import { BUILT_IN } from "./testing-scripts.ts";

export interface NodeScriptArgs {
  /** Its name in MAAS, by which machines ask for it (`testingScripts`). Changing this replaces. */
  name: pulumi.Input<string>;
  /** The text, from "#!" on. Changed in place: MAAS keeps the versions before. */
  script: pulumi.Input<string>;
  /** When it runs. Changed in place. @default what the metadata says, else "testing" */
  type?: pulumi.Input<ScriptType>;
  /** By which it can be asked for too. Changed in place. @default what the metadata says */
  tags?: pulumi.Input<pulumi.Input<string>[]>;
  /** How long it may run. Changed in place. @default what the metadata says, else for ever */
  timeout?: pulumi.Input<Duration>;
}

interface Inputs {
  name: string;
  script: string;
  type?: ScriptType;
  tags?: string[];
  timeout?: Duration;
  /** This stack's identity: a comment of each version, so that a crash cannot make us forget whose script it is. */
  stackId: string;
}

interface State extends Inputs {
  /** True when MAAS had the very same script before us: then it is left there on delete. */
  adopted: boolean;
}

export const nodeScript: Lifecycle<MaasServices, Inputs, State> = {
  changes: {
    name: { replace: "another name is another script; machines that ask for the old one by name are refused" },
    script: "update",
    type: "update",
    tags: "update",
    timeout: "update",
    stackId: "ignore",
  },
  deleteBeforeReplace: false,

  normalise: (inputs) =>
    typeof inputs.script === "string" ? { ...inputs, script: inputs.script.replaceAll("\r\n", "\n") } : inputs,

  check(check, { warn }) {
    check.onlyKnown([...Object.keys(nodeScript.changes), "adopted"]);
    check.required("name", '"check-fans"');
    check.text("name", nameProblem);
    check.required("script", 'what `readFileSync("check-fans.sh", "utf8")` gives');
    check.oneOf("type", ["commissioning", "testing", "release"]);
    check.texts("tags", tagProblem);
    check.duration("timeout");
    checkScript(check, warn);
  },

  async create(context, inputs) {
    const found = await find(context.services, inputs);
    const { adopted } = context.before(inputs.name, { adopted: found !== undefined && !isOurs(found, inputs) });
    if (!found) await upload(context, inputs);
    else if (!adopted) await bringUpToDate(context, found, inputs);
    return { id: inputs.name, state: { ...inputs, adopted } };
  },

  async leftBehind(context, inputs) {
    const found = await context.services.client.scripts.readWithContent(inputs.name);
    return found && isOurs(found, inputs) ? { id: inputs.name, state: { ...inputs, adopted: false } } : undefined;
  },

  async read({ services }, id, state) {
    const found = await services.client.scripts.readWithContent(id);
    // A name that somebody has taken over is not ours any more.
    if (!found || (!state.adopted && !isOurs(found, state))) return undefined;
    return { ...state, ...drift(found, state) };
  },

  async update(context, _id, old, inputs) {
    const found = await find(context.services, inputs);
    if (!found) await upload(context, inputs);
    else await bringUpToDate(context, found, inputs);
    return { ...inputs, adopted: old.adopted };
  },

  async delete({ services }, id, state) {
    if (!state.adopted) await services.client.scripts.delete(id);
  },
};

const TYPES: Readonly<Record<number, ScriptType>> = { 0: "commissioning", 2: "testing", 3: "release" };
/** MAAS gives these by itself (canonical/maas models/script.py). */
const AUTOMATIC_TAGS = ["node", "cpu", "memory", "storage", "network", "gpu", "destructive"];

const markOf = ({ stackId: stack }: Inputs): string => `metalform:${stack}`;

const isOurs = (found: Script, inputs: Inputs): boolean =>
  found.history.some((version) => version.comment === markOf(inputs));

const textOf = (found: Script): string => Buffer.from(found.history[0]?.data ?? "", "base64").toString("utf8");

/** @throws ProviderError not-ours where the name is MAAS's own or another's */
async function find({ client }: MaasServices, inputs: Inputs): Promise<Script | undefined> {
  const found = await client.scripts.readWithContent(inputs.name);
  if (!found || isOurs(found, inputs) || (!found.default && textOf(found) === inputs.script)) return found;
  throw new ProviderError(
    "not-ours",
    found.default
      ? `The script ${inputs.name} is one that MAAS brings along. Choose another name.`
      : `MAAS has a script ${inputs.name} already that is not this stack's, and its text is another. Choose another name, or delete that one first.`,
  );
}

async function upload(context: Context<MaasServices>, inputs: Inputs): Promise<void> {
  const { scripts } = context.services.client;
  context.progress(`Uploading the script ${inputs.name}`);
  await scripts.create({ name: inputs.name, ...fieldsOf(inputs) }).catch(async (error: unknown) => {
    // Somebody was faster, or the answer was lost: then it is there now.
    const found = isError(error, "refused", "ambiguous", "conflict") ? await find(context.services, inputs) : undefined;
    if (!found) throw error;
  });
}

async function bringUpToDate({ services }: Context<MaasServices>, found: Script, inputs: Inputs): Promise<void> {
  const wanted = fieldsOf(inputs);
  const isRight =
    textOf(found) === inputs.script &&
    TYPES[found.type] === wanted.type &&
    sameTags(found.tags, wanted.tags?.split(",") ?? []) &&
    secondsOf(found.timeout) === Number(wanted.timeout);
  if (!isRight) await services.client.scripts.update(inputs.name, wanted);
}

/** All of them each time: MAAS takes tags and timeout from the metadata of the first version only. */
function fieldsOf(inputs: Inputs): ScriptFields {
  const { fields } = scriptMetadata(inputs.script);
  const { script_type: type, timeout } = fields;
  const seconds =
    inputs.timeout === undefined ? (secondsOf(written(timeout ?? 0)) ?? 0) : milliseconds(inputs.timeout) / 1000;
  return {
    script: inputs.script,
    comment: markOf(inputs),
    type: inputs.type ?? typeOf(type) ?? "testing",
    tags: (inputs.tags ?? tagsOf(fields) ?? []).join(","),
    timeout: String(Math.round(seconds)),
  };
}

const typeOf = (type: unknown): ScriptType | undefined =>
  typeof type === "number" ? TYPES[type] : typeof type === "string" ? SCRIPT_TYPES[type] : undefined;

const sameTags = (found: string[], wanted: string[]): boolean => {
  const [theirs, ours] = [found, wanted].map((tags) =>
    tags.filter((tag) => tag !== "" && !AUTOMATIC_TAGS.includes(tag)),
  );
  return [...(theirs ?? [])].sort().join() === [...(ours ?? [])].sort().join();
};

function drift(found: Script, state: State): Partial<State> {
  const seconds = secondsOf(found.timeout) ?? 0;
  const type = TYPES[found.type];
  return {
    ...(textOf(found) === state.script ? {} : { script: textOf(found) }),
    ...(state.type === undefined || type === undefined ? {} : { type }),
    ...(state.tags === undefined || sameTags(found.tags, state.tags) ? {} : { tags: found.tags }),
    ...(state.timeout === undefined || milliseconds(state.timeout) === seconds * 1000
      ? {}
      : { timeout: `${String(seconds) as `${number}`} seconds` }),
  };
}

function checkScript(check: Check, warn: (text: string) => void): void {
  const script = check.value("script");
  check.text("script");
  if (typeof script !== "string" || check.absent("script")) return;
  const { fields, problems, slips } = scriptMetadata(script);
  for (const problem of problems) check.fail("script", problem);
  for (const slip of slips) warn(slip);
  const [name, type] = [check.value("name"), check.value("type")];
  if (typeof name === "string" && fields["name"] !== undefined && written(fields["name"]) !== name) {
    check.fail(
      "name",
      `is "${name}", and the script's metadata says "${written(fields["name"])}"; write the same in both`,
    );
  }
  const inside = typeOf(fields["script_type"]);
  if (typeof type === "string" && inside !== undefined && inside !== type) {
    check.fail("type", `is "${type}", and the script's metadata says "${inside}"; take one of them out`);
  }
}

function nameProblem(name: string): string | undefined {
  if (name.toLowerCase() === "none") return '"none" is what MAAS calls no script at all; choose another name';
  if (/^\d+$/.test(name)) return `"${name}" is a number, which MAAS would take for an id; choose another name`;
  if (BUILT_IN.includes(name) || /^(\d\d-)?maas-/.test(name)) {
    return `"${name}" is a script that MAAS brings along, or looks like one; choose another name`;
  }
  return /^[\w@%+=:,.-]{1,255}$/.test(name)
    ? undefined
    : `"${name}" is no name for a script; write letters, digits, dots, dashes and underscores`;
}

const tagProblem = (tag: string): string | undefined =>
  /^[^,\s]+$/.test(tag) ? undefined : `"${tag}" cannot be a tag; write one word without a comma`;

export class NodeScript extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: NodeScriptArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:NodeScript", name, { ...args, stackId: stackId() }, ["adopted"], options);
  }
}
