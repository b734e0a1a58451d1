/**
 * The wire: the one file that knows axios. It is loaded at the first request, because axios takes 0.1 s to load and a
 * preview that asks nothing should not pay for it.
 */
import { Agent as HttpAgent } from "node:http";
import type { AgentOptions, ClientRequestArgs } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { getCACertificates } from "node:tls";
import axios from "axios";

export interface HttpRequest {
  method: "GET" | "POST" | "PUT" | "DELETE";
  url: string;
  headers: Record<string, string>;
  body?: string;
  timeoutMs: number;
  signal?: AbortSignal | undefined;
}

export interface HttpAnswer {
  status: number;
  /** Names in lower case. */
  headers: Record<string, string | undefined>;
  body: string;
}

/** Resolves with any answer, whatever its status; rejects with a TransportFailure when there was none. */
export type Transport = (request: HttpRequest) => Promise<HttpAnswer>;

/** Holds no part of the request: axios's own errors carry the headers with the key in them. */
export class TransportFailure extends Error {
  /** Node's: "ECONNREFUSED", "ENOTFOUND", …; "TIMEOUT" when no answer came in time; "ABORTED" by the caller's signal. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "TransportFailure";
    this.code = code;
  }
}

const CONNECT_MS = 10_000;
// MAAS's nginx closes an idle connection after 75 s; one that is closed while a write is on its way makes the write
// ambiguous, so ours are given up long before.
const IDLE_MS = 4_000;

/** @param ca PEM text of a private CA, besides those that Node knows (NODE_EXTRA_CA_CERTS among them) */
export function axiosTransport(ca?: string): Transport {
  const options: AgentOptions = { keepAlive: true, timeout: IDLE_MS, scheduling: "lifo" };
  const httpAgent = withConnectTimeout(new HttpAgent(options));
  const httpsAgent = withConnectTimeout(
    new HttpsAgent(ca === undefined ? options : { ...options, ca: [...getCACertificates("default"), ca] }),
  );

  return async ({ method, url, headers, body, timeoutMs, signal }) => {
    const late = AbortSignal.timeout(timeoutMs);
    try {
      const answer = await axios.request<string>({
        method,
        url,
        headers,
        data: body,
        httpAgent,
        httpsAgent,
        signal: signal ? AbortSignal.any([signal, late]) : late,
        maxRedirects: 0,
        // MAAS is on the rack's own network; a proxy from the environment would be shown the key.
        proxy: false,
        responseType: "text",
        transformResponse: [],
        transformRequest: [],
        validateStatus: () => true,
      });
      return { status: answer.status, headers: textHeaders(answer.headers), body: answer.data };
    } catch (error) {
      if (late.aborted) throw new TransportFailure("TIMEOUT", `no answer within ${String(timeoutMs / 1000)} s`);
      if (signal?.aborted) throw new TransportFailure("ABORTED", "the request was given up");
      throw failure(error);
    }
  };
}

function failure(error: unknown): TransportFailure {
  const inner = axios.isAxiosError(error) && error.cause instanceof Error ? error.cause : error;
  const code = [inner, error].map(codeOf).find((found) => found !== undefined) ?? "UNKNOWN";
  const message = inner instanceof Error ? inner.message : "no answer";
  return new TransportFailure(code, message === "" ? code : message);
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;

const textHeaders = (headers: object): Record<string, string | undefined> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === "string" ? value : undefined]),
  );

/** A host that swallows packets must not hold a call of 15 minutes: connecting has its own, short time. */
function withConnectTimeout<A extends HttpAgent>(agent: A): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options: ClientRequestArgs, done?: (error: Error | null, stream: Duplex) => void) => {
    const socket = connect(options, done);
    if (!socket) return socket;
    const timer = setTimeout(() => {
      const error = new TransportFailure("CONNECT_TIMEOUT", `no connection within ${String(CONNECT_MS / 1000)} s`);
      socket.destroy(error);
    }, CONNECT_MS);
    const stop = () => {
      clearTimeout(timer);
    };
    socket.once("connect", stop).once("secureConnect", stop).once("close", stop);
    return socket;
  };
  return agent;
}
