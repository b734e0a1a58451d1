/**
 * The page that a browser finds at the lab's MAAS URL, where MAAS has its own: machines, networks and events, as they change.
 * It only reads, asks for no key, and is shown to this machine alone.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { LabState } from "../maas/state.ts";
import { machineDetail, overview } from "./overview.ts";

export interface PageOptions {
  state: () => LabState;
  /** Calls it after every change of the state; returns how to stop that. */
  watch: (changed: () => void) => () => void;
}

/** Real milliseconds between two looks at a state that changes all the time. */
const calm = 100;

/** Nothing from elsewhere, nothing inline, and nobody may frame it: hostnames are whatever a client has sent. */
const headers = {
  "Content-Security-Policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "Cross-Origin-Resource-Policy": "same-origin",
  "Cache-Control": "no-store",
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};

const files = {
  "dom.js": "text/javascript; charset=utf-8",
  "icon.svg": "image/svg+xml",
  "page.css": "text/css; charset=utf-8",
  "page.js": "text/javascript; charset=utf-8",
} as const;

const read = (name: string): string => readFileSync(join(import.meta.dirname, "browser", name), "utf8");

export function registerPage(app: FastifyInstance, { state, watch }: PageOptions): void {
  const get = (path: string, answer: (request: FastifyRequest, reply: FastifyReply) => unknown): void => {
    app.get(path, async (request, reply) => {
      void reply.headers(headers);
      if (!isLocal(request)) {
        return reply.code(403).type("text/plain").send("The lab's page is shown on the lab's own machine alone.\n");
      }
      return answer(request, reply);
    });
  };
  const html = (_request: FastifyRequest, reply: FastifyReply) =>
    reply.type("text/html; charset=utf-8").send(read("index.html"));
  // As MAAS does it: its own page lives under /MAAS/r/.
  for (const path of ["/", "/MAAS", "/MAAS/"]) get(path, (_request, reply) => reply.redirect("/MAAS/r/", 302));
  for (const path of ["/MAAS/r", "/MAAS/r/*"]) get(path, html);
  for (const [name, type] of Object.entries(files)) {
    get(`/lab/page/${name}`, (_request, reply) => reply.type(type).send(read(name)));
  }
  get("/lab/page/machines/:id", (request, reply) => {
    const { id } = request.params as { id: string };
    return machineDetail(state(), id) ?? reply.code(404).send({ error: "There is no such machine." });
  });
  get("/lab/page/live", (request, reply) => {
    stream(request, reply, () => JSON.stringify(overview(state())), watch);
    return reply;
  });
}

/** Server-sent events: the whole overview now, and again whenever it has changed. */
function stream(request: FastifyRequest, reply: FastifyReply, text: () => string, watch: PageOptions["watch"]): void {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, { ...headers, "Content-Type": "text/event-stream" });
  let sent = "";
  let waiting: NodeJS.Timeout | undefined;
  const send = (): void => {
    waiting = undefined;
    const now = text();
    if (now !== sent) raw.write(`data: ${now}\n\n`);
    sent = now;
  };
  const unwatch = watch(() => {
    waiting ??= setTimeout(send, calm).unref();
  });
  request.raw.on("close", () => {
    clearTimeout(waiting);
    unwatch();
  });
  send();
}

/** By its address, and by the name it was asked for under: a foreign name that leads here is a foreign site's doing. */
function isLocal(request: FastifyRequest): boolean {
  const address = request.socket.remoteAddress ?? "";
  const name = request.hostname.toLowerCase();
  const isHere = address === "::1" || /^(::ffff:)?127\./.test(address);
  return isHere && (["localhost", "::1", "[::1]"].includes(name) || /^127\.\d+\.\d+\.\d+$/.test(name));
}
