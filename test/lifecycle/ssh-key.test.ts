import assert from "node:assert/strict";
import { test } from "node:test";
import { sshKey } from "../../providers/maas/ssh-key.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ1iUWZ5pdeHNYYcXcc0vhEnGVMBbDsVMgGGoaHsxGsV you@laptop";

test("a key is added to the MAAS user and taken away again", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(sshKey);
  const { id, outs } = await provider.create(await checked(provider, "maas:SshKey", "me", { key: `${key}\n` }));
  assert.deepEqual(
    (await lab.admin.sshKeys.list()).map((known) => known.key),
    [key],
  );
  assert.equal((await provider.read(id, outs)).id, id);
  await provider.delete(id, outs);
  assert.deepEqual(await lab.admin.sshKeys.list(), []);
});

test("a key that was there before is used and left there", async (t) => {
  const lab = await ExplicitLab.start(t);
  await lab.admin.sshKeys.create(key);
  const provider = lab.provider(sshKey);
  const { id, outs } = await provider.create(await checked(provider, "maas:SshKey", "me", { key }));
  assert.equal(outs["adopted"], true);
  await provider.delete(id, outs);
  assert.equal((await lab.admin.sshKeys.list()).length, 1);
});
