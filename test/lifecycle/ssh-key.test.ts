import assert from "node:assert/strict";
import { test } from "node:test";
import { sshKey } from "../../providers/maas/ssh-key.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1iUWZ5pdeHNYYcXcc0vhEnGVMBbDsVMgGGoaHsxGsV you@laptop";

test("a key is added to the MAAS user and taken away again", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(sshKey);
  const { id, outs } = await provider.create(
    await checked(provider, "maas:SshKey", "me", { key: `${key}\n`, stackId: "0123456789ab" }),
  );
  assert.deepEqual(
    (await lab.admin.sshKeys.list()).map((known) => known.key),
    [`${key} metalform:0123456789ab`],
  );
  assert.equal((await provider.read(id, outs)).id, id);
  await provider.delete(id, outs);
  assert.deepEqual(await lab.admin.sshKeys.list(), []);
});

test("a key that was there before is used and left there", async (t) => {
  const lab = await ExplicitLab.start(t);
  await lab.admin.sshKeys.create(key);
  const provider = lab.provider(sshKey);
  const { id, outs } = await provider.create(
    await checked(provider, "maas:SshKey", "me", { key, stackId: "0123456789ab" }),
  );
  assert.equal(outs["adopted"], true);
  await provider.delete(id, outs);
  assert.equal((await lab.admin.sshKeys.list()).length, 1);
});

test("after a crash it is ours still, by what is written behind its comment", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(sshKey);
  const inputs = await checked(provider, "maas:SshKey", "me", { key, stackId: "0123456789ab" });
  assert.equal(await provider.leftBehind(inputs), undefined);
  await provider.create(inputs);
  assert.equal((await provider.create(inputs)).outs["adopted"], false);
  assert.equal((await provider.leftBehind(inputs))?.outs["adopted"], false);
});
