/**
 * Which stack a command is about, and the environment that Pulumi needs for it. `make env` prints the same environment,
 * so that a command typed by hand does what `make` does.
 */
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { labTimeScale, runningLab, type LabAddress } from "../lab/lab-process.ts";
import { projectRoot, projectState } from "../project.ts";

/** The committed stack, whose machines are the lab's. */
const labStack = "dev";

/** More than a rack has machines: all of them wait at the same time (the CLI's default is 4 a core). */
const parallel = "1000";

/** The stack that STACK=name (or PULUMI_STACK) names. @default "dev" */
export const stackName = (): string => process.env["STACK"] || process.env["PULUMI_STACK"] || labStack;

/** Whether the stack has a MAAS of its own, by its config or the environment; otherwise it gets the embedded lab. */
export function hasOwnMaas(stack: string, environment = process.env, config = readConfig(stack)): boolean {
  const url = environment["METALFORM_MAAS_URL"] ?? "";
  // `make env` has told the shell where the lab was; that is not a choice of the user's.
  return (
    (url !== "" && url !== environment["METALFORM_LAB_URL"]) ||
    /^\s*["']?metalform:maasUrl["']?:\s*["']?[^\s"'#]/m.test(config)
  );
}

/** What the environment lacks for this stack; whatever the user has set stays. */
export function missingEnvironment(stack: string, lab?: LabAddress, environment = process.env): Record<string, string> {
  const missing: Record<string, string> = {};
  const offer = (name: string, value: string) => {
    if (environment[name] === undefined) missing[name] = value;
  };
  missing["PULUMI_STACK"] = stack;
  offer("PULUMI_BACKEND_URL", localBackend);
  offer("PULUMI_SKIP_UPDATE_CHECK", "true");
  offer("PULUMI_PARALLEL", parallel);
  // The committed stack's passphrase is empty and no secret; somebody's own passphrase does not open it.
  if (stack === labStack) missing["PULUMI_CONFIG_PASSPHRASE"] = "";
  else if (!hasOwnMaas(stack, environment) && environment["PULUMI_CONFIG_PASSPHRASE_FILE"] === undefined) {
    offer("PULUMI_CONFIG_PASSPHRASE", "");
  }
  if (lab && !hasOwnMaas(stack, environment)) {
    missing["METALFORM_MAAS_URL"] = lab.maasUrl;
    missing["METALFORM_MAAS_KEY"] = lab.adminKey;
    missing["METALFORM_LAB_URL"] = lab.maasUrl;
    // For estimates of how long things should take there, and since no machine of the lab's minds which password it gets.
    offer("METALFORM_LAB_TIME_SCALE", labTimeScale);
    offer("METALFORM_POWER_PASSWORD", "lab");
  }
  return missing;
}

/** The environment for a Pulumi command on this stack, with the lab when one runs. */
export function stackEnvironment(stack: string, lab = runningLab()): NodeJS.ProcessEnv {
  const environment = { ...process.env, ...missingEnvironment(stack, lab) };
  const folder = backendFolder(environment["PULUMI_BACKEND_URL"]);
  // A file backend wants its folder to be there.
  if (folder !== undefined) mkdirSync(folder, { recursive: true });
  return environment;
}

/** Inside the project. A `pulumi login` elsewhere is for the user's other projects; PULUMI_BACKEND_URL is for this one. */
const localBackend = `file://${join(projectState, "state")}`;

/** The folder of a file backend; undefined for any other. */
export function backendFolder(url = ""): string | undefined {
  if (!url.startsWith("file://")) return undefined;
  const path = url.slice("file://".length).split("?")[0] ?? "";
  return path.startsWith("~") ? join(process.env["HOME"] ?? "", path.slice(1)) : join("/", path);
}

function readConfig(stack: string): string {
  try {
    return readFileSync(join(projectRoot, `Pulumi.${stack}.yaml`), "utf8");
  } catch {
    return "";
  }
}
