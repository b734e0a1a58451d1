import assert from "node:assert/strict";
import { test } from "node:test";
import { assignRoles } from "../../stacks/roles.ts";
import type { Role } from "../../stacks/roles.ts";

const role = (name: string, more: Partial<Role> = {}): Role => ({
  name,
  count: 1,
  machines: undefined,
  tags: [],
  cores: 0,
  memory: 0,
  ...more,
});

const machines = [1, 2, 3, 4, 5].map((n) => ({ name: `server${String(n)}`, tags: n === 1 ? ["ssd"] : [] }));

const assigned = (roles: Role[]) =>
  Object.fromEntries(assignRoles(roles, machines).map((found) => [found.role.name, found.machines]));

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
