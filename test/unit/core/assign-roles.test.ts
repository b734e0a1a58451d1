import assert from "node:assert/strict";
import { test } from "node:test";
import { assignRoles } from "../../../providers/core/assign-roles.ts";
import type { Constraints, RoleWish } from "../../../providers/core/assign-roles.ts";

const role = (name: string, more: Partial<RoleWish> = {}): RoleWish => ({ name, count: 1, tags: [], ...more });

const machines = [1, 2, 3, 4, 5].map((n) => ({ name: `server${String(n)}`, tags: n === 1 ? ["ssd"] : [] }));

const assigned = (roles: RoleWish[], constraints?: Constraints) => assignRoles(roles, machines, constraints);

const web = [role("db"), role("app", { count: 2 }), role("balancer")];
const held = { db: ["server1"], app: ["server2", "server3"], balancer: ["server4"] };

test("machines are taken in the config's order", () => {
  assert.deepEqual(assigned([role("database"), role("app", { count: 2 }), role("balancer")]), {
    database: ["server1"],
    app: ["server2", "server3"],
    balancer: ["server4"],
  });
});

test("roles that name their machines get those first", () => {
  assert.deepEqual(assigned([role("app", { count: 2 }), role("database", { machines: ["server1"] })]), {
    app: ["server2", "server3"],
    database: ["server1"],
  });
});

test("a role gives way to one that can only have its machine", () => {
  assert.deepEqual(assigned([role("app"), role("database", { tags: ["ssd"] })]), {
    app: ["server2"],
    database: ["server1"],
  });
});

test("what there is not enough of is short, the rest is not", () => {
  assert.deepEqual(assigned([role("app", { count: 9 }), role("database", { tags: ["ssd"], count: 2 })])["database"], [
    "server1",
  ]);
});

test("who is out of order gets none, and the others keep theirs", () => {
  assert.deepEqual(assigned(web, { held, out: ["server2"] }), { ...held, app: ["server3", "server5"] });
});

test("who stood in stays when the first one is back", () => {
  const later = { ...held, app: ["server3", "server5"] };
  assert.deepEqual(assigned(web, { held: later }), later);
});

test("nobody moves when the machines' order changes, or a role wants more", () => {
  const turned = [...machines].reverse();
  const sorted = Object.entries(assignRoles(web, turned, { held })).map(([name, has]) => [name, has.sort()]);
  assert.deepEqual(Object.fromEntries(sorted), held);
  const three = [role("db"), role("app", { count: 3 }), role("balancer")];
  assert.deepEqual(assigned(three, { held }), { ...held, app: ["server2", "server3", "server5"] });
});

test("what a role names is not kept from it by who had it", () => {
  const named = [role("db"), role("app", { count: 2 }), role("balancer", { machines: ["server2"] })];
  assert.deepEqual(assigned(named, { held: { db: ["server1"], app: ["server2", "server3"] } }), {
    db: ["server1"],
    app: ["server3", "server4"],
    balancer: ["server2"],
  });
});

test("a spare one stands in for a machine that its role names", () => {
  const named = [role("db", { machines: ["server1"] }), role("app", { count: 2 })];
  assert.deepEqual(assigned(named, { out: ["server1"] }), { db: ["server2"], app: ["server3", "server4"] });
});

test("who has a role gives way where another one can have no other machine", () => {
  const roles = [role("app"), role("db", { tags: ["ssd"] })];
  assert.deepEqual(assigned(roles, { held: { app: ["server1"] } }), { app: ["server2"], db: ["server1"] });
});
