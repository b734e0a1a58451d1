import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createDecipheriv, pbkdf2Sync } from "node:crypto";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { machineTable, outputMachines } from "../../tools/stack/machine-table.ts";
import {
  backendFolder,
  hasOwnMaas,
  missingEnvironment,
  shellLines,
  stackName,
  userEnvironment,
} from "../../tools/stack/stack.ts";

const lab = {
  maasUrl: "http://127.0.0.1:1/MAAS",
  adminKey: "a:b:c",
  userKey: "d:e:f",
  controlUrl: "http://127.0.0.1:1/lab",
};

test("STACK goes before PULUMI_STACK, and dev is what is meant without either", () => {
  assert.equal(stackName({ STACK: "a", PULUMI_STACK: "b" }), "a");
  assert.equal(stackName({ PULUMI_STACK: "b" }), "b");
  assert.equal(stackName({}), "dev");
});

test("a stack has a MAAS of its own by its config or by the environment", () => {
  assert.ok(hasOwnMaas("x", {}, "config:\n  metalform:maasUrl: http://10.0.0.1:5240/MAAS\n"));
  assert.ok(hasOwnMaas("x", { METALFORM_MAAS_URL: "http://10.0.0.1:5240/MAAS" }, ""));
  assert.ok(!hasOwnMaas("x", {}, 'config:\n  metalform:maasUrl: ""\n'));
  assert.ok(!hasOwnMaas("x", {}, "config:\n  # metalform:maasUrl: http://10.0.0.1:5240/MAAS\n"));
});

test("a lab's stack gets the lab, what the user has set stays", () => {
  const missing = missingEnvironment("dev", lab, { PULUMI_BACKEND_URL: "s3://mine", PULUMI_CONFIG_PASSPHRASE: "mine" });
  assert.equal(missing["METALFORM_MAAS_URL"], lab.maasUrl);
  assert.equal(missing["METALFORM_MAAS_KEY"], lab.adminKey);
  assert.equal(missing["PULUMI_BACKEND_URL"], undefined);
  // The committed stack's own passphrase is empty.
  assert.equal(missing["PULUMI_CONFIG_PASSPHRASE"], "");
});

test("a stack with a MAAS of its own gets neither the lab's key nor a passphrase nor a power password", () => {
  const missing = missingEnvironment("rack", lab, { METALFORM_MAAS_URL: "http://10.0.0.1:5240/MAAS" });
  for (const name of ["METALFORM_MAAS_KEY", "PULUMI_CONFIG_PASSPHRASE", "METALFORM_POWER_PASSWORD"]) {
    assert.equal(missing[name], undefined, name);
  }
});

test("what make env has set is not taken for the user's wish, and a later one forgets it", () => {
  const shell = {
    METALFORM_MAAS_URL: lab.maasUrl,
    PULUMI_PARALLEL: "1000",
    METALFORM_ENV: "METALFORM_MAAS_URL",
    MINE: "1",
  };
  assert.deepEqual(userEnvironment(shell), { PULUMI_PARALLEL: "1000", MINE: "1" });
  assert.deepEqual(shellLines({ PULUMI_STACK: "rack" }, shell), [
    "unset METALFORM_MAAS_URL",
    "export PULUMI_STACK='rack'",
    "export METALFORM_ENV='PULUMI_STACK'",
  ]);
});

test("a shell reads back any value as it was", () => {
  const [line = ""] = shellLines({ X: `it's "so" $HOME` }, {});
  assert.equal(execFileSync("sh", ["-c", `${line}; printf %s "$X"`], { encoding: "utf8" }), `it's "so" $HOME`);
});

test("only file backends have a folder", () => {
  assert.equal(backendFolder("file:///a/b?create_dir=true"), "/a/b");
  assert.equal(backendFolder("s3://a/b"), undefined);
});

test("the committed stack opens with the empty passphrase", () => {
  const config = readFileSync("Pulumi.dev.yaml", "utf8");
  const written = /^encryptionsalt: v1:([^:]+):v1:([^:]+):(.+)$/m.exec(config);
  assert.ok(written, "Pulumi.dev.yaml has no encryptionsalt: each clone's first `make up` would write one into it");
  const [salt, nonce, sealed] = written.slice(1).map((text) => Buffer.from(text, "base64"));
  assert.ok(salt && nonce && sealed);
  const decipher = createDecipheriv("aes-256-gcm", pbkdf2Sync("", salt, 1_000_000, 32, "sha256"), nonce);
  decipher.setAuthTag(sealed.subarray(-16));
  const text = Buffer.concat([decipher.update(sealed.subarray(0, -16)), decipher.final()]);
  assert.equal(text.toString(), "pulumi");
});

test("the table has a row a machine, and a dash where nothing is known", () => {
  const machines = outputMachines({
    version: 3,
    deployment: {
      resources: [
        {
          urn: "urn",
          type: "pulumi:pulumi:Stack",
          outputs: {
            machines: [
              { name: "server1", systemId: "abc111", status: "Deployed", addresses: ["172.16.0.11"], series: "jammy" },
              { name: "server2", systemId: "abc222", status: "Ready", addresses: [] },
            ],
          },
        },
      ],
    },
  });
  assert.equal(
    machineTable(machines),
    `
MACHINE  SYSTEM ID  STATUS    ADDRESSES    SERIES
server1  abc111     Deployed  172.16.0.11  jammy
server2  abc222     Ready     -            -`.slice(1),
  );
});
