/** A lab whose machines boot, as a process of its own, so that it can be killed; and the ways to its machines. */
import assert from "node:assert/strict";
import { execFile, spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Machine } from "../../providers/maas/api/machines.ts";
import { missingForMetal } from "../../lab/metal/missing.ts";
import { machineImage, type LabAddress } from "../../tools/lab/lab-process.ts";
import { projectRoot } from "../../tools/project.ts";
import { ask, type Asked } from "./lab-request.ts";

/** Slow enough for a busy computer with one core. */
const patience = 120_000;

export class MetalLab {
  readonly folder = mkdtempSync(join(tmpdir(), "metalform-test-"));
  #process: ChildProcess | undefined;
  #address: LabAddress | undefined;

  /** Fails in one line where machines can't boot. */
  async start(): Promise<void> {
    const image = machineImage();
    assert.ok(image, `these tests boot machines, which this computer can't: ${missingForMetal(undefined).join("; ")}`);
    const main = join(projectRoot, "lab", "main.ts");
    const options = ["--time-scale", "20", "--state", join(this.folder, "state"), "--metal", image];
    this.#process = spawn(process.execPath, [main, ...options], { stdio: ["ignore", "pipe", "inherit"] });
    this.#address = JSON.parse(await firstLine(this.#process)) as LabAddress;
  }

  /** Of the lab, running or not. */
  get pid(): number {
    assert.ok(this.#process?.pid, "the lab was started");
    return this.#process.pid;
  }

  get address(): LabAddress {
    assert.ok(this.#address, "the lab was started");
    return this.#address;
  }

  /** Asks MAAS; anything but a success is a fault of the test. @param path below /MAAS/api/2.0/ */
  async maas(method: string, path: string, asked: Asked = {}): Promise<unknown> {
    const { status, text, json } = await ask(this.address, method, path, asked);
    assert.ok(status < 300, `${method} ${path}: ${String(status)} ${text}`);
    return json;
  }

  /** An operation on a machine. */
  async op(systemId: string, op: string, form: Record<string, string> = {}): Promise<void> {
    await this.maas("POST", `machines/${systemId}/`, { form: { op, ...form } });
  }

  async machine(systemId: string): Promise<Machine> {
    return (await this.maas("GET", `machines/${systemId}/`)) as Machine;
  }

  /** Looks until the machine is as wanted. */
  async until(systemId: string, what: string, wanted: (machine: Machine) => boolean): Promise<Machine> {
    const deadline = Date.now() + patience;
    for (;;) {
      const machine = await this.machine(systemId);
      if (wanted(machine)) return machine;
      const seen = `${machine.status_name}, power ${machine.power_state}, ${machine.error_description}`;
      assert.ok(Date.now() < deadline, `waited for ${what}: still ${seen}`);
      await sleep(50);
    }
  }

  /** Runs a command on a machine, by OpenSSH through main. */
  ssh(host: string, command: string): Promise<string> {
    const config = this.address.ssh?.config;
    assert.ok(config, "the lab tells the way to its machines");
    const options = ["-F", config, "-o", "BatchMode=yes", "-o", "ConnectTimeout=5"];
    return new Promise((resolve, reject) => {
      execFile("ssh", [...options, host, command], { timeout: 60_000 }, (error, stdout, stderr) => {
        if (error) reject(new Error(`ssh ${host} ${command}: ${stderr.trim() || error.message}`));
        else resolve(stdout.trim());
      });
    });
  }

  /** The same, once the machine answers. */
  async sshWhenUp(host: string, command: string): Promise<string> {
    const deadline = Date.now() + patience;
    for (;;) {
      try {
        return await this.ssh(host, command);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await sleep(100);
      }
    }
  }

  /** Ends the lab, and waits until it is gone. */
  async end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const child = this.#process;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await new Promise((resolve) => child.once("exit", resolve));
  }

  async remove(): Promise<void> {
    await this.end("SIGKILL");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.on("data", (chunk: Buffer) => {
      text += chunk.toString("utf8");
      if (text.includes("\n")) resolve(text.slice(0, text.indexOf("\n")));
    });
    child.once("exit", (code, signal) => {
      reject(new Error(`the lab did not start: ${String(code ?? signal)}`));
    });
  });
}
