/**
 * MAAS's HTTP side on fastify: finds the operation, checks the signature, reads the fields, sends the reply.
 * Which answer comes before which is MAAS's order: unknown path 404, signature 401, method 405, unreadable body 400, operation 400, access 403.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { queryFields, readBody } from "./fields.ts";
import { metadataReply } from "./metadata.ts";
import { authenticate, NonceStore } from "./oauth.ts";
import { ApiError, type Operation, type Reply } from "./operation.ts";
import { forbidden, refusal, text } from "./reply.ts";
import { allowedMethods, findOperation, isKnown, Routes, type Match } from "./routes.ts";
import type { LabState } from "./state.ts";
import { apiHash } from "./version.ts";

export interface MaasServerOptions {
  operations: readonly Operation[];
  /** To look at. */
  state: () => LabState;
  /** The same, for operations that write: what they write through it is saved. */
  writable: () => LabState;
  /** Called before an answer leaves: nobody is told what could still be lost. */
  changed: () => Promise<void>;
  /** Called with e.g. "POST machines/ allocate", or the path where no operation was found. */
  counted: (operation: string) => void;
  /** The program that a machine runs when it boots from the rack. */
  ephemeral: () => string;
  warn: (line: string) => void;
}

const apiRoot = "/MAAS/api/2.0/";
const metadataRoot = "/MAAS/metadata/";
const writes = new Set(["POST", "PUT", "DELETE"]);

export function registerMaas(app: FastifyInstance, options: MaasServerOptions): void {
  const routes = new Routes(options.operations);
  const nonces = new NonceStore();
  app.all("/MAAS/*", async (request, reply) => {
    const answer = await answerTo(request, routes, nonces, options);
    await options.changed();
    return send(reply, answer);
  });
}

async function answerTo(
  request: FastifyRequest,
  routes: Routes,
  nonces: NonceStore,
  options: MaasServerOptions,
): Promise<Reply> {
  const [rawPath = "", query = ""] = splitOnce(request.raw.url ?? "", "?");
  const path = decodePath(rawPath).replace(/\/{2,}/g, "/");
  if (path.startsWith(metadataRoot)) return metadata(request, path.slice(metadataRoot.length), query, nonces, options);
  if (!path.startsWith(apiRoot)) return outsideApi(path, request.method, options);
  const match = routes.match(path.slice(apiRoot.length));
  if (!match) {
    options.counted(`${request.method} ${path.slice(apiRoot.length)}`);
    return text(`Unknown API endpoint: ${decodePath(rawPath)}.`, 404);
  }
  try {
    return withHash(await dispatch(request, match, query, nonces, options));
  } catch (error) {
    return errorReply(error, options);
  }
}

/** What machines ask and tell: no hash on the answers, and keys of their own. */
async function metadata(
  request: FastifyRequest,
  path: string,
  queryText: string,
  nonces: NonceStore,
  options: MaasServerOptions,
): Promise<Reply> {
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  options.counted(`${request.method} ${metadataRoot}${path}`);
  try {
    const isStatus = path.startsWith("status/");
    const { form } = isStatus
      ? { form: queryFields("") }
      : await readBody(request.method, request.headers["content-type"], raw);
    const signed = {
      method: request.method,
      url: `${request.protocol}://${request.host}${splitOnce(request.raw.url ?? "", "?")[0] ?? ""}`,
      authorization: request.headers.authorization,
      query: queryFields(queryText),
      form,
    };
    const reply = metadataReply(options.writable(), nonces, signed, path, raw.toString("utf8"), options.ephemeral);
    return reply ?? notSimulated(`${request.method} ${metadataRoot}${path}`, options).reply;
  } catch (error) {
    return errorReply(error, options);
  }
}

async function dispatch(
  request: FastifyRequest,
  match: Match,
  queryText: string,
  nonces: NonceStore,
  options: MaasServerOptions,
): Promise<Reply> {
  const { resource } = match;
  const query = queryFields(queryText);
  const raw = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  // The body may be unreadable, but the signature is told first.
  const body = await readBody(request.method, request.headers["content-type"], raw).catch((error: unknown) => error);
  const readable = isBody(body) ? body : { form: queryFields(""), isJson: false };
  const state = options.state();
  const user = authenticate(state, nonces, {
    method: request.method,
    url: `${request.protocol}://${request.host}${splitOnce(request.raw.url ?? "", "?")[0] ?? ""}`,
    authorization: request.headers.authorization,
    query,
    form: readable.form,
  });
  const op = query.get("op") || (readable.isJson ? undefined : readable.form.get("op")) || match.op;
  const operation = findOperation(resource, request.method, op);
  options.counted(`${request.method} ${resource.path}${op ? ` ${op}` : ""}`);
  if (!user) checkAnonymous(match, operation, request.method, op);

  const allowed = allowedMethods(resource);
  if (!allowed.includes(request.method)) return methodNotAllowed(allowed);
  if (!isBody(body)) throw body;
  if (!operation) throw missing(match, request.method, op, options);
  if (operation.access === "admin" && !user?.isSuperuser) throw forbidden("This method is reserved for admin users.");
  const mayWrite = operation.writes === true || writes.has(request.method);
  return operation.handle({
    user,
    params: match.params,
    query,
    form: body.form,
    isJson: body.isJson,
    state: mayWrite ? options.writable() : state,
  });
}

