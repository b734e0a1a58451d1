/** A real NGINX with the configuration that the role's template gives, its files and ports moved into a temp folder. */
import { execFileSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, watch, writeFileSync } from "node:fs";
import { get, request, type IncomingMessage } from "node:http";
import { join } from "node:path";
import { commandLine } from "../../tools/processes.ts";
import { projectRoot } from "../../tools/project.ts";
import { childrenOf, freePort, installed, type Site } from "./site.ts";

export interface Answer {
  status: number;
  servedBy: string;
  headers: IncomingMessage["headers"];
  text: string;
}

/** Names of machines and their addresses, of which NGINX gets members. */
export type Members = Record<string, string>;

export class Balancer {
  readonly url: string;
  private readonly folder: string;
  private readonly port: number;
  private readonly control: number;
  private readonly memberPort: number;

  private constructor(folder: string, port: number, control: number, memberPort: number) {
    this.folder = folder;
    this.port = port;
    this.control = control;
    this.memberPort = memberPort;
    this.url = `http://127.0.0.1:${String(port)}`;
  }

  static async start(site: Site, members: Members, memberPort: number): Promise<Balancer> {
    const folder = join(site.folder, "nginx");
    mkdirSync(folder);
    const balancer = new Balancer(folder, await freePort(), await freePort(), memberPort);
    balancer.write(members);
    const nginx = site.run(installed("nginx"), ["-c", balancer.file, "-p", folder, "-g", "daemon off;"], {});
    await appears(nginx, folder, "nginx.pid");
    return balancer;
  }

  private get file(): string {
    return join(this.folder, "nginx.conf");
  }

  /** Renders the template by Ansible itself. @returns the fingerprint that NGINX answers when it uses it */
  private write(members: Members): string {
    const hosts = Object.fromEntries(
      Object.entries(members).map(([name, address]) => [name, { ansible_host: address }]),
    );
    const inventory = join(this.folder, "inventory.json");
    writeFileSync(inventory, JSON.stringify({ all: { children: { app: { hosts } } } }));
    const variables = {
      nginx_port: `127.0.0.1:${String(this.port)}`,
      nginx_control_port: this.control,
      nginx_member_port: this.memberPort,
      // Four of them, whatever this machine has: alternation must hold across them.
      nginx_workers: 4,
      nginx_read_timeout: 2,
      rendered: this.file,
    };
    const playbook = join(import.meta.dirname, "../ansible/render-nginx.yml");
    execFileSync("ansible-playbook", ["-i", inventory, playbook, "-e", JSON.stringify(variables)], {
      cwd: projectRoot,
      stdio: ["ignore", "ignore", "inherit"],
    });
    const text = readFileSync(this.file, "utf8")
      .replaceAll("/var/log/nginx", this.folder)
      .replace("/run/nginx.pid", join(this.folder, "nginx.pid"))
      .replace(/^(user|include .*modules-enabled).*\n/gm, "");
    writeFileSync(this.file, text);
    return /return 200 "(\w+)"/.exec(text)?.[1] ?? "";
  }

  /** What the role does to take a member out and in: a new configuration, a reload, and waiting until it is in use. */
  async configure(members: Members): Promise<void> {
    const fingerprint = this.write(members);
    const master = Number(readFileSync(join(this.folder, "nginx.pid"), "utf8"));
    const old = childrenOf(master);
    process.kill(master, "SIGHUP");
    const control = `http://127.0.0.1:${String(this.control)}/configuration`;
    while ((await ask(control)).text !== fingerprint);
    // Old worker processes go on accepting for a moment beside the new ones; then they say that they are shutting down.
    while (old.some((pid) => commandLine(pid) === "nginx: worker process")) await ask(control);
  }

  ask(path = "/health"): Promise<Answer> {
    return ask(this.url + path);
  }

  async post(path: string, form: Record<string, string>, headers: Record<string, string>): Promise<Answer> {
    const sent = request(this.url + path, {
      method: "POST",
      agent: false,
      headers: { "content-type": "application/x-www-form-urlencoded", ...headers },
    });
    sent.end(new URLSearchParams(form).toString());
    return answerOf(sent);
  }
}

/** One request on a connection of its own. */
function ask(url: string): Promise<Answer> {
  return answerOf(get(url, { agent: false }));
}

async function answerOf(sent: ReturnType<typeof request>): Promise<Answer> {
  const [response] = (await once(sent, "response")) as [IncomingMessage];
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    servedBy: String(response.headers["x-served-by"]),
    headers: response.headers,
    text: Buffer.concat(chunks).toString(),
  };
}

async function appears(child: ChildProcess, folder: string, name: string): Promise<void> {
  const watcher = watch(folder);
  const failed = once(child, "exit").then(() => {
    throw new Error(`nginx ended; see ${folder}/error.log`);
  });
  try {
    while (!existsSync(join(folder, name))) await Promise.race([once(watcher, "change"), failed]);
  } finally {
    watcher.close();
    failed.catch(() => undefined);
  }
}
