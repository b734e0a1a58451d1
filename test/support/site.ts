/**
 * The to-do site on this machine, as ordinary processes in a temp folder: PostgreSQL on a socket, gunicorn and NGINX on
 * ports of 127.0.0.1 that the kernel chose. What the roles set up on machines, without machines.
 */
import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
} from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { projectRoot } from "../../tools/project.ts";

const role = join(projectRoot, "ansible/roles/django/files");
export const siteFolder = join(role, "site");

type Environment = Record<string, string>;

/** Debian's postgres is no root's to run; where we are root, its own user runs it. */
function asPostgres(command: string[]): [string, string[]] {
  const all =
    process.getuid?.() === 0
      ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", ...command]
      : command;
  const [program = "", ...rest] = all;
  return [program, rest];
}

/** Programs that must be installed for these tests; `make test` brings them. */
export function installed(name: string): string {
  const folders = [
    ...(process.env["PATH"] ?? "").split(delimiter),
    "/usr/sbin",
    ...globSync("/usr/lib/postgresql/*/bin").reverse(),
  ];
  const folder = folders.find((each) => existsSync(join(each, name)));
  if (folder === undefined) throw new Error(`${name} is not installed; \`make test\` brings it where it may (apt-get)`);
  return join(folder, name);
}

export class Site {
  readonly folder = mkdtempSync(join(tmpdir(), "metalform-site-"));
  readonly python = join(this.folder, "venv/bin/python");
  private readonly children: ChildProcess[] = [];

  /** A virtual environment of the wheels that set-up brought, and an empty database. */
  static async start(): Promise<Site> {
    const site = new Site();
    try {
      site.installPackages();
      await site.startPostgres();
      site.manage("collectstatic", "--no-input");
    } catch (error) {
      await site.close();
      throw error;
    }
    return site;
  }

  private installPackages(): void {
    const wheels = process.env["METALFORM_WHEELS"];
    if (!wheels)
      throw new Error("no Ansible: it needs Python 3.11 with venv (Debian: sudo apt-get install python3-venv)");
    const python = join(dirname(dirname(realpathSync(installed("ansible")))), "bin/python");
    execFileSync(python, ["-m", "venv", "--without-pip", join(this.folder, "venv")]);
    const pip = [
      "-m",
      "pip",
      "--python",
      this.python,
      "install",
      "--quiet",
      "--no-index",
      "--require-hashes",
      "--no-compile",
    ];
    execFileSync(python, [...pip, "--find-links", wheels, "--requirement", join(role, "requirements.txt")]);
  }

  private async startPostgres(): Promise<void> {
    const data = join(this.folder, "postgres");
    mkdirSync(data);
    chmodSync(this.folder, 0o755);
    if (process.getuid?.() === 0) {
      const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8" }));
      chownSync(data, id("-u"), id("-g"));
    }
    const [initdb, initArguments] = asPostgres([
      installed("initdb"),
      "-D",
      join(data, "main"),
      "-U",
      "todo",
      "-A",
      "trust",
      "-E",
      "UTF8",
      "--no-locale",
      "--no-sync",
    ]);
    execFileSync(initdb, initArguments, { cwd: data, stdio: ["ignore", "ignore", "inherit"] });
    const [server, serverArguments] = asPostgres([
      installed("postgres"),
      "-D",
      join(data, "main"),
      "-c",
      "listen_addresses=",
      "-k",
      data,
      "-c",
      "fsync=off",
    ]);
    const postgres = this.run(server, serverArguments, {});
    await said(postgres, /ready to accept connections/);
    execFileSync(installed("createdb"), ["-h", data, "-U", "todo", "todo"]);
  }

  /** What the role writes into /etc/todo/environment. */
  environment(more: Environment = {}): Environment {
    return {
      PATH: process.env["PATH"] ?? "",
      PYTHONDONTWRITEBYTECODE: "1",
      TODO_SECRET_KEY: "of-no-use-anywhere-else-0123456789-abcdefghijklmnopqrstuvwxyz",
      TODO_ALLOWED_HOSTS: "127.0.0.1,127.0.0.2,127.0.0.3",
      TODO_DATABASE_HOST: join(this.folder, "postgres"),
      TODO_STATIC: join(this.folder, "static"),
      ...more,
    };
  }

  /** @returns all that it printed @throws with all that, when it fails */
  manage(...command: string[]): string {
    const { status, stdout, stderr } = spawnSync(this.python, ["manage.py", ...command], {
      cwd: siteFolder,
      env: this.environment(),
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`manage.py ${command.join(" ")}:\n${stderr.slice(-6000)}`);
    return stdout + stderr;
  }

  /** gunicorn as the role's unit starts it, ready to answer. @param address where it listens, e.g. "127.0.0.2:8000" */
  async serve(name: string, address: string): Promise<ChildProcess> {
    const command = [
      "-m",
      "gunicorn",
      "--bind",
      address,
      "--worker-class",
      "gthread",
      "--workers",
      "1",
      "--threads",
      "4",
    ];
    const child = this.run(this.python, [...command, "config.wsgi"], this.environment({ TODO_HOST: name }), siteFolder);
    await said(child, /Booting worker/);
    // The worker answers when it has loaded the site.
    assert.equal((await fetch(`http://${address}/health`, { headers: { connection: "close" } })).status, 200);
    return child;
  }

  run(program: string, args: string[], env: Environment, cwd = this.folder): ChildProcess {
    const child = spawn(program, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
    this.children.push(child);
    return child;
  }

  async close(): Promise<void> {
    for (const child of this.children.reverse()) await ended(child, "SIGINT");
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export const childrenOf = (pid = 0): number[] =>
  readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, "utf8")
    .split(" ")
    .filter(Boolean)
    .map(Number);

export async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill(signal);
  await exit;
}

/** Waits until the process has printed this; it fails with all that was printed when the process ends before. */
async function said(child: ChildProcess, pattern: RegExp): Promise<void> {
  let text = "";
  await new Promise<void>((resolve, reject) => {
    const look = (chunk: Buffer) => {
      text += chunk.toString();
      if (pattern.test(text)) resolve();
    };
    child.stdout?.on("data", look);
    child.stderr?.on("data", look);
    child.once("error", reject);
    child.once("exit", () => {
      reject(new Error(`${child.spawnargs.join(" ")} ended:\n${text}`));
    });
  });
}

/** A port of 127.0.0.1 that nobody had a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return port;
}
