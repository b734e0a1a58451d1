/** One machine of the lab, as its power sees it: on, off, cut; a reboot is its own business. */
import type { ChildProcess } from "node:child_process";
import { chmodSync, createWriteStream, mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { killAll, machineCgroups } from "./cgroups.ts";
import type { MachineFile } from "./files.ts";
import { childrenOf, script, type World } from "./world.ts";

export interface Boot {
  /** Folder of what the machine writes, in the world; made when it is missing. */
  layer: string;
  /** Written before the boot; nothing for a system that has been there before. */
  files: readonly MachineFile[];
  /** Units of systemd to enable. */
  units?: readonly string[];
  /** Lines of machine.sh. */
  nics: string;
  /** For the script `before`, which runs once its network is there. */
  before?: string;
  /** Asked for at each boot, a reboot included. */
  environment?: () => NodeJS.ProcessEnv;
}

/** What systemd-nspawn ends with when the machine asked for a reboot. */
const rebootAsked = 133;

/** A system that does not stop by then is cut off. */
const patienceMs = 10_000;

export class LabMachine {
  readonly name: string;
  readonly #world: World;
  readonly #image: string;
  readonly #console: string;
  #child: ChildProcess | undefined;
  #cut = false;
  #gone: Promise<void> = Promise.resolve();

  /** @param image Root of the system under all machines. @param console File for what it prints. */
  constructor(world: World, name: string, image: string, console: string) {
    this.#world = world;
    this.name = name;
    this.#image = image;
    this.#console = console;
  }

  /** A path in its file system, as the world has it. */
  get root(): string {
    return `/run/lab/${this.name}`;
  }

  get runs(): boolean {
    return this.#child !== undefined;
  }

  /** Turns it on. Returns once it is on its way. @param ended Called once it is off, by itself or not. */
  async start(boot: Boot, ended: () => void): Promise<void> {
    if (this.runs) throw new Error(`${this.name} is on already.`);
    this.#cut = false;
    await this.#world.run([script("machine.sh"), "mount", this.name, this.#image, boot.layer]);
    for (const file of boot.files) this.#write(file);
    for (const unit of boot.units ?? []) this.#enable(unit);
    this.#gone = this.#run(boot).then(ended);
  }

  /** Turns it off, in good order or by cutting its power. Returns once it is off. */
  async stop(how: "clean" | "cut"): Promise<void> {
    this.#cut = true;
    if (this.runs && how === "clean") {
      const [init] = childrenOf(this.#child?.pid);
      if (init !== undefined) process.kill(init, "SIGTERM");
      const impatience = setTimeout(() => {
        this.#kill();
      }, patienceMs);
      await this.#gone;
      clearTimeout(impatience);
    }
    // It may be about to start.
    while (this.runs) {
      this.#kill();
      await Promise.race([this.#gone, new Promise((resolve) => setTimeout(resolve, 50))]);
    }
  }

  /** Boots it, again and again while it asks for that. */
  async #run(boot: Boot): Promise<void> {
    let code: number | null;
    do {
      code = await this.#bootOnce(boot);
      // What ran beside it, in its network.
      this.#kill();
    } while (code === rebootAsked && !this.#cut);
    await this.#world.run([script("machine.sh"), "rest", this.name]).catch(() => undefined);
    this.#child = undefined;
  }

  #bootOnce(boot: Boot): Promise<number | null> {
    const child = this.#world.spawn([script("machine.sh"), "boot", this.name], {
      NICS: boot.nics,
      CGROUPS: this.#cgroups.join(" "),
      ...(boot.before === undefined ? {} : { BEFORE: boot.before }),
      ...boot.environment?.(),
    });
    this.#child = child;
    const console = createWriteStream(this.#console, { flags: "a", mode: 0o600 });
    child.stdout?.pipe(console, { end: false });
    child.stderr?.pipe(console, { end: false });
    return new Promise((resolve) => {
      child.once("error", () => {
        resolve(null);
      });
      child.once("exit", (code) => {
        console.end();
        resolve(code);
      });
    });
  }

  get #cgroups(): string[] {
    return machineCgroups(this.#world.cgroups, this.name);
  }

  #kill(): void {
    killAll(this.#cgroups);
  }

  #inside(path: string): string {
    return this.#world.path(join(this.root, path));
  }

  #write({ path, content, mode = 0o644 }: MachineFile): void {
    const file = this.#inside(path);
    // Never through a link of the machine's: it would lead into this computer's files.
    rmSync(file, { force: true });
    if (content === null) return;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, { mode });
    chmodSync(file, mode);
  }

  #enable(unit: string): void {
    const link = this.#inside(`/etc/systemd/system/multi-user.target.wants/${unit}`);
    rmSync(link, { force: true });
    symlinkSync(`/lib/systemd/system/${unit}`, link);
  }
}
