/** User accounts (facts: maas.md 2.17; transcript s20). */
import { caller } from "./caller.ts";
import { mandatory } from "./form.ts";
import type { Call, Operation } from "./operation.ts";
import { databaseConflict, deleted, json, notFound, refusal } from "./reply.ts";
import { nextId, type LabState, type User } from "./state.ts";

export const renderUser = (user: User): Record<string, unknown> => ({
  is_superuser: user.isSuperuser,
  username: user.username,
  email: user.email,
  is_local: true,
  resource_uri: `/MAAS/api/2.0/users/${user.username}/`,
});

export const userByName = (state: LabState, username: string): User | undefined =>
  Object.values(state.users).find((user) => user.username === username);

function list({ state }: Call) {
  const users = Object.values(state.users).toSorted((a, b) => (a.username < b.username ? -1 : 1));
  return json(users.map(renderUser));
}

function read({ state, params }: Call) {
  const user = userByName(state, params["username"] ?? "");
  if (!user) throw notFound("User");
  return json(renderUser(user));
}

function create({ state, form }: Call) {
  const username = mandatory(form, "username");
  const email = mandatory(form, "email");
  mandatory(form, "password");
  const superuser = mandatory(form, "is_superuser");
  if (superuser !== "0" && superuser !== "1") throw refusal(500, `Not a valid Boolean value (0 or 1): '${superuser}'`);
  if (username === "") throw refusal(500, "The given username must be set");
  // The name is only checked by the database's unique index.
  if (userByName(state, username)) throw databaseConflict();
  const user: User = { id: nextId(state, "user"), username, email, isSuperuser: superuser === "1" };
  state.users[user.id] = user;
  return json(renderUser(user));
}

function remove(call: Call) {
  const { state, params, query } = call;
  const username = params["username"] ?? "";
  if (caller(call).username === username) throw refusal(400, "An administrator cannot self-delete.");
  const user = userByName(state, username);
  // Deleting nobody is a success.
  if (!user) return deleted();
  const heirName = query.get("transfer_resources_to");
  if (heirName) {
    const heir = userByName(state, heirName);
    if (!heir) throw notFound("User");
    for (const thing of ownedBy(state, user)) thing.give(heir);
  }
  refuseOwner(state, user);
  for (const token of Object.values(state.tokens))
    if (token.userId === user.id) Reflect.deleteProperty(state.tokens, token.key);
  for (const table of [state.sshKeys, state.sslKeys, state.files])
    for (const row of Object.values(table)) if (row.userId === user.id) Reflect.deleteProperty(table, row.id);
  Reflect.deleteProperty(state.users, user.id);
  return deleted();
}

interface Owned {
  kind: "static IP address(es)" | "IP range(s)" | "node(s)";
  give: (heir: User) => void;
}

function ownedBy(state: LabState, user: User): Owned[] {
  const own = (rows: { userId: number | null }[], kind: Owned["kind"]): Owned[] =>
    rows
      .filter((row) => row.userId === user.id)
      .map((row) => ({
        kind,
        give: (heir) => {
          row.userId = heir.id;
        },
      }));
  const nodes = Object.values(state.machines).filter((machine) => machine.ownerId === user.id);
  return [
    ...own(Object.values(state.ips), "static IP address(es)"),
    ...own(Object.values(state.ipRanges), "IP range(s)"),
    ...nodes.map((machine): Owned => ({ kind: "node(s)", give: (heir) => void (machine.ownerId = heir.id) })),
  ];
}

function refuseOwner(state: LabState, user: User): void {
  const counts = new Map<string, number>();
  for (const { kind } of ownedBy(state, user)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  if (counts.size === 0) return;
  const what = [...counts].map(([kind, count]) => `${String(count)} ${kind}`).join(", ");
  throw refusal(400, `User ${user.username} cannot be deleted: ${what} are still allocated`);
}

export const userOperations: Operation[] = [
  { method: "GET", path: "users/", access: "user", handle: list },
  { method: "GET", path: "users/", op: "whoami", access: "user", handle: (call) => json(renderUser(caller(call))) },
  { method: "POST", path: "users/", access: "admin", handle: create },
  { method: "GET", path: "users/:username/", access: "user", handle: read },
  { method: "DELETE", path: "users/:username/", access: "admin", handle: remove },
];
