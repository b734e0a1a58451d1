/**
 * The metal level: looks at what MAAS's tables say about power, and brings the real machines there. What the machines do then they
 * tell the metadata service themselves; this tells MAAS only that one is off.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { systemOf, isMetal } from "../maas/booted.ts";
import { addEvent } from "../maas/events.ts";
import type { Machine } from "../maas/machine-state.ts";
import { updatePowerState } from "../maas/power.ts";
import * as signals from "../maas/signals.ts";
import type { LabState } from "../maas/state.ts";
import { bootOf, bootsOf, installLog, obstacleTo, type StartedSystem } from "./boot-plan.ts";
import { Guard } from "./guard.ts";
import { LabMachine } from "./machine.ts";
import { missingInterfaces, takesDisks } from "./missing.ts";
import { Rack } from "./rack.ts";
import { World } from "./world.ts";

export interface MetalOptions {
  /** Root of the system under all machines (tools/setup/image.sh). */
  image: string;
  /** Where the machines' disks and what they print are kept. */
  folder: string;
  publicKey: string;
  state: () => LabState;
  writable: () => LabState;
  changed: () => Promise<void>;
  warn: (line: string) => void;
  /** Called when the machines' world ended although nobody closed it: nothing is left to go on with. */
  ended: (reason: string) => void;
}

/** A real machine, and what it was last told. */
interface Box {
  machine: LabMachine;
  /** The machine's `boots` when this lab turned it on last; -1: it never did. */
  boots: number;
  /** Work on it, one thing after the other. */
  turn: Promise<void>;
  busy: boolean;
}

export class Metal {
  readonly #options: MetalOptions;
  readonly #world: World;
  readonly #guard: Guard;
  readonly #rack: Rack;
  readonly #main: LabMachine;
  /** Folder of the machines' disks, in the world. */
  readonly #disks: string;
  readonly #boxes = new Map<string, Box>();
  readonly #lacking = missingInterfaces();
  #closing = false;

