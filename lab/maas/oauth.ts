/**
 * OAuth 1.0 as MAAS checks it (facts: maas.md 1.2, 1.3; transcript s21): which parts must be there, in which order they are tested,
 * and with which words each failure is answered.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { ApiError, type Fields } from "./operation.ts";
import type { LabState, User } from "./state.ts";

/** Seconds that a timestamp may lie in the past; the future is not limited. */
const threshold = 300;

/** Searched as plain substrings of the header: `oauth_signature` is found in `oauth_signature_method`, hence "Missing signature." */
const required = [
  "oauth_consumer_key",
  "oauth_token",
  "oauth_signature",
  "oauth_signature_method",
  "oauth_timestamp",
  "oauth_nonce",
];

export interface SignedRequest {
  method: string;
  /** Scheme, host and path, without the query. */
  url: string;
  authorization: string | undefined;
  query: Fields;
  form: Fields;
}

/** Nonces seen, by consumer and token. Those older than the threshold go: their timestamp would be refused anyway. */
export class NonceStore {
  readonly #seen = new Map<string, number>();
  #sweepAt = 0;

  /** False when this nonce was used before. It counts as used also if the signature fails later. */
  use(consumer: string, token: string, nonce: string, timestamp: number, now: number): boolean {
    this.#sweep(now);
    const key = `${consumer}\n${token}\n${nonce}`;
    if (this.#seen.has(key)) return false;
    this.#seen.set(key, timestamp);
    return true;
  }

  #sweep(now: number): void {
    if (now < this.#sweepAt) return;
    this.#sweepAt = now + 60;
    for (const [key, timestamp] of this.#seen) if (now - timestamp > threshold) this.#seen.delete(key);
  }
}

interface Secret {
  consumerKey: string;
  key: string;
  secret: string;
}

/** The user who signed, or null when the request carries no OAuth at all (or lacks one of its five parts). Throws the 401s. */
export function authenticate(state: LabState, nonces: NonceStore, request: SignedRequest): User | null {
  const token = signingKey(Object.values(state.tokens), nonces, request);
  return token ? (state.users[token.userId] ?? null) : null;
}

/** Which of these keys the request was signed with; null without OAuth. Throws the 401s. */
export function signingKey<Key extends Secret>(
  keys: readonly Key[],
  nonces: NonceStore,
  request: SignedRequest,
): Key | null {
  const header = request.authorization ?? "";
  const inHeader = required.every((part) => header.includes(part));
  if (!inHeader && !required.every((part) => request.query.has(part) || request.form.has(part))) return null;
  const part = partReader(header, request);

  const version = part("oauth_version") ?? "1.0";
  if (version !== "1.0") throw unauthorized(`'OAuth version ${version} not supported.'`);
  const consumer = part("oauth_consumer_key") ?? "";
  if (!keys.some((one) => one.consumerKey === consumer)) throw unauthorized("Invalid API key.");
  const tokenKey = part("oauth_token") ?? "";
  const token = keys.find((one) => one.key === tokenKey);
  if (!token) throw unauthorized(`'Invalid access token: ${tokenKey}'`);

  const now = Math.floor(Date.now() / 1000);
  const timestamp = pythonInt(part("oauth_timestamp") ?? "");
  if (now - timestamp > threshold)
    throw unauthorized(
      `'Expired timestamp: given ${String(timestamp)} and now ${String(now)} has a greater difference than threshold ${String(threshold)}'`,
    );
  const nonce = part("oauth_nonce") ?? "";
  if (!nonces.use(consumer, tokenKey, nonce, timestamp, now)) throw unauthorized(`'Nonce already used: ${nonce}'`);

  checkSignature(part, request, token.secret);
  return token;
}

type PartReader = (name: string) => string | undefined;

function partReader(header: string, request: SignedRequest): PartReader {
  const parts = splitHeader(header);
  return (name) => parts.get(name) ?? request.query.get(name) ?? request.form.get(name);
}

/** `OAuth a="1", b="2"`: split on commas, quotes stripped, percent-decoded; a realm is skipped. */
function splitHeader(header: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const piece of header.replace(/^OAuth\s+/, "").split(",")) {
    const at = piece.indexOf("=");
    if (at < 0) continue;
    const name = piece.slice(0, at).trim();
    if (name === "realm") continue;
    parts.set(
      name,
      percentDecode(
        piece
          .slice(at + 1)
          .trim()
          .replace(/^"+|"+$/g, ""),
      ),
    );
  }
  return parts;
}

function percentDecode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Python's int(): anything else ends in a 500 with its words. */
function pythonInt(value: string): number {
  if (/^\s*[+-]?\d+\s*$/.test(value)) return Number(value);
  throw new ApiError({
    status: 500,
    contentType: "text/plain; charset=utf-8",
    body: `invalid literal for int() with base 10: '${value}'`,
  });
}

function checkSignature(part: PartReader, request: SignedRequest, secret: string): void {
  const method = (part("oauth_signature_method") ?? "").toUpperCase();
  if (method !== "PLAINTEXT" && method !== "HMAC-SHA1")
    throw unauthorized(`'Signature method ${method} not supported try one of the following: HMAC-SHA1, PLAINTEXT'`);
  const given = part("oauth_signature");
  if (given === undefined) throw unauthorized("'Missing signature.'");
  const key = `&${escape(secret)}`;
  const base = method === "PLAINTEXT" ? key : baseString(part, request);
  const expected = method === "PLAINTEXT" ? key : createHmac("sha1", key).update(base).digest("base64");
  if (!equal(given, expected)) throw unauthorized(`'Invalid signature. Expected signature base string: ${base}'`);
}

function baseString(part: PartReader, request: SignedRequest): string {
  const pairs: [string, string][] = [];
  for (const name of [...required, "oauth_version"]) {
    const value = part(name);
    if (value !== undefined && name !== "oauth_signature") pairs.push([name, value]);
  }
  for (const fields of [request.query, request.form])
    for (const name of fields.names())
      if (!name.startsWith("oauth_")) for (const value of fields.all(name)) pairs.push([name, value]);
  const text = pairs
    .map(([name, value]) => `${escape(name)}=${escape(value)}`)
    .sort()
    .join("&");
  return [request.method.toUpperCase(), request.url, text].map(escape).join("&");
}

const escape = (value: string): string =>
  encodeURIComponent(value).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);

function equal(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

const unauthorized = (reason: string): ApiError =>
  new ApiError({
    status: 401,
    contentType: "text/html; charset=utf-8",
    body: `Authorization Error: ${reason}`,
    headers: { "WWW-Authenticate": 'OAuth realm="OAuth"' },
  });
