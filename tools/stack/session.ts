/**
 * What every command on a stack begins with: the stack's MAAS answers (its own, or the lab, started when need be), its
 * backend and the stack exist, and a crash of the last command is cleaned up as far as nothing needs to be asked of MAAS.
 */
import { existsSync } from "node:fs";
import { ensureLab, machineImage, runningLab, type LabAddress } from "../lab/lab-process.ts";
import { checkpointFile, restoreCheckpoint } from "./checkpoint.ts";
import type { ExportedStack } from "./deployment.ts";
import { clearDeadLocks } from "./locks.ts";
import { pulumi, pulumiOutput } from "./pulumi-cli.ts";
import { backendFolder, hasOwnMaas, stackEnvironment, stackName } from "./stack.ts";

/** As in Pulumi.yaml; file backends have a folder of this name. */
const project = "metalform";

export interface Session {
  stack: string;
  /** Whether the stack's machines are the embedded lab's. */
  isLab: boolean;
  environment: NodeJS.ProcessEnv;
  /** Runs Pulumi with this terminal; returns its exit code. */
  pulumi: (args: string[]) => Promise<number>;
  /** Runs Pulumi quietly; returns what it printed. */
  output: (args: string[]) => string;
  export: () => ExportedStack;
  import: (stack: ExportedStack) => void;
}

/** @throws Error in one line, e.g. when another Pulumi works on the stack */
export async function openSession(): Promise<Session> {
  const stack = stackName();
  const isLab = !hasOwnMaas(stack);
  const lab = isLab ? await announcedLab() : undefined;
  const environment = stackEnvironment(stack, lab);
  // The providers' code in this process (status, recovery) reads the same.
  process.env = environment;
  console.log(
    `Stack ${stack} on ${lab ? `the lab's MAAS, ${lab.maasUrl}` : "its own MAAS"}; ${toolchain(environment)}.`,
  );
  const backend = backendFolder(environment["PULUMI_BACKEND_URL"]);
  const checkpoint = backend === undefined ? undefined : checkpointFile(backend, project, stack);
  if (backend !== undefined) clearLocks(backend, stack);
  if (checkpoint !== undefined && restoreCheckpoint(checkpoint)) {
    console.log(
      "The state was cut off by a kill; went back to the one before. What was made since is found again in MAAS.",
    );
  }
  if (checkpoint === undefined || !existsSync(checkpoint)) {
    pulumiOutput(["stack", "select", "--create", "--stack", stack], environment);
  }
  return {
    stack,
    isLab,
    environment,
    pulumi: (args) => pulumi(args, environment),
    output: (args) => pulumiOutput(args, environment),
    export: () => JSON.parse(pulumiOutput(["stack", "export"], environment)) as ExportedStack,
    import: (state) => {
      pulumiOutput(["stack", "import"], environment, JSON.stringify(state));
    },
  };
}

/**
 * Arguments for a command that changes things: on the lab, and where there is no terminal to ask, it just does them; at a
 * terminal and on a real MAAS Pulumi shows its preview and asks.
 */
export const consent = ({ isLab }: Session): string[] =>
  isLab || !process.stdin.isTTY || !process.stdout.isTTY ? ["--yes", "--skip-preview"] : [];

async function announcedLab(): Promise<LabAddress> {
  const running = runningLab();
  if (running) return ensureLab();
  const image = machineImage();
  const machines = image === undefined ? "its machines are records of the API, nothing boots" : "its machines boot";
  console.log(`Starting the lab: ${machines} (its log: .metalform/lab/lab.log)`);
  return ensureLab(undefined, image);
}

function toolchain(environment: NodeJS.ProcessEnv): string {
  const host = environment["METALFORM_LANGUAGE_HOST"];
  if (host === "pulumi") return "the installed Pulumi with its own language host";
  if (host === "metalform")
    return "Pulumi without a language host of its own: tools/pulumi/language-host.mts runs the program";
  return "Pulumi as it is on PATH";
}

function clearLocks(backend: string, stack: string): void {
  const { dead, alive } = clearDeadLocks(backend, project, stack);
  if (alive.length > 0) {
    throw new Error(
      `Another Pulumi is at work on stack ${stack}: ${alive.join("; ")}. Wait for it to end; if it is gone for good, type \`pulumi cancel\`.`,
    );
  }
  for (const owner of dead) console.log(`Removed the lock of a Pulumi that was killed (${owner}).`);
}
