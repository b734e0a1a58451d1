/** Small files that a user leaves with MAAS. Contents are kept as text. */
import { randomUUID } from "node:crypto";
import { caller } from "./caller.ts";
import { mandatory } from "./form.ts";
import type { Call, Operation, Reply } from "./operation.ts";
import { deleted, json, notFound, refusal } from "./reply.ts";
import { nextId, type StoredFile } from "./state.ts";

const plain = (body: string, status = 200): Reply => ({ status, contentType: "text/html; charset=utf-8", body });

const render = (file: StoredFile): Record<string, unknown> => ({
  filename: file.filename,
  anon_resource_uri: `/MAAS/api/2.0/files/?op=get_by_key&key=${file.key}`,
  resource_uri: `/MAAS/api/2.0/files/${file.filename}/`,
});

const ownFiles = (call: Call): StoredFile[] =>
  Object.values(call.state.files).filter((file) => file.userId === caller(call).id);

const ownFile = (call: Call, filename: string | undefined): StoredFile | undefined =>
  ownFiles(call).find((file) => file.filename === filename);

function list(call: Call): Reply {
  const prefix = call.query.get("prefix") ?? "";
  const files = ownFiles(call).filter((file) => file.filename.startsWith(prefix));
  return json(files.toSorted((a, b) => (a.filename < b.filename ? -1 : 1)).map(render));
}

/** A file of the same name is replaced. */
function create(call: Call): Reply {
  const { state, form } = call;
  const filename = form.get("filename") ?? "";
  if (filename === "") throw refusal(400, "Filename not supplied");
  const content = form.get("file");
  if (content === undefined || !form.isFile("file")) throw refusal(400, "File not supplied");
  const known = ownFile(call, filename);
  if (known) known.content = content;
  else {
    const id = nextId(state, "file");
    state.files[id] = { id, filename, userId: caller(call).id, content, key: randomUUID() };
  }
  return plain("", 201);
}

function getByName(call: Call): Reply {
  const file = ownFile(call, mandatory(call.query, "filename"));
  if (!file) throw refusal(404, "File not found");
  return plain(file.content);
}

/** Open to everybody who knows the key. */
function getByKey({ state, query }: Call): Reply {
  const key = mandatory(query, "key");
  const file = Object.values(state.files).find((one) => one.key === key);
  if (!file) throw notFound("FileStorage");
  return plain(file.content);
}

function read(call: Call): Reply {
  const file = ownFile(call, call.params["filename"]);
  if (!file) return { ...plain("Not Found", 404), headers: { Workaround: "bug1123986" } };
  return json({ ...render(file), content: Buffer.from(file.content).toString("base64") });
}

function remove(call: Call, filename: string | undefined): Reply {
  const file = ownFile(call, filename);
  if (!file) throw notFound("FileStorage");
  Reflect.deleteProperty(call.state.files, file.id);
  return deleted();
}

const path = "files/";

export const fileOperations: Operation[] = [
  { method: "GET", path, access: "user", handle: list },
  { method: "POST", path, access: "user", handle: create },
  {
    method: "DELETE",
    path,
    access: "user",
    handle: (call) => remove(call, mandatory(call.query, "filename")),
  },
  { method: "GET", path, op: "get", access: "user", handle: getByName },
  { method: "GET", path, op: "get_by_key", access: "anonymous", handle: getByKey },
  { method: "GET", path: `${path}:filename+/`, access: "user", handle: read },
  {
    method: "DELETE",
    path: `${path}:filename+/`,
    access: "user",
    handle: (call) => remove(call, call.params["filename"]),
  },
];
