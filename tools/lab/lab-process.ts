/**
 * The embedded lab as a background process of this clone: started once, found again by its pid, stopped by it.
 *
 * Its folder, .metalform/lab, holds what the lab itself keeps, lab.json (its first line of output), lab.pid and lab.log; where
 * machines boot also their disks (metal/), its key and ssh_config.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { missingForMetal } from "../../lab/metal/missing.ts";
import { commandLine, isAlive } from "../processes.ts";
import { projectRoot, projectState } from "../project.ts";

/** What `npm run lab` prints first. */
export interface LabAddress {
  /** "http://127.0.0.1:43210/MAAS" */
  maasUrl: string;
  /** "consumer:token:secret", of an administrator. */
  adminKey: string;
  userKey: string;
  controlUrl: string;
  /** Where machines boot: what knows the way to them (`ssh -F CONFIG server1.maas`), and the port of 127.0.0.1 that is main. */
  ssh?: { config: string; port: number };
  /** Where machines boot: the port of 127.0.0.1 that leads to port 80 of main, from beyond main. */
  web?: { port: number };
}

/** This clone's lab. */
const labFolder = join(projectState, "lab");

/** Simulated seconds per real one: at 20 a machine deploys in about half a minute. */
export const labTimeScale = process.env["METALFORM_LAB_TIME_SCALE"] ?? "20";

/** Long enough for a slow disk; a lab starts in well under a second, and main boots in two. */
const startTimeout = 60_000;

function labPid(folder: string): number | undefined {
  const pid = Number(read(folder, "lab.pid"));
  // The number may be another process's by now.
  return Number.isInteger(pid) && pid > 0 && commandLine(pid)?.includes(join("lab", "main.ts")) ? pid : undefined;
}

/** The running lab, or undefined. */
export function runningLab(folder = labFolder): LabAddress | undefined {
  return labPid(folder) === undefined ? undefined : firstLine(folder);
}

/**
 * The system that the lab's machines boot, built first when need be; undefined where machines can't boot, which was said then.
 * METALFORM_LAB_LEVEL=api does without.
 */
export function machineImage(): string | undefined {
  if (process.env["METALFORM_LAB_LEVEL"] === "api") return undefined;
  const script = join(projectRoot, "tools", "lab", "image");
  const { status, stdout } = spawnSync(script, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] });
  if (status !== 0) return undefined;
  const image = stdout.trim();
  const missing = missingForMetal(image);
  if (missing.length === 0) return image;
  console.log(`The lab's machines do not boot here. Missing:\n${missing.map((line) => `  ${line}`).join("\n")}`);
  return undefined;
}

/**
 * The running lab, else a new one that goes on with the state of the last.
 *
 * @param image what machines boot (machineImage). @default they do not, and are records of the API alone
 */
export async function ensureLab(folder = labFolder, image?: string): Promise<LabAddress> {
  const running = runningLab(folder);
  if (running && (await answers(running))) return running;
  mkdirSync(folder, { recursive: true });
  const deadline = Date.now() + startTimeout;
  await takeTurn(folder, deadline);
  try {
    return await startOnce(folder, deadline, image);
  } finally {
    rmSync(join(folder, "lab.starting"), { force: true });
  }
}

/** Of two starts at the same time one waits, and finds the other's lab. The turn of a process that died is over. */
async function takeTurn(folder: string, deadline: number): Promise<void> {
  for (;;) {
    try {
      writeFileSync(join(folder, "lab.starting"), String(process.pid), { flag: "wx" });
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    }
    const starter = Number(read(folder, "lab.starting"));
    if ((starter > 0 && !isAlive(starter)) || Date.now() > deadline) {
      rmSync(join(folder, "lab.starting"), { force: true });
    } else await sleep(20);
  }
}

async function startOnce(folder: string, deadline: number, image: string | undefined): Promise<LabAddress> {
  const running = runningLab(folder);
  if (running && (await answers(running))) return running;
  if (labPid(folder) !== undefined) await stopLab(folder);
  start(folder, image);
  while (Date.now() < deadline) {
    const address = firstLine(folder);
    if (address && (await answers(address))) return address;
    const noted = Number(read(folder, "lab.pid"));
    // Noted, and gone. (Its command line tells nothing yet: while the shell becomes the lab it is empty for a moment.)
    if (noted > 0 && !isAlive(noted)) break;
    await sleep(20);
  }
  throw new Error(
    `the lab did not start; the end of ${join(folder, "lab.log")}:\n${(read(folder, "lab.log") ?? "").slice(-2000)}`,
  );
}

/**
 * The shell notes its pid, which stays the lab's, before it becomes the lab: killed at any moment, nothing runs that the
 * note does not name.
 */
const becomeLab = 'echo $$ >lab.pid || exit 1; exec "$@" >lab.json 2>>lab.log';

function start(folder: string, image: string | undefined): void {
  rmSync(join(folder, "lab.pid"), { force: true });
  rmSync(join(folder, "lab.json"), { force: true });
  const main = join(projectRoot, "lab", "main.ts");
  const options = ["--port", "0", "--state", join(folder, "state"), "--time-scale", labTimeScale];
  if (image !== undefined) options.push("--metal", image);
  spawn("sh", ["-c", becomeLab, "lab", process.execPath, main, ...options], {
    cwd: folder,
    // A session of its own: neither Ctrl-C nor a closed terminal ends it.
    detached: true,
    stdio: "ignore",
  }).unref();
}

/** Ends the lab and waits until it is gone; false when none ran. What it keeps on disk stays. */
export async function stopLab(folder = labFolder): Promise<boolean> {
  const pid = labPid(folder);
  if (pid === undefined) return false;
  process.kill(pid, "SIGTERM");
  // Machines that boot are shut down in good order.
  const patience = Date.now() + 15_000;
  while (labPid(folder) !== undefined) {
    if (Date.now() > patience) process.kill(pid, "SIGKILL");
    await sleep(20);
  }
  rmSync(join(folder, "lab.pid"), { force: true });
  rmSync(join(folder, "lab.json"), { force: true });
  return true;
}

/** Undefined while the line is not complete. */
function firstLine(folder: string): LabAddress | undefined {
  const text = read(folder, "lab.json");
  return text?.includes("\n") ? (JSON.parse(text.slice(0, text.indexOf("\n"))) as LabAddress) : undefined;
}

function read(folder: string, name: string): string | undefined {
  try {
    return readFileSync(join(folder, name), "utf8");
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
