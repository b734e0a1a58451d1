/**
 * The embedded lab as a background process of this clone: started once, found again by its pid, stopped by it.
 *
 * Its folder, .metalform/lab, holds what the lab itself keeps, lab.json (its first line of output), lab.pid and lab.log.
 */
import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { commandLine } from "../processes.ts";
import { projectRoot, projectState } from "../project.ts";

/** What `npm run lab` prints first. */
export interface LabAddress {
  /** "http://127.0.0.1:43210/MAAS" */
  maasUrl: string;
  /** "consumer:token:secret", of an administrator. */
  adminKey: string;
  userKey: string;
  controlUrl: string;
}

const folder = join(projectState, "lab");
const file = (name: string) => join(folder, name);

/** Simulated seconds per real one: at 20 a machine deploys in about half a minute. */
export const labTimeScale = process.env["METALFORM_LAB_TIME_SCALE"] ?? "20";

/** Long enough for a slow disk; a lab starts in well under a second. */
const startTimeout = 30_000;

/** The pid of this clone's lab when it runs. */
export function labPid(): number | undefined {
  const pid = Number(read("lab.pid"));
  // The number may be another process's by now.
  return Number.isInteger(pid) && pid > 0 && commandLine(pid)?.includes(join("lab", "main.ts")) ? pid : undefined;
}

/** The running lab, or undefined. */
export function runningLab(): LabAddress | undefined {
  return labPid() === undefined ? undefined : firstLine();
}

/** The running lab, else a new one that goes on with the state of the last. */
export async function ensureLab(): Promise<LabAddress> {
  const running = runningLab();
  if (running && (await answers(running))) return running;
  if (labPid() !== undefined) await stopLab();
  mkdirSync(folder, { recursive: true });
  rmSync(file("lab.json"), { force: true });
  const output = openSync(file("lab.json"), "w");
  const log = openSync(file("lab.log"), "a");
  const main = join(projectRoot, "lab", "main.ts");
  const lab = spawn(
    process.execPath,
    [main, "--port", "0", "--state", join(folder, "state"), "--time-scale", labTimeScale],
    // A session of its own: neither Ctrl-C nor a closed terminal ends it.
    { cwd: projectRoot, detached: true, stdio: ["ignore", output, log] },
  );
  closeSync(output);
  closeSync(log);
  if (lab.pid === undefined) throw new Error("the lab could not be started");
  writeFileSync(file("lab.pid"), String(lab.pid));
  lab.unref();
  const deadline = Date.now() + startTimeout;
  while (Date.now() < deadline) {
    const address = firstLine();
    if (address && (await answers(address))) return address;
    if (labPid() === undefined) break;
    await sleep(20);
  }
  throw new Error(`the lab did not start; the end of ${file("lab.log")}:\n${(read("lab.log") ?? "").slice(-2000)}`);
}

/** Ends the lab and waits until it is gone; false when none ran. What it keeps on disk stays. */
export async function stopLab(): Promise<boolean> {
  const pid = labPid();
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  const patience = Date.now() + 5000;
  while (labPid() !== undefined) {
    if (Date.now() > patience) process.kill(pid, "SIGKILL");
    await sleep(20);
  }
  rmSync(file("lab.pid"), { force: true });
  rmSync(file("lab.json"), { force: true });
  return true;
}

/** Undefined while the line is not complete. */
function firstLine(): LabAddress | undefined {
  const text = read("lab.json");
  return text?.includes("\n") ? (JSON.parse(text.slice(0, text.indexOf("\n"))) as LabAddress) : undefined;
}

function read(name: string): string | undefined {
  try {
    return readFileSync(file(name), "utf8");
  } catch {
    return undefined;
  }
}

async function answers(lab: LabAddress): Promise<boolean> {
  try {
    // Any answer at all will do.
    await fetch(`${lab.maasUrl}/api/2.0/version/`, { signal: AbortSignal.timeout(3000) });
    return true;
  } catch {
    return false;
  }
}
