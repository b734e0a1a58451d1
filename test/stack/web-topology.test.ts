/** The web topology under mocks: what it gives Ansible, and what of it is secret. */
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { before, test } from "node:test";
import * as pulumi from "@pulumi/pulumi";
import { contentHash } from "../../stacks/web/content-hash.ts";
import { commandVersion } from "../../stacks/web/local-command.ts";
import { topologyProblem, type Role } from "../../stacks/web/topology.ts";
import { rolesProblem, WebTopology, type WebMachine, type WebTopologyArgs } from "../../stacks/web/web-topology.ts";

interface Declared {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

const declared: Declared[] = [];

before(async () => {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        declared.push({ type, name, inputs: inputs as Record<string, unknown> });
        return { id: `${name}-id`, state: { ...(inputs as object), value: `planted-${name}` } };
      },
      call: () => ({}),
    },
    "metalform",
    "test",
  );
});

const valueOf = <T>(output: pulumi.Output<T>): Promise<T> =>
  new Promise((resolve) => {
    output.apply(resolve);
  });

const five: Partial<Record<Role, WebMachine[]>> = {
  main: [{ name: "main", address: "172.16.0.3" }],
  db: [{ name: "server1", address: "172.16.0.11", installation: "a" }],
  app: [
    { name: "server2", address: pulumi.output("172.16.0.12"), installation: "b" },
    { name: "server3", address: "172.16.0.13" },
  ],
  balancer: [{ name: "server4", address: "172.16.0.14" }],
  spare: [{ name: "server5", address: "172.16.0.15" }],
};
const one: Partial<Record<Role, WebMachine[]>> = {
  db: [{ name: "server1", address: "172.16.0.11" }],
  app: [{ name: "server1", address: "172.16.0.11" }],
};

/** What its command gets. */
async function commandOf(name: string, args: WebTopologyArgs) {
  const web = new WebTopology(name, args);
  await valueOf(web.urn);
  const topology = await valueOf(web.topology);
  while (!declared.some((each) => each.name === `${name}-site`)) await new Promise(setImmediate);
  const inputs = declared.find((each) => each.name === `${name}-site`)?.inputs ?? {};
  return { web, topology, inputs, environment: inputs["environment"] as Record<string, string> };
}

test("its output is what Ansible's inventory is made of", async () => {
  const { web, topology, environment } = await commandOf("web", { machines: five, ssh: "/lab/ssh_config" });
  assert.equal(topologyProblem(topology), undefined);
  assert.deepEqual(topology.roles.app, { server2: "172.16.0.12", server3: "172.16.0.13" });
  assert.equal(topology.ssh, "/lab/ssh_config");
  assert.deepEqual(JSON.parse(environment["METALFORM_TOPOLOGY"] ?? ""), topology);
  assert.equal(await valueOf(web.url), "http://172.16.0.14/");
});

test("the secrets reach the playbook by the environment alone", async () => {
  const { inputs, environment } = await commandOf("hidden", { machines: five });
  assert.equal(environment["METALFORM_DATABASE_PASSWORD"], "planted-hidden-database-password");
  assert.equal(environment["METALFORM_SECRET_KEY"], "planted-hidden-secret-key");
  const { environment: _, ...rest } = inputs;
  assert.doesNotMatch(JSON.stringify(rest), /planted/);
  for (const name of ["METALFORM_TOPOLOGY", "METALFORM_VARIABLES"])
    assert.doesNotMatch(environment[name] ?? "", /planted/);
});

test("main forwards 80 to the balancer and 8000 to the first site; other variables are handed on", async () => {
  const { environment } = await commandOf("routed", {
    machines: five,
    hosts: ["198.51.100.2"],
    variables: { django_workers: 3 },
  });
  assert.deepEqual(JSON.parse(environment["METALFORM_VARIABLES"] ?? ""), {
    django_more_hosts: ["198.51.100.2"],
    django_workers: 3,
    nat_forwards: [
      { port: 80, to: "172.16.0.14:80" },
      { port: 8000, to: "172.16.0.12:8000" },
    ],
    nat_wanted: true,
  });
});

test("one machine is database and site, without a balancer and without main", async () => {
  const { web, environment } = await commandOf("single", { machines: one });
  assert.equal(await valueOf(web.url), "http://172.16.0.11:8000/");
  const { nat_wanted, nat_forwards } = JSON.parse(environment["METALFORM_VARIABLES"] ?? "") as Record<string, unknown>;
  assert.deepEqual({ nat_wanted, nat_forwards }, { nat_wanted: false, nat_forwards: [] });
});

test("it is set up again when a machine was installed anew, or what Ansible does has changed", async () => {
  const { inputs } = await commandOf("again", { machines: five });
  assert.deepEqual(inputs["triggers"], [contentHash("ansible"), "server1 a", "server2 b"]);
});

test("roles that make no web topology are told", () => {
  const counts = { db: 1, app: 2, balancer: 1 };
  assert.equal(rolesProblem(counts), undefined);
  assert.equal(rolesProblem({ db: 1, app: 1 }), undefined);
  assert.match(rolesProblem({ ...counts, db: 0 }) ?? "", /one machine is to be the database \(db\); there are 0/);
  assert.match(rolesProblem({ ...counts, app: 0 }) ?? "", /at least one machine is to serve the site/);
  assert.match(rolesProblem({ ...counts, balancer: 0 }) ?? "", /2 machines serve the site, and none balances/);
  assert.match(rolesProblem({ ...counts, balancer: 2 }) ?? "", /one machine can be the balancer; there are 2/);
});

test("the hash changes with any file and any name, and not with what running leaves behind", () => {
  const folder = mkdtempSync(join(tmpdir(), "metalform-hash-"));
  try {
    mkdirSync(join(folder, "a/__pycache__"), { recursive: true });
    const write = (name: string, text: string) => {
      writeFileSync(join(folder, "a", name), text);
      return contentHash("a", folder);
    };
    const first = write("x", "1");
    assert.equal(write("__pycache__/y", "1"), first);
    assert.notEqual(write("x", "2"), first);
    assert.equal(write("x", "1"), first);
    assert.notEqual(write("z", ""), first);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("the version is the package's", () => {
  const text = readFileSync(join(import.meta.dirname, "../../package.json"), "utf8");
  assert.equal(/"@pulumi\/command": "([^"]+)"/.exec(text)?.[1], commandVersion);
});