  private constructor(options: MetalOptions, world: World, guard: Guard) {
    this.#options = options;
    this.#world = world;
    this.#guard = guard;
    for (const name of ["consoles", "disks"]) mkdirSync(join(options.folder, name), { recursive: true, mode: 0o700 });
    const disks = join(options.folder, "disks");
    this.#disks = takesDisks(disks) ? disks : "/run/lab/disks";
    if (this.#disks !== disks)
      options.warn(`${disks} takes no overlays: disks are in memory, and new when the lab is started again.`);
    this.#main = this.#machine("main");
    this.#rack = new Rack({
      world,
      main: this.#main,
      layer: join(this.#disks, "main"),
      publicKey: options.publicKey,
      warn: options.warn,
      ended: () => {
        if (!this.#closing)
          options.warn("main is off; nobody reaches the lab's machines until the lab is started again.");
      },
    });
  }

  /** Where the lab has to listen for MAAS (`maas`) and for packages (`packages`), so that machines reach them. */
  get sockets(): string {
    return this.#world.folder;
  }

  get sshSocket(): string {
    return this.#rack.sshSocket;
  }

  get webSocket(): string {
    return this.#rack.webSocket;
  }

  static async start(options: MetalOptions): Promise<Metal> {
    const guard = new Guard(options.warn);
    const world = await World.start(options.ended);
    return new Metal(options, world, guard);
  }

  /** Boots main; then machines that MAAS thinks to be on, as after a power cut. */
  async run(): Promise<void> {
    await this.#guard.add(subnetsOf(this.#options.state()));
    await this.#rack.start(this.#options.state());
    this.look();
  }

  /** To be called after every change of MAAS's tables. */
  look(): void {
    if (this.#closing) return;
    const state = this.#options.state();
    void this.#guard.add(subnetsOf(state)).catch((error: unknown) => {
      this.#options.warn(`The guard route: ${String(error)}`);
    });
    void this.#rack.look(state);
    for (const id of new Set([...Object.keys(state.machines), ...this.#boxes.keys()])) this.#lookAt(id);
  }

  /** Turns all off, in good order, and takes everything away. */
  async close(): Promise<void> {
    this.#closing = true;
    const all = [this.#main, ...[...this.#boxes.values()].map(({ machine }) => machine)];
    await Promise.all(all.map((machine) => machine.stop("clean")));
    await this.#guard.close();
    await this.#world.close();
  }

  #machine(name: string): LabMachine {
    return new LabMachine(this.#world, name, this.#options.image, join(this.#options.folder, "consoles", name));
  }

  #lookAt(id: string): void {
    const row = this.#options.state().machines[id];
    if (!this.#boxes.has(id) && !(row && isMetal(this.#options.state(), row))) return;
    let box = this.#boxes.get(id);
    if (!box)
      this.#boxes.set(id, (box = { machine: this.#machine(id), boots: -1, turn: Promise.resolve(), busy: false }));
    if (box.busy) return;
    box.busy = true;
    const settled = box;
    box.turn = this.#settle(id, settled).catch((error: unknown) => {
      this.#options.warn(`${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
    });
  }

  /** Does what is to be done, until nothing is. What MAAS says meanwhile is seen in the next round. */
  async #settle(id: string, box: Box): Promise<void> {
    try {
      while (!this.#closing && (await this.#step(id, box)));
    } finally {
      box.busy = false;
    }
  }

  /** False when there is nothing to do. */
  async #step(id: string, box: Box): Promise<boolean> {
    const state = this.#options.state();
    const row = state.machines[id];
    const system = row && systemOf(state, row);
    const isLastBoot = row !== undefined && bootsOf(row) === box.boots;
    if (box.machine.runs) {
      if (system !== undefined && isLastBoot) return false;
      await box.machine.stop("cut");
      return true;
    }
    if (row && system !== undefined && system !== "same" && !isLastBoot) {
      box.boots = bootsOf(row);
      await this.#start(id, box, system);
      return true;
    }
    if (row && isMetal(state, row) && (row.stopping || system === "same")) {
      await this.#tellOff(id);
      return true;
    }
    this.#forget(id, row);
    return false;
  }

  /** A disk lasts as long as its deployment. */
  #forget(id: string, row: Machine | undefined): void {
    if (row?.osystem) return;
    rmSync(this.#world.path(this.#disk(id)), { recursive: true, force: true });
    if (!row) this.#boxes.delete(id);
  }

  #disk(id: string): string {
    return join(this.#disks, id);
  }

  async #tellOff(id: string): Promise<void> {
    const row = this.#options.writable().machines[id];
    if (!row) return;
    updatePowerState(this.#options.writable(), row, "off");
    await this.#options.changed();
  }

  async #start(id: string, box: Box, system: StartedSystem): Promise<void> {
    const state = this.#options.writable();
    const row = state.machines[id];
    if (!row) return;
    const boots = bootsOf(row);
    if (system !== "installed")
      for (const event of ["pxeBoot", "loadingEphemeral"] as const) addEvent(state, row, event);
    if (system === "new") {
      rmSync(this.#world.path(this.#disk(id)), { recursive: true, force: true });
      signals.startInstall(state, row);
      const obstacle = obstacleTo(state, row, this.#lacking);
      if (obstacle !== undefined) {
        signals.failInstall(state, row, obstacle);
        await this.#options.changed();
        return;
      }
      signals.setNetboot(row, false);
      signals.finishInstall(state, row, installLog(row));
    }
    const boot = bootOf(this.#world, state, row, system, this.#disk(id));
    await this.#options.changed();
    await this.#rack.look(this.#options.state());
    try {
      await box.machine.start(boot, () => {
        this.#ended(id, boots);
      });
    } catch (error) {
      signals.failInstall(this.#options.writable(), row, `${String(error)}\n`);
      await this.#options.changed();
      throw error;
    }
  }

  /** It is off: by itself, or because it was told to. */
  #ended(id: string, boots: number): void {
    if (this.#closing) return;
    const row = this.#options.writable().machines[id];
    if (row && bootsOf(row) === boots) {
      updatePowerState(this.#options.writable(), row, "off");
      this.#options.changed().catch((error: unknown) => {
        this.#options.warn(`The lab's state was not saved: ${String(error)}`);
      });
    } else this.look();
  }
}

const subnetsOf = (state: LabState): string[] =>
  Object.values(state.subnets).flatMap(({ cidr }) => (cidr.includes(":") ? [] : [cidr]));
