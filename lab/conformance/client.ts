/** Sends a recorded request as it was sent: with its signature, spoilt where the record says so, and its way of encoding. */
import { randomUUID } from "node:crypto";
import { Agent, request } from "node:http";
import type { Placeholders } from "./placeholders.ts";
import type { RequestRecord } from "./transcript.ts";

export interface Answer {
  status: number;
  headers: Record<string, string | undefined>;
  body: string;
}

interface SignatureOptions {
  timestamp?: string;
  nonce?: string;
  /** Part to leave out, e.g. `oauth_nonce`. */
  without?: string;
}

const nowInSeconds = (): number => Math.floor(Date.now() / 1000);

function oauthHeader(key: string, options: SignatureOptions = {}): string {
  const [consumer = "", token = "", secret = ""] = key.split(":");
  const parts = {
    oauth_version: "1.0",
    oauth_signature_method: "PLAINTEXT",
    oauth_consumer_key: consumer,
    oauth_token: token,
    oauth_signature: `%26${secret}`,
    oauth_nonce: options.nonce ?? randomUUID(),
    oauth_timestamp: options.timestamp ?? String(nowInSeconds()),
  };
  const sent = Object.entries(parts).filter(([name]) => name !== options.without);
  return `OAuth ${sent.map(([name, value]) => `${name}="${value}"`).join(", ")}`;
}

export class Client {
  readonly #base: string;
  readonly #placeholders: Placeholders;
  readonly #agent = new Agent({ keepAlive: true });
  /** Of the last `fix-nonce`. */
  #nonce = "";

  /** @param base e.g. http://127.0.0.1:5240/MAAS */
  constructor(base: string, placeholders: Placeholders) {
    this.#base = base;
    this.#placeholders = placeholders;
  }

  close(): void {
    this.#agent.destroy();
  }

  send(record: RequestRecord): Promise<Answer> {
    const path = this.#placeholders.fill(record.path);
    const query = this.#encode(record.query ?? []);
    const url = new URL(this.#base);
    const below = path.startsWith("/") ? path : `/api/2.0/${path}`;
    const { type, bytes } = this.#body(record);
    const authorization = this.#authorization(record);
    const headers: Record<string, string> = {
      Accept: "*/*",
      ...(authorization === undefined ? {} : { Authorization: authorization }),
      ...(type === undefined ? {} : { "Content-Type": type, "Content-Length": String(bytes.length) }),
    };
    return new Promise((resolve, reject) => {
      const sent = request(
        {
          host: url.hostname,
          port: url.port,
          // Not through URL: `machines//` must arrive as it is.
          path: `${url.pathname}${below.replace(/[^!-~]/g, encodeURIComponent)}${query === "" ? "" : `?${query}`}`,
          method: record.method,
          headers,
          agent: this.#agent,
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on("data", (chunk: Buffer) => chunks.push(chunk));
          response.on("error", reject);
          response.on("end", () => {
            resolve({
              status: response.statusCode ?? 0,
              headers: Object.fromEntries(
                Object.entries(response.headers).map(([name, value]) => [
                  name,
                  Array.isArray(value) ? value[0] : value,
                ]),
              ),
              body: Buffer.concat(chunks).toString("utf8"),
            });
          });
        },
      );
      sent.on("error", reject);
      sent.end(bytes);
    });
  }

  #encode(pairs: [string, string][]): string {
    return new URLSearchParams(this.#filled(pairs)).toString();
  }

  #filled(pairs: [string, string][]): [string, string][] {
    return pairs.map(([name, value]) => [name, this.#placeholders.fill(value)]);
  }

  #body(record: RequestRecord): { type?: string; bytes: Buffer } {
    const urlencoded = "application/x-www-form-urlencoded";
    if (record.raw !== undefined)
      return { type: record.raw_type ?? "", bytes: Buffer.from(this.#placeholders.fill(record.raw)) };
    if (record.form && record.encoding === "multipart") return this.#multipart(record.form);
    if (record.form) return { type: urlencoded, bytes: Buffer.from(this.#encode(record.form)) };
    if (record.method === "POST" || record.method === "PUT") return { type: urlencoded, bytes: Buffer.alloc(0) };
    return { bytes: Buffer.alloc(0) };
  }

  #multipart(form: [string, string][]): { type: string; bytes: Buffer } {
    const boundary = `boundary${randomUUID()}`;
    const parts = this.#filled(form).map(
      ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
    );
    return {
      type: `multipart/form-data; boundary=${boundary}`,
      bytes: Buffer.from(`${parts.join("")}--${boundary}--\r\n`),
    };
  }

  #authorization(record: RequestRecord): string | undefined {
    const { as, auth } = record;
    if (as === "anonymous") return record.authorization;
    const known: Record<string, string> = { admin: "adminkey", badkey: "adminkey", user: "userkey" };
    const key = String(this.#placeholders.value(known[as] ?? as.replace(/^\$/, "")));
    return auth === undefined ? oauthHeader(key) : this.#spoilt(key, auth, record.seconds);
  }

  #spoilt(key: string, how: string, seconds: number | undefined): string {
    const [consumer = "", token = "", secret = ""] = key.split(":");
    const without = /^without-(.+)$/.exec(how)?.[1];
    if (without !== undefined) return oauthHeader(key, { without: `oauth_${without}` });
    switch (how) {
      case "unknown-consumer":
        return oauthHeader(["A".repeat(18), token, secret].join(":"));
      case "unknown-token":
        return oauthHeader([consumer, "B".repeat(18), secret].join(":"));
      case "wrong-secret":
        return oauthHeader([consumer, token, "C".repeat(32)].join(":"));
      case "expired":
        return oauthHeader(key, { timestamp: String(nowInSeconds() - (seconds ?? 301)) });
      case "future":
        return oauthHeader(key, { timestamp: String(nowInSeconds() + (seconds ?? 3600)) });
      case "bad-timestamp":
        return oauthHeader(key, { timestamp: "abc" });
      case "fix-nonce":
        this.#nonce = randomUUID();
        return oauthHeader(key, { nonce: this.#nonce });
      case "reuse-nonce":
        return oauthHeader(key, { nonce: this.#nonce });
      case "realm":
        return oauthHeader(key).replace("OAuth ", 'OAuth realm="", ');
      case "garbage":
        return "OAuth garbage";
      default:
        throw new Error(`A transcript spoils its signature in an unknown way: ${how}`);
    }
  }
}
