/**
 * Which stack a command is about, and the environment that Pulumi needs for it. `make env` prints the same environment,
 * so that a command typed by hand does what `make` does.
 */
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labTimeScale, type LabAddress } from "../lab/lab-process.ts";
import { projectRoot, projectState } from "../project.ts";
import { commandPluginIn, placeCommandPlugin } from "./command-plugin.ts";

type Environment = Record<string, string | undefined>;

/** The committed stack, whose machines are the lab's. */
const labStack = "dev";

/** More than a rack has machines: all of them wait at the same time (the CLI's default is 4 a core). */
const parallel = "1000";

/** Inside the project. A `pulumi login` elsewhere is for the user's other projects; PULUMI_BACKEND_URL is for this one. */
const localBackend = `file://${join(projectState, "state")}`;

/** Of the Pulumi that set-up has built, which finds there the plugin that it can't fetch. */
const pulumiHome = join(projectState, "pulumi");

/** In a shell after `make env`: the names of the variables that it has set. */
const setByMakeEnv = "METALFORM_ENV";

/** The environment as the user has set it, without what an earlier `make env` (for another stack, another clone) set. */
export function userEnvironment(environment: Environment = process.env): Environment {
  const ours = new Set([setByMakeEnv, ...(environment[setByMakeEnv] ?? "").split(" ")]);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.has(name)));
}

/** The stack that STACK=name (or PULUMI_STACK) names. @default "dev" */
export const stackName = (user = userEnvironment()): string => user["STACK"] || user["PULUMI_STACK"] || labStack;

/** Whether the stack has a MAAS of its own, by the environment or its config; otherwise it gets the embedded lab. */
export const hasOwnMaas = (stack: string, user = userEnvironment(), config = readConfig(stack)): boolean =>
  Boolean(user["METALFORM_MAAS_URL"]) || /^\s*["']?metalform:maasUrl["']?:\s*["']?[^\s"'#]/m.test(config);

/** What the user's environment lacks for this stack; what the user has set stays. @param lab where it runs, if it does */
export function missingEnvironment(
  stack: string,
  lab: LabAddress | undefined,
  user = userEnvironment(),
): Record<string, string> {
  const isLab = !hasOwnMaas(stack, user);
  const wanted = {
    PULUMI_STACK: stack,
    PULUMI_BACKEND_URL: localBackend,
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_PARALLEL: parallel,
    ...(isLab && user["PULUMI_CONFIG_PASSPHRASE_FILE"] === undefined ? { PULUMI_CONFIG_PASSPHRASE: "" } : {}),
    ...(isLab && lab ? { METALFORM_MAAS_URL: lab.maasUrl, METALFORM_MAAS_KEY: lab.adminKey } : {}),
    ...commandPluginHome(user),
    // For estimates of how long things should take there, and since no machine of the lab's minds which password it gets.
    ...(isLab ? { METALFORM_LAB_TIME_SCALE: labTimeScale, METALFORM_POWER_PASSWORD: "lab" } : {}),
    // What knows the way to the machines; empty where they are records alone.
    ...(isLab && lab ? { METALFORM_SSH_CONFIG: lab.ssh?.config ?? "" } : {}),
  };
  const missing = Object.entries(wanted).filter(([name]) => user[name] === undefined);
  // STACK goes before PULUMI_STACK. The committed stack's passphrase is empty and no secret: a user's own would not open it.
  const always = { PULUMI_STACK: stack, ...(stack === labStack ? { PULUMI_CONFIG_PASSPHRASE: "" } : {}) };
  return { ...Object.fromEntries(missing), ...always };
}

/** The whole environment for Pulumi commands on this stack. The folder of a file backend is there afterwards. */
export function stackEnvironment(stack: string, lab: LabAddress | undefined): NodeJS.ProcessEnv {
  const user = userEnvironment();
  const environment = { ...user, ...missingEnvironment(stack, lab, user) };
  const folder = backendFolder(environment["PULUMI_BACKEND_URL"]);
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  if (environment["PULUMI_HOME"] === pulumiHome) placeCommandPlugin(pulumiHome);
  return environment;
}

/** Lines for a shell: sets these variables, and forgets those of an earlier `make env` that are not among them. */
export function shellLines(variables: Record<string, string>, environment: Environment = process.env): string[] {
  const earlier = (environment[setByMakeEnv] ?? "").split(" ").filter((name) => name !== "" && !(name in variables));
  const all = { ...variables, [setByMakeEnv]: Object.keys(variables).join(" ") };
  return [
    ...earlier.map((name) => `unset ${name}`),
    ...Object.entries(all).map(([name, value]) => exportLine(name, value)),
  ];
}

export const exportLine = (name: string, value: string): string => `export ${name}='${value.replaceAll("'", "'\\''")}'`;

/** The folder of a file backend; undefined for any other. */
export function backendFolder(url = ""): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const path = url.slice("file://".length).split("?")[0] ?? "";
  return path.startsWith("~") ? join(process.env["HOME"] ?? "", path.slice(1)) : join("/", path);
}

/** Credentials stay where `pulumi login` puts them. A Pulumi that was installed fetches the plugin itself. */
function commandPluginHome(user: Environment): Record<string, string> {
  const own = join(user["HOME"] ?? "", ".pulumi");
  if (process.env["METALFORM_LANGUAGE_HOST"] !== "metalform" || existsSync(commandPluginIn(own))) return {};
  return { PULUMI_HOME: pulumiHome, PULUMI_CREDENTIALS_PATH: own };
}

function readConfig(stack: string): string {
  try {
    return readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8");
  } catch {
    return "";
  }
}