const isBody = (value: unknown): value is Awaited<ReturnType<typeof readBody>> =>
  typeof value === "object" && value !== null && "form" in value;

/** Only machines/ has an anonymous side that answers to what it does not know (facts: maas.md 1.3). */
function checkAnonymous(match: Match, operation: Operation | undefined, method: string, op: string | undefined): void {
  if (operation?.access === "anonymous") return;
  const openMethods = match.resource.path === "machines/" ? ["GET", "POST"] : [];
  if (openMethods.includes(method)) throw unrecognised(method, op);
  const open = [...match.resource.operations.values()].every(({ access }) => access === "anonymous");
  if (open && match.resource.operations.size > 0) return;
  throw new ApiError({ status: 401, contentType: "text/plain", body: "Forbidden" });
}

const unrecognised = (method: string, op: string | undefined): ApiError =>
  refusal(400, `Unrecognised signature: method=${method} op=${op ?? "None"}`);

function missing(match: Match, method: string, op: string | undefined, options: MaasServerOptions): ApiError {
  if (!isKnown(match.resource, method, op)) return unrecognised(method, op);
  return notSimulated(`${method} ${match.resource.path}${op ? ` op=${op}` : ""}`, options);
}

function notSimulated(name: string, options: MaasServerOptions): ApiError {
  options.warn(`Not simulated: ${name}`);
  return refusal(501, `Not simulated by the lab: ${name}`);
}

const methodNotAllowed = (allowed: string[]): Reply => ({
  status: 405,
  contentType: "text/html; charset=utf-8",
  body: "",
  headers: { Allow: allowed.join(", ") },
});

function outsideApi(path: string, method: string, options: MaasServerOptions): Reply {
  options.counted(`${method} ${path}`);
  if (path === "/MAAS/api/version/") return { status: 200, contentType: "text/plain", body: "2.0" };
  if (path.startsWith("/MAAS/api/1.0/"))
    return {
      status: 410,
      contentType: "text/plain",
      body: "The 1.0 API is no longer available. Please use API version 2.0.",
    };
  return notSimulated(`${method} ${path}`, options).reply;
}

/** MAAS's handlers put the hash on what they return and on Django's own 404s; refusals raised elsewhere lack it. */
const withHash = (reply: Reply): Reply => ({ ...reply, headers: { "X-MAAS-API-Hash": apiHash, ...reply.headers } });

function errorReply(error: unknown, options: MaasServerOptions): Reply {
  if (error instanceof ApiError) return error.reply.contentType === "text/plain" ? withHash(error.reply) : error.reply;
  const problem = error instanceof Error ? error : new Error(String(error));
  options.warn(problem.stack ?? problem.message);
  return text(`The lab failed: ${problem.message}`, 500);
}

function send(reply: FastifyReply, answer: Reply): FastifyReply {
  if (answer.status === 204) return sendDeleted(reply, answer);
  void reply.code(answer.status).headers(answer.headers ?? {});
  void reply.header("Content-Type", answer.contentType).header("Vary", "Authorization, Cookie");
  const isJson = answer.contentType.includes("json");
  return reply.send(isJson ? JSON.stringify(answer.body) : String(answer.body));
}

/** MAAS sends a content type with its 204s, which fastify would take away. */
function sendDeleted(reply: FastifyReply, answer: Reply): FastifyReply {
  const type = answer.contentType === "" ? {} : { "Content-Type": answer.contentType };
  reply.hijack();
  reply.raw.writeHead(204, { ...answer.headers, ...type });
  reply.raw.end();
  return reply;
}

function splitOnce(value: string, separator: string): string[] {
  const at = value.indexOf(separator);
  return at < 0 ? [value] : [value.slice(0, at), value.slice(at + 1)];
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
