/** The inventory that Ansible itself makes of a topology, and the playbooks on it. */
import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { test } from "node:test";
import { inventory } from "../../ansible/inventory/rack.ts";
import type { Topology } from "../../stacks/web/topology.ts";
import { projectRoot } from "../../tools/project.ts";

const topology: Topology = {
  user: "ubuntu",
  ssh: "/tmp/it's here/ssh_config",
  roles: {
    main: { main: "172.16.0.1" },
    db: { server1: "172.16.0.11" },
    app: { server2: "172.16.0.12", server3: "172.16.0.13" },
    balancer: { server4: "172.16.0.14" },
    spare: { server5: "172.16.0.15" },
  },
};

const oneMachine: Topology = {
  ...topology,
  ssh: "",
  roles: { main: {}, db: { server1: "172.16.0.11" }, app: { server1: "172.16.0.11" }, balancer: {}, spare: {} },
};

const environment = { ...process.env, METALFORM_TOPOLOGY: JSON.stringify(topology) };
const script = join(projectRoot, "ansible/inventory/rack.ts");

test("each role is a group, and each machine is reached as the stack says", () => {
  const made = inventory(topology);
  assert.deepEqual(made["app"], { hosts: ["server2", "server3"] });
  assert.deepEqual(made["router"], { hosts: ["main"] });
  assert.deepEqual(made._meta.hostvars["server2"], {
    ansible_host: "172.16.0.12",
    ansible_user: "ubuntu",
    ansible_ssh_common_args: "-F '/tmp/it'\\''s here/ssh_config'",
    ansible_control_path: "%(directory)s/72eda0e5-%%C",
  });
});

test("without a file of the stack's own, the person's ssh config is used", () => {
  assert.equal(inventory(oneMachine)._meta.hostvars["server1"]?.["ansible_ssh_common_args"], undefined);
});

test("Ansible reads it without a word of warning", () => {
  const { stdout, stderr } = spawnSync("ansible-inventory", ["--graph"], { env: environment, encoding: "utf8" });
  assert.equal(stderr, "");
  const line = stdout.replaceAll(/[\s|-]+/g, " ");
  assert.match(line, /@router: main @db: server1 @app: server2 server3 @balancer: server4 @spare: server5/);
});

test("by hand, the stack's output is asked for", () => {
  const folder = mkdtempSync(join(tmpdir(), "metalform-inventory-"));
  try {
    const pulumi = join(folder, "bin/pulumi");
    mkdirSync(join(folder, "bin"));
    writeFileSync(
      pulumi,
      `#!/bin/sh\n[ "$*" = "stack output topology --json" ] && echo '${JSON.stringify(oneMachine)}'\n`,
    );
    chmodSync(pulumi, 0o755);
    const env = {
      ...process.env,
      METALFORM_TOPOLOGY: "",
      PATH: [join(folder, "bin"), process.env["PATH"]].join(delimiter),
    };
    assert.deepEqual(JSON.parse(execFileSync(script, ["--list"], { env, encoding: "utf8" })), inventory(oneMachine));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a topology that can't be used says what it lacks, and nothing is done", () => {
  const wrong = { ...topology, roles: { ...topology.roles, db: { server1: "" } } };
  const { status, stderr } = spawnSync(script, ["--list"], {
    env: { ...environment, METALFORM_TOPOLOGY: JSON.stringify(wrong) },
    encoding: "utf8",
  });
  assert.equal(status, 1);
  assert.equal(stderr, "the topology can't be used: server1 (db) has no address\n");
});

for (const playbook of ["site.yml", "rollout.yml"]) {
  test(`Ansible understands ${playbook}`, () => {
    const { status, stderr } = spawnSync("ansible-playbook", ["--syntax-check", `ansible/${playbook}`], {
      cwd: projectRoot,
      env: environment,
      encoding: "utf8",
    });
    assert.equal(status, 0, stderr);
    assert.equal(stderr, "");
  });
}

test("machines of two labs with the same addresses never share a connection", () => {
  const control = (ssh: string) => inventory({ ...topology, ssh })._meta.hostvars["server2"]?.["ansible_control_path"];
  assert.notEqual(control("/one/ssh_config"), control("/other/ssh_config"));
});
