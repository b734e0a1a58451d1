/** The caller's own API keys (facts: maas.md 2.17; transcript s20). */
import { caller } from "./caller.ts";
import { mandatory } from "./form.ts";
import type { Call, Operation } from "./operation.ts";
import { deleted, json, notFound } from "./reply.ts";
import { keyText, newToken } from "./seed.ts";
import { nextId, type Token } from "./state.ts";

function ownToken(call: Call, key: string): Token {
  const token = call.state.tokens[key];
  if (token?.userId !== caller(call).id) throw notFound("Token");
  return token;
}

function list(call: Call) {
  const user = caller(call);
  const tokens = Object.values(call.state.tokens)
    .filter((token) => token.userId === user.id)
    .toSorted((a, b) => a.id - b.id);
  return json(tokens.map((token) => ({ name: token.name, token: keyText(token) })));
}

function create(call: Call) {
  const { state, form } = call;
  const token = newToken(nextId(state, "token"), caller(call).id, form.get("name") || undefined);
  state.tokens[token.key] = token;
  return json({ token_key: token.key, token_secret: token.secret, consumer_key: token.consumerKey, name: token.name });
}

function remove(call: Call) {
  const token = ownToken(call, mandatory(call.form, "token_key"));
  Reflect.deleteProperty(call.state.tokens, token.key);
  return deleted();
}

/** `token` is the whole key or its middle part. */
function rename(call: Call) {
  const given = mandatory(call.form, "token");
  const name = mandatory(call.form, "name");
  const parts = given.split(":");
  ownToken(call, parts.length === 3 ? (parts[1] ?? "") : given).name = name;
  return { status: 202, contentType: "text/plain", body: "Accepted" };
}

const path = "account/";

export const accountOperations: Operation[] = [
  { method: "GET", path, op: "list_authorisation_tokens", access: "user", handle: list },
  { method: "POST", path, op: "create_authorisation_token", access: "user", handle: create },
  { method: "POST", path, op: "delete_authorisation_token", access: "user", handle: remove },
  { method: "POST", path, op: "update_token_name", access: "user", handle: rename },
];
