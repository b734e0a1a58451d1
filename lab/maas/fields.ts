/** Queries and bodies into `Fields`, with MAAS's rules for content types (facts: maas.md 1.4, trap 18; transcript s21). */
import { Busboy } from "@fastify/busboy";
import { ApiError, type Fields } from "./operation.ts";
import { json } from "./reply.ts";

/** Fields over plain name-value pairs; `files` names those that were file parts. */
export function fieldsOf(pairs: Iterable<[string, string]>, files: ReadonlySet<string> = new Set()): Fields {
  const values = new Map<string, string[]>();
  for (const [name, value] of pairs) {
    const list = values.get(name);
    if (list) list.push(value);
    else values.set(name, [value]);
  }
  return {
    get: (name) => values.get(name)?.at(-1),
    all: (name) => values.get(name) ?? [],
    has: (name) => values.has(name),
    names: () => [...values.keys()],
    isFile: (name) => files.has(name),
  };
}

const noFields = fieldsOf([]);

export const queryFields = (query: string): Fields => fieldsOf(new URLSearchParams(query));

export interface Body {
  form: Fields;
  isJson: boolean;
}

/** Throws 400 `Bad Request` for broken JSON and 400 `{}` for a content type that MAAS does not read. */
export async function readBody(method: string, contentType: string | undefined, body: Buffer): Promise<Body> {
  if (method !== "POST" && method !== "PUT") return { form: noFields, isJson: false };
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase();
  if (type === "application/x-www-form-urlencoded") return { form: queryFields(body.toString("utf8")), isJson: false };
  if (type === "multipart/form-data") return { form: await multipart(contentType ?? "", body), isJson: false };
  if (type === "application/json") return { form: jsonFields(body.toString("utf8")), isJson: true };
  if (body.length === 0) return { form: noFields, isJson: false };
  throw new ApiError(json({}, 400));
}

const badRequest = (): ApiError => new ApiError({ status: 400, contentType: "text/plain", body: "Bad Request" });

/** The content of a file part is read as text. */
function multipart(contentType: string, body: Buffer): Promise<Fields> {
  return new Promise((resolve, reject) => {
    const pairs: [string, string][] = [];
    const files = new Set<string>();
    const fail = (): void => {
      reject(badRequest());
    };
    try {
      const parser = new Busboy({ headers: { "content-type": contentType } });
      parser.on("field", (name, value) => pairs.push([name, value]));
      parser.on("file", (name, stream) => {
        files.add(name);
        const chunks: Buffer[] = [];
        stream.on("data", (chunk: Buffer) => chunks.push(chunk));
        stream.on("end", () => pairs.push([name, Buffer.concat(chunks).toString("utf8")]));
      });
      parser.on("finish", () => {
        resolve(fieldsOf(pairs, files));
      });
      parser.on("error", fail);
      parser.end(body);
    } catch {
      fail();
    }
  });
}

function jsonFields(text: string): Fields {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest();
  }
  if (typeof value !== "object" || value === null) return noFields;
  const pairs: [string, string][] = [];
  for (const [name, item] of Object.entries(value as Record<string, unknown>))
    for (const one of Array.isArray(item) ? (item as unknown[]) : [item]) pairs.push([name, jsonText(one)]);
  return fieldsOf(pairs);
}

function jsonText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}
