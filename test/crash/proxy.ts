/**
 * Stands between the provider and MAAS and notes what passes. At one chosen request it can stop: before the request
 * reaches MAAS, or after MAAS has answered but before the answer is handed back. There the crash happens.
 */
import { createServer, request as ask } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { RequestKinds } from "./request-kind.ts";

export type Moment = "before" | "after";

export interface Stop {
  /** The request to stop at, as `RequestKinds` names it; or a read alone, wherever it comes: "GET version/". */
  kind: string;
  moment: Moment;
  /** Resolves when whoever would get the answer is gone. */
  crash: () => Promise<void>;
}

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface Proxy {
  /** MAAS's URL as the provider gets it. */
  readonly maasUrl: string;
  /** Every request since the last `begin`, as `RequestKinds` names it, in order. */
  seen(): string[];
  /** Whether the stop was reached. */
  stopped(): boolean;
  /** Counts anew, and stops where it is told to. */
  begin(stop?: Stop): void;
  close(): Promise<void>;
}

/** @param target MAAS's own URL, http://127.0.0.1:PORT/MAAS */
export async function startProxy(target: string): Promise<Proxy> {
  const { origin, pathname } = new URL(target);
  let kinds = new RequestKinds();
  let stop: Stop | undefined;
  let stopped = false;

  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await buffer(request);
    const kind = kinds.name(request.method ?? "GET", (request.url ?? "").slice(pathname.length));
    const here = !stopped && stop !== undefined && isKind(kind, stop.kind) ? stop : undefined;
    if (here) stopped = true;
    if (here?.moment !== "before") {
      const answer = await forward(origin, request, body);
      if (!here) {
        response.writeHead(answer.status, answer.headers).end(answer.body);
        return;
      }
    }
    await here.crash();
    request.socket.destroy();
  };

  const server = createServer((request, response) => {
    handle(request, response).catch(() => {
      // The lab is gone, or the provider in the middle of its request: either way nobody waits for the answer.
      request.socket.destroy();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    maasUrl: `http://127.0.0.1:${String(port)}${pathname}`,
    seen: () => kinds.seen,
    stopped: () => stopped,
    begin: (next) => {
      kinds = new RequestKinds();
      stop = next;
      stopped = false;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const isKind = (kind: string, wanted: string): boolean => kind === wanted || kind.startsWith(`${wanted}, after `);

function forward(origin: string, request: IncomingMessage, body: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = `${origin}${request.url ?? ""}`;
    const { method, headers } = request;
    const passed = ask(url, { method: method ?? "GET", headers, agent: false }, (response) => {
      buffer(response).then((received) => {
        // Its length is known by now: no chunks.
        const { "transfer-encoding": _chunks, connection: _connection, ...kept } = response.headers;
        resolve({ status: response.statusCode ?? 502, headers: kept, body: received });
      }, reject);
    });
    passed.on("error", reject).end(body);
  });
}
