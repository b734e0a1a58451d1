/**
 * A MAAS that follows a script: the requests a test expects, in order, and what is answered to each. A request that is
 * not in the script, and a step that no request came for, fail the test.
 */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { TestContext } from "node:test";

export interface Answer {
  /** @default 200 */
  status?: number;
  /** Sent as JSON. */
  json?: unknown;
  text?: string;
  html?: string;
  headers?: Record<string, string>;
}

export interface Step {
  /** "GET machines/abc123/", with an operation "POST machines/abc123/ deploy". */
  expect: string;
  /** The query without the operation, as it is on the wire. */
  query?: string;
  /** The form, as it is on the wire. */
  form?: string;
  /** "drop" closes the connection without an answer; "silence" never answers. @default an empty object */
  answer?: Answer | "drop" | "silence" | undefined;
}

export interface SeenRequest {
  line: string;
  /** The path with its query, as it is on the wire. */
  target: string;
  headers: IncomingMessage["headers"];
}

export interface ScriptedMaas {
  /** "http://127.0.0.1:PORT/MAAS". */
  url: string;
  /** Everything that came, in order. */
  seen: SeenRequest[];
}

export interface ScriptOptions {
  /** What `version/` says at the beginning of the script; null leaves that step out. @default "3.5.13" */
  version?: string | null;
  tls?: { key: string; cert: string };
}

export const TEST_KEY = "consumerPlanted0001:tokenPlanted0002:secretPlanted0003";

export async function scriptedMaas(t: TestContext, script: Step[], options: ScriptOptions = {}): Promise<ScriptedMaas> {
  const { version = "3.5.13" } = options;
  const steps: Step[] = version === null ? [...script] : [versionStep(version), ...script];
  const seen: SeenRequest[] = [];
  const problems: string[] = [];

  const handle = (request: IncomingMessage, response: ServerResponse, body: string) => {
    const { line, query } = described(request);
    seen.push({ line, target: request.url ?? "", headers: request.headers });
    const step = steps.shift();
    if (!step) {
      problems.push(`${line} came after the end of the script`);
      respond(response, { status: 418, text: "not in the script" });
      return;
    }
    if (step.expect !== line) problems.push(`expected ${step.expect}, and ${line} came`);
    if (step.query !== undefined && step.query !== query)
      problems.push(`${line}: expected the query ${step.query}, and it is ${query}`);
    if (step.form !== undefined && step.form !== body)
      problems.push(`${line}: expected the form ${step.form}, and it is ${body}`);
    if (step.answer === "drop") request.socket.destroy();
    else if (step.answer !== "silence") respond(response, step.answer ?? { json: {} });
  };

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    let body = "";
    request.setEncoding("utf8").on("data", (chunk: string) => (body += chunk));
    request.on("end", () => {
      handle(request, response, body);
    });
  };
  const server: Server = options.tls ? createTlsServer(options.tls, listener) : createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    assert.deepEqual(problems, []);
    assert.deepEqual(
      steps.map((step) => step.expect),
      [],
      "no request came for these steps",
    );
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${options.tls ? "https" : "http"}://127.0.0.1:${String(port)}/MAAS`, seen };
}

const versionStep = (version: string): Step => ({
  expect: "GET version/",
  answer: { json: { version, subversion: "", capabilities: [] } },
});

function described(request: IncomingMessage): { line: string; query: string } {
  const url = new URL(request.url ?? "", "http://127.0.0.1");
  const op = url.searchParams.get("op");
  const query = url.search.slice(1).replace(/^op=[^&]*&?/, "");
  const path = url.pathname.replace(/^\/MAAS\/api\/2\.0\//, "");
  return { line: `${String(request.method)} ${path}${op === null ? "" : ` ${op}`}`, query };
}

function respond(response: ServerResponse, answer: Answer): void {
  const [type, body] =
    answer.html !== undefined
      ? ["text/html; charset=utf-8", answer.html]
      : answer.text !== undefined
        ? ["text/plain; charset=utf-8", answer.text]
        : ["application/json; charset=utf-8", answer.json === undefined ? "" : JSON.stringify(answer.json)];
  response.writeHead(answer.status ?? 200, { "Content-Type": type, ...answer.headers }).end(body);
}
