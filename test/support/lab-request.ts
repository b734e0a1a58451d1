/** Plain HTTP to a lab, signed by hand: what a client would never send can be sent too. */
import { createHmac, randomUUID } from "node:crypto";
import { request } from "node:http";
import type { Lab } from "../../lab/lab.ts";

export interface Asked {
  /** An API key, or null for an anonymous request. @default the lab's admin */
  key?: string | null;
  query?: Record<string, string | string[]>;
  form?: Record<string, string | string[]>;
  /** Sent as they are; an Authorization header replaces the signature. */
  headers?: Record<string, string>;
  body?: string;
}

export interface Told {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  json: unknown;
}

export interface OauthParts {
  oauth_version?: string;
  oauth_signature_method?: string;
  oauth_nonce?: string;
  oauth_timestamp?: string;
  oauth_signature?: string;
}

/** A PLAINTEXT header; `parts` overwrites single ones, undefined leaves them out. */
export function plaintext(key: string, parts: { [Name in keyof OauthParts]?: string | undefined } = {}): string {
  const [consumer = "", token = "", secret = ""] = key.split(":");
  const all: Record<string, string | undefined> = {
    oauth_version: "1.0",
    oauth_signature_method: "PLAINTEXT",
    oauth_consumer_key: consumer,
    oauth_token: token,
    oauth_signature: `%26${secret}`,
    oauth_nonce: randomUUID(),
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
    ...parts,
  };
  const sent = Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [`${name}="${value}"`]));
  return `OAuth ${sent.join(", ")}`;
}

/** Per RFC 5849, over the query's fields alone. */
export function hmacSha1(key: string, method: string, url: string, query: Record<string, string>): string {
  const [consumer = "", token = "", secret = ""] = key.split(":");
  const parts: Record<string, string> = {
    oauth_version: "1.0",
    oauth_signature_method: "HMAC-SHA1",
    oauth_consumer_key: consumer,
    oauth_token: token,
    oauth_nonce: randomUUID(),
    oauth_timestamp: String(Math.floor(Date.now() / 1000)),
  };
  const escape = encodeURIComponent;
  const fields = Object.entries({ ...parts, ...query }).map(([name, value]) => `${escape(name)}=${escape(value)}`);
  const base = [method, url, fields.sort().join("&")].map(escape).join("&");
  const signature = createHmac("sha1", `&${secret}`).update(base).digest("base64");
  const sent = Object.entries({ ...parts, oauth_signature: escape(signature) });
  return `OAuth ${sent.map(([name, value]) => `${name}="${value}"`).join(", ")}`;
}

const encode = (fields: Record<string, string | string[]>): string =>
  new URLSearchParams(
    Object.entries(fields).flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, one])),
  ).toString();

type Reachable = Pick<Lab, "maasUrl" | "adminKey">;

/** @param path Below /MAAS/api/2.0/, or from the root when it begins with a slash. */
export function ask(lab: Reachable, method: string, path: string, asked: Asked = {}): Promise<Told> {
  const { key = lab.adminKey, query, form } = asked;
  const url = new URL(lab.maasUrl);
  const target = path.startsWith("/") ? path : `/MAAS/api/2.0/${path}`;
  const body = asked.body ?? (form ? encode(form) : "");
  const headers: Record<string, string> = {
    ...(key === null ? {} : { Authorization: plaintext(key) }),
    ...(form ? { "Content-Type": "application/x-www-form-urlencoded" } : {}),
    ...(body === "" ? {} : { "Content-Length": String(Buffer.byteLength(body)) }),
    ...asked.headers,
  };
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: url.hostname,
        port: url.port,
        path: query ? `${target}?${encode(query)}` : target,
        method,
        headers,
        agent: false,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("end", () => {
          const text = Buffer.concat(chunks).toString("utf8");
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json: readJson(text) });
        });
      },
    );
    sent.on("error", reject);
    sent.end(body);
  });
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
