import assert from "node:assert/strict";
import { test } from "node:test";
import { dynamicProvider, untyped } from "../../providers/core/dispatch.ts";
import { roleAssignment } from "../../providers/core/role-assignment.ts";
import { FakeClock } from "../support/fake-clock.ts";

const warnings: string[] = [];
const provider = dynamicProvider(() => Promise.resolve(untyped(roleAssignment)), {
  services: () => undefined,
  clock: new FakeClock(),
  progress: () => undefined,
  warn: (_urn, text) => warnings.push(text),
  note: () => undefined,
});

const machines = [1, 2, 3, 4, 5].map((n) => ({ name: `server${String(n)}` }));
const roles = [
  { name: "db", count: 1 },
  { name: "app", count: 2 },
  { name: "balancer", count: 1 },
];
const first = { db: ["server1"], app: ["server2", "server3"], balancer: ["server4"] };

const checked = async (news: Record<string, unknown> = {}) =>
  (await provider.check({}, { roles, machines, ...news })).inputs;
const made = async (news: Record<string, unknown> = {}) => (await provider.create(await checked(news))).outs;
const updated = async (olds: Record<string, unknown>, news: Record<string, unknown>) =>
  (await provider.update("roles", olds, await checked(news))).outs;

test("roles are taken in the order of the machines", async () => {
  const outs = await made();
  assert.deepEqual(outs["assigned"], first);
  assert.deepEqual(outs["notes"], []);
});

test("a machine that is out of order is stood in for, and a note tells who and why", async () => {
  warnings.length = 0;
  const outs = await made({ failures: { server2: "no disk" } });
  assert.deepEqual(outs["assigned"], { ...first, app: ["server3", "server5"] });
  assert.deepEqual(outs["notes"], ["server2 is out of order (no disk); server5 is app in its place."]);
  assert.deepEqual(warnings, outs["notes"]);
});

test("the note stays as long as the machine is out of order, and is warned of once", async () => {
  const failures = { server2: "no disk" };
  const outs = await made({ failures });
  warnings.length = 0;
  const later = await updated(outs, { failures, machines: [...machines, { name: "server6" }] });
  assert.deepEqual([later["assigned"], later["notes"]], [outs["assigned"], outs["notes"]]);
  assert.deepEqual(warnings, []);
});

test("repaired, it is spare: a database does not move back by itself", async () => {
  const outs = await made({ failures: { server1: "no disk" } });
  const repaired = await updated(outs, {});
  assert.deepEqual(repaired["assigned"], outs["assigned"]);
  assert.deepEqual(repaired["notes"], []);
});

test("one without a role that is out of order is told too", async () => {
  const outs = await made({ failures: { server5: "no disk" } });
  assert.deepEqual(outs["assigned"], first);
  assert.deepEqual(outs["notes"], ["server5 is out of order (no disk); it would have no role."]);
});

test("a machine that leaves the config hands on its role, the others keep theirs", async () => {
  const outs = await updated(await made(), { machines: machines.filter(({ name }) => name !== "server1") });
  assert.deepEqual(outs["assigned"], { db: ["server5"], app: ["server2", "server3"], balancer: ["server4"] });
});

test("machines that are named otherwise than before are moved as named", async () => {
  const name = (machine: string) => [{ name: "db", count: 1, machines: [machine] }];
  const outs = await made({ roles: name("server1"), failures: { server1: "no disk" } });
  assert.deepEqual(outs["assigned"], { db: ["server2"] });
  assert.deepEqual((await updated(outs, { roles: name("server1") }))["assigned"], { db: ["server2"] });
  assert.deepEqual((await updated(outs, { roles: name("server3") }))["assigned"], { db: ["server3"] });
});

test("too few machines are an error that tells which role lacks how many, and why", async () => {
  const failure = await made({ failures: { server2: "no disk", server5: "no power" } }).catch(
    (error: unknown) => error,
  );
  assert.ok(failure instanceof Error);
  assert.match(failure.message, /role app wants 2 and gets 1 \(server3\)/);
  assert.match(failure.message, /server2 is out of order: no disk; server5 is out of order: no power/);
  assert.match(failure.message, /mark it as fixed in MAAS/);
});

test("without roles or machines it is refused", async () => {
  const { failures } = await provider.check({}, {});
  assert.deepEqual(failures.map(({ property }) => property).sort(), ["machines", "roles"]);
});
