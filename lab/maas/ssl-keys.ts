/** SSL keys of the caller. */
import { X509Certificate } from "node:crypto";
import { caller } from "./caller.ts";
import { requiredMessage } from "./form.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, fieldErrors, json, text } from "./reply.ts";
import { rowOr404 } from "./specifier.ts";
import { nextId, type SslKey } from "./state.ts";

const renderKey = (row: SslKey): Record<string, unknown> => ({
  id: row.id,
  key: row.key,
  resource_uri: `/MAAS/api/2.0/account/prefs/sslkeys/${String(row.id)}/`,
});

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== "";
  } catch {
    return false;
  }
}

function create(call: Call) {
  const { state, form } = call;
  const userId = caller(call).id;
  const key = form.get("key") ?? "";
  if (key === "") throw fieldErrors({ key: [requiredMessage] });
  if (!isCertificate(key)) throw fieldErrors({ key: ["Invalid SSL key."] });
  if (Object.values(state.sslKeys).some((row) => row.userId === userId && row.key === key))
    throw fieldErrors({ __all__: ["This key has already been added for this user."] });
  const row: SslKey = { id: nextId(state, "sslKey"), userId, key };
  state.sslKeys[row.id] = row;
  return json({ id: row.id, key }, 201);
}

function list(call: Call) {
  const user = caller(call);
  return json(
    Object.values(call.state.sslKeys)
      .filter((row) => row.userId === user.id)
      .map(renderKey),
  );
}

const keyOr404 = (call: Call): SslKey => rowOr404(call.state.sslKeys, call.params["id"] ?? "", "SSLKey");

function read(call: Call) {
  const row = keyOr404(call);
  return row.userId === caller(call).id ? json(renderKey(row)) : text("Can't get a key you don't own.", 403);
}

function remove(call: Call) {
  const row = keyOr404(call);
  if (row.userId !== caller(call).id) return text("Can't delete a key you don't own.", 403);
  Reflect.deleteProperty(call.state.sslKeys, row.id);
  return deleted();
}

const collection = "account/prefs/sslkeys/";

export const sslKeyOperations: Operation[] = [
  { method: "GET", path: collection, access: "user", handle: list },
  { method: "POST", path: collection, access: "user", handle: create },
  { method: "GET", path: `${collection}:id/`, access: "user", handle: read },
  { method: "DELETE", path: `${collection}:id/`, access: "user", handle: remove },
];
