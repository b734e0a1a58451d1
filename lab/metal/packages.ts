/**
 * What stands between the machines and the packages of the world, in the place of MAAS's proxy on the rack. apt uses it as a proxy
 * for the mirrors that the image names; for pip it is an index (/simple/). What was fetched once is kept, by its name and hash.
 * It asks for nothing but packages: only these mirrors, and the index that pip uses on this computer.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream, existsSync, mkdirSync, readFileSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

export interface PackagesOptions {
  /** Root of the machines' system: its sources.list names the mirrors. */
  image: string;
  /** Folder for what was fetched. */
  cache: string;
  warn: (line: string) => void;
}

/** Files that never change under their name. */
const lasting = /\.deb$|\/by-hash\//;

export function packageServer({ image, cache, warn }: PackagesOptions): Server {
  mkdirSync(cache, { recursive: true });
  const mirrors = [...readFileSync(join(image, "etc/apt/sources.list"), "utf8").matchAll(/^deb (\S+)/gm)].map(
    ([, mirror = ""]) => mirror,
  );
  const index = new PythonIndex(cache);
  return createServer((request, response) => {
    const url = request.url ?? "";
    const answer = url.startsWith("/") ? index.answer(url, response) : debian(request, response, { mirrors, cache });
    answer.catch((error: unknown) => {
      warn(`Packages: ${url}: ${error instanceof Error ? error.message : String(error)}`);
      if (!response.headersSent) response.writeHead(502);
      response.end();
    });
  });
}

async function debian(
  request: IncomingMessage,
  response: ServerResponse,
  { mirrors, cache }: { mirrors: readonly string[]; cache: string },
): Promise<void> {
  const url = request.url ?? "";
  if (request.method !== "GET" || !mirrors.some((mirror) => url.startsWith(mirror))) {
    response.writeHead(403).end("Not one of the mirrors in sources.list.\n");
    return;
  }
  const kept = join(cache, createHash("sha256").update(url).digest("hex"));
  if (lasting.test(url)) {
    await serve(await fetched(kept, url), response);
    return;
  }
  const since = request.headers["if-modified-since"];
  const upstream = await fetch(url, { headers: since === undefined ? {} : { "If-Modified-Since": since } });
  await pass(upstream, response);
}

/** Downloads it unless it is there; two at the same time fetch it twice and the last one stays. */
async function fetched(file: string, url: string): Promise<string> {
  if (existsSync(file)) return file;
  const upstream = await fetch(url);
  if (!upstream.ok || !upstream.body) throw new Error(`${url} answers ${String(upstream.status)}`);
  const beside = `${file}.${String(process.pid)}-${String(performance.now())}`;
  try {
    await pipeline(Readable.fromWeb(upstream.body), createWriteStream(beside));
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
  return file;
}

async function serve(file: string, response: ServerResponse): Promise<void> {
  response.writeHead(200, { "Content-Type": "application/octet-stream" });
  await pipeline(createReadStream(file), response);
}

async function pass(upstream: Response, response: ServerResponse): Promise<void> {
  const headers: Record<string, string> = {};
  for (const name of ["content-type", "last-modified", "etag"]) {
    const value = upstream.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  response.writeHead(upstream.status, headers);
  if (upstream.body) await pipeline(Readable.fromWeb(upstream.body), response);
  else response.end();
}

/** PEP 503's pages of the index that pip on this computer uses, with the files behind this server. */
class PythonIndex {
  readonly #cache: string;
  /** Addresses of files, by the name under which they are offered here. */
  readonly #files = new Map<string, string>();
  #index: string | undefined;

  constructor(cache: string) {
    this.#cache = cache;
  }

  async answer(url: string, response: ServerResponse): Promise<void> {
    const project = /^\/simple\/([\w.-]+)\/$/.exec(url)?.[1];
    if (project !== undefined) {
      await this.#page(project, response);
      return;
    }
    const name = /^\/files\/([0-9a-f]{12}\/[^/#]+)$/.exec(url)?.[1];
    const source = name === undefined ? undefined : this.#files.get(name);
    if (name === undefined || source === undefined) response.writeHead(404).end();
    else await serve(await fetched(join(this.#cache, name.replace("/", "-")), source), response);
  }

  async #page(project: string, response: ServerResponse): Promise<void> {
    const page = `${this.#address()}/${project}/`;
    const upstream = await fetch(page, { headers: { Accept: "text/html" } });
    if (!upstream.ok) {
      response.writeHead(upstream.status).end();
      return;
    }
    const html = (await upstream.text()).replaceAll(/href="([^"#]+)/g, (_match, link: string) => {
      const source = new URL(link.replaceAll("&amp;", "&"), page).href;
      // Two files of one name are never the same: the address is in the name.
      const name = `${createHash("sha256").update(source).digest("hex").slice(0, 12)}/${source.split("/").at(-1) ?? ""}`;
      this.#files.set(name, source);
      return `href="/files/${name}`;
    });
    response.writeHead(200, { "Content-Type": "text/html" }).end(html);
  }

  #address(): string {
    this.#index ??= hostIndex().replace(/\/+$/, "");
    return this.#index;
  }
}

function hostIndex(): string {
  const set = process.env["PIP_INDEX_URL"];
  if (set) return set;
  try {
    const found = execFileSync("python3", ["-m", "pip", "config", "get", "global.index-url"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
    if (found !== "") return found;
  } catch {
    // Not set, or no pip here.
  }
  return "https://pypi.org/simple";
}
