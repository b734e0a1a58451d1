/** Sends operations: signs, limits, tries again, and turns what went wrong into one error a person can act on. */
import type { Clock } from "../core/clock.ts";
import { isError } from "../core/errors.ts";
import { answerError, transportError, wrongAnswer } from "./error-table.ts";
import type { Failure } from "./error-table.ts";
import { limiter } from "./limiter.ts";
import { parseApiKey, parseMaasUrl } from "./maas-url.ts";
import type { Operation, Send } from "./operation.ts";
import { encodeParams } from "./params.ts";
import { secretsOf } from "./redact.ts";
import type { Secrets } from "./redact.ts";
import { retryDelay } from "./retry.ts";
import type { HttpAnswer, HttpRequest, Transport } from "./transport.ts";

export interface Timeouts {
  read: number;
  write: number;
  power: number;
}

/** Power runs inside the request: AMT alone may take minutes, and MAAS's nginx waits for 900 s (trap 14). */
const TIMEOUTS: Timeouts = { read: 30_000, write: 60_000, power: 900_000 };

/** MAAS serves 16 requests at once and power calls block them (facts: maas.md 5). */
const READS = 8;
const WRITES = 4;
const TRIES = 4;

export interface RequestEvent {
  method: string;
  /** Below `/MAAS/api/2.0/`. */
  path: string;
  op: string | undefined;
  /** HTTP status; undefined when no answer came. */
  status: number | undefined;
  ms: number;
  /** 1 for the first try. */
  attempt: number;
}

export type OnRequest = (event: RequestEvent) => void;

export interface SenderParts {
  settings: { url: string; key: string; ca?: string };
  clock: Clock;
  random: () => number;
  transport: Transport | undefined;
  onRequest: OnRequest | undefined;
  timeouts: Partial<Timeouts> | undefined;
}

/** What the first request makes, and all others use. */
interface Wire {
  url: string;
  transport: Transport;
  authorization: () => string;
  secrets: Secrets;
}

export interface Sender {
  /** For the version, which is asked before anything else, without the key. */
  unchecked: Send;
  /** Sends only after the gate has let it through. */
  after(gate: () => Promise<void>): Send;
}

export function sender(parts: SenderParts): Sender {
  const timeouts = { ...TIMEOUTS, ...parts.timeouts };
  const reads = limiter(READS);
  const writes = limiter(WRITES);
  let opened: Promise<Wire> | undefined;

  const attempt = async (operation: Operation, number: number): Promise<HttpAnswer | Failure> => {
    const wire = await (opened ??= open(parts));
    wire.secrets.learn(operation.form ?? {});
    const request = httpRequest(operation, wire, timeouts);
    const started = performance.now();
    let status: number | undefined;
    try {
      const answer = await wire.transport(request);
      status = answer.status;
      return status >= 200 && status < 300 ? answer : answerError(operation, answer, context(wire));
    } catch (error) {
      return transportError(operation, error, context(wire));
    } finally {
      const { method, path, op } = operation;
      parts.onRequest?.({ method, path, op, status, ms: performance.now() - started, attempt: number });
    }
  };

  const deliver = async (operation: Operation): Promise<HttpAnswer> => {
    const slot = operation.method === "GET" ? reads : writes;
    const tries = operation.tries ?? TRIES;
    for (let number = 1; ; number++) {
      const outcome = await slot(() => attempt(operation, number));
      if ("body" in outcome) return outcome;
      operation.signal?.throwIfAborted();
      if (!outcome.again || number >= tries) throw outcome.error;
      await parts.clock.sleep(retryDelay(number, outcome.error.retryAfterMs, parts.random), operation.signal);
    }
  };

  const after = (gate: () => Promise<void>): Send => {
    const exchange = async <Answer>(operation: Operation): Promise<Answer> => {
      // The one place where MAAS's JSON becomes a type: what it holds is MAAS's word, recorded in the transcripts.
      const answer = parsed(operation, await deliver(operation), parts.settings.url) as Answer;
      if (operation.op === "power_parameters") (await opened)?.secrets.learn(answer as Record<string, unknown>);
      return answer;
    };
    const send = async <Answer>(operation: Operation): Promise<Answer> => {
      await gate();
      return await exchange<Answer>(operation);
    };
    const orUndefined = async <Answer>(operation: Operation): Promise<Answer | undefined> => {
      // Whatever the gate finds is no word about this thing.
      await gate();
      try {
        return await exchange<Answer>(operation);
      } catch (error) {
        if (isError(error, "gone")) return undefined;
        throw error;
      }
    };
    return Object.assign(send, { orUndefined });
  };

  return { unchecked: after(async () => Promise.resolve()), after };
}

async function open({ settings, transport }: SenderParts): Promise<Wire> {
  const url = parseMaasUrl(settings.url);
  const key = parseApiKey(settings.key);
  const [{ axiosTransport }, { oauthSigner }] = await Promise.all([
    import("./transport.ts"),
    import("./oauth-signer.ts"),
  ]);
  return {
    url,
    transport: transport ?? axiosTransport(settings.ca),
    authorization: oauthSigner(key),
    secrets: secretsOf(key),
  };
}

const context = ({ url, secrets }: Wire) => ({ url, redact: secrets.redact });

function httpRequest(operation: Operation, wire: Wire, timeouts: Timeouts): HttpRequest {
  const { method, path, op, query = {}, form, power, signal } = operation;
  const search = encodeParams(op === undefined ? query : { op, ...query });
  const plain = method === "GET" ? timeouts.read : timeouts.write;
  return {
    method,
    url: `${wire.url}/api/2.0/${path}${search === "" ? "" : `?${search}`}`,
    headers: {
      Accept: "*/*",
      "User-Agent": "metalform",
      // The version is anonymous, so a key is never shown to something that has not said it is MAAS.
      ...(path === "version/" ? {} : { Authorization: wire.authorization() }),
      ...(form ? { "Content-Type": "application/x-www-form-urlencoded" } : {}),
    },
    ...(form ? { body: encodeParams(form) } : {}),
    timeoutMs: power ? timeouts.power : plain,
    signal,
  };
}

function parsed(operation: Operation, answer: HttpAnswer, url: string): unknown {
  if (answer.status === 204 || answer.body === "") return undefined;
  // A page is what something else than MAAS would answer.
  if (operation.answers === "text" && !answer.body.startsWith("<")) return answer.body;
  try {
    return JSON.parse(answer.body);
  } catch {
    throw wrongAnswer(operation, answer, url);
  }
}

export const debugLine: OnRequest = ({ method, path, op, status, ms, attempt }) => {
  const outcome = status === undefined ? "no answer" : String(status);
  const again = attempt === 1 ? "" : ` (try ${String(attempt)})`;
  const what = op === undefined ? path : `${path} ${op}`;
  process.stderr.write(`metalform: ${method} ${what} -> ${outcome} in ${ms.toFixed(0)} ms${again}\n`);
};
