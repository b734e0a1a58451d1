/**
 * A clone in miniature with a cache, a home and a PATH of its own, to run tools/run in: what is not put on its PATH is not
 * installed there. No network: its npm, go and pulumi are scripts that the test gives.
 */
import { spawn, type ChildProcess } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { projectRoot } from "../../tools/project.ts";

/** What plain Debian has and the scripts use. */
const basics =
  "awk cat chmod cp cut date dirname echo env expand find flock grep id ln mkdir mv readlink rm sed sh sha256sum sleep tail true uname".split(
    " ",
  );

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export class SetupSandbox {
  readonly root = mkdtempSync(join(tmpdir(), "metalform-setup-"));
  readonly cache = join(this.root, "cache", "metalform");
  readonly bin = join(this.root, "bin");

  constructor() {
    mkdirSync(this.bin);
    for (const name of basics) symlinkSync(pathOf(name), join(this.bin, name));
    this.clone("clone");
  }

  /** One more clone of the project, its npm packages in place. */
  clone(name: string): void {
    const clone = join(this.root, name);
    const tools = join(projectRoot, "tools");
    for (const part of ["ansible", "run", "setup", "pulumi"])
      cpSync(join(tools, part), join(clone, "tools", part), { recursive: true });
    const requirements = join("ansible", "roles", "django", "files", "requirements.txt");
    for (const file of ["package.json", requirements]) cpSync(join(projectRoot, file), join(clone, file));
    const lock = JSON.stringify({ packages: { "": {} } });
    const pulumi = join(clone, "node_modules", "@pulumi", "pulumi");
    mkdirSync(pulumi, { recursive: true });
    writeFileSync(join(clone, "package-lock.json"), lock);
    writeFileSync(join(clone, "node_modules", ".package-lock.json"), lock);
    writeFileSync(join(pulumi, "pulumi-resource-pulumi-nodejs"), "#!/bin/sh\n");
  }

  /** As a fresh clone is, with a lock file that asks for a package. */
  forgetPackages(name: string): void {
    const clone = join(this.root, name);
    rmSync(join(clone, "node_modules"), { recursive: true });
    const lock = { packages: { "": {}, "node_modules/left": { version: "1.0.0" } } };
    writeFileSync(join(clone, "package-lock.json"), JSON.stringify(lock));
    writeFileSync(join(clone, ".npmrc"), "");
  }

  /** Installs a program; every call of it adds a line to `calls(name)`. @param folder below the sandbox */
  install(name: string, body: string, folder = "bin"): void {
    const path = join(this.root, folder, name);
    mkdirSync(dirname(path), { recursive: true });
    // What is there may be a link to this machine's own program: the link goes, never what it points to.
    rmSync(path, { force: true });
    writeFileSync(path, `#!/bin/sh\necho "$@" >>'${join(this.root, `${name}.calls`)}'\n${body}\n`);
    chmodSync(path, 0o755);
  }

  installNode(): void {
    symlinkSync(process.execPath, join(this.bin, "node"));
  }

  calls(name: string): string[] {
    const file = join(this.root, `${name}.calls`);
    return existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
  }

  /** How often a Go that notes it has built something. */
  builds(): number {
    return readFileSync(join(this.root, "builds"), "utf8").trim().split("\n").length;
  }

  start(command: string[], clone = "clone", path = this.bin): ChildProcess {
    return spawn(join(this.root, clone, "tools", "run"), command, {
      // A group of its own, so that a test can kill what a power cut would.
      detached: true,
      env: { PATH: path, HOME: this.root, XDG_CACHE_HOME: join(this.root, "cache") },
      stdio: ["ignore", "pipe", "pipe"],
    });
  }

  async run(command: string[], clone = "clone", folders: string[] = []): Promise<Ended> {
    const path = [...folders.map((folder) => join(this.root, folder)), this.bin].join(delimiter);
    return ended(this.start(command, clone, path));
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

export async function ended(child: ChildProcess): Promise<Ended> {
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      resolve({ code, ...output });
    });
  });
}

function pathOf(name: string): string {
  const folder = (process.env["PATH"] ?? "").split(delimiter).find((each) => existsSync(join(each, name)));
  if (folder === undefined) throw new Error(`this test needs ${name}`);
  return join(folder, name);
}
