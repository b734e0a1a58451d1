import assert from "node:assert/strict";
import { test } from "node:test";
import type { DynamicProvider } from "../../providers/core/dispatch.ts";
import { packageRepository } from "../../providers/maas/package-repository.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const mirror = {
  name: "mirror",
  url: "http://mirror.rack.example/ubuntu",
  distributions: ["jammy"],
  components: ["main", "extra"],
};
const key = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----";
const inputsOf = (provider: DynamicProvider, written: object) =>
  checked(provider, "maas:PackageRepository", "mirror", { ...written });
const read = (lab: ExplicitLab, name = "mirror") => lab.admin.packageRepositories.read(name);

test("a repository is made, changed in place, and deleted", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(packageRepository);
  const { id, outs } = await provider.create(
    await inputsOf(provider, { ...mirror, key: `${key}\n`, disableSources: false }),
  );
  const made = await read(lab);
  assert.deepEqual([made?.components, made?.key, made?.disable_sources], [["main", "extra"], key, false]);
  assert.deepEqual(lab.writes(), ["POST package-repositories/"]);
  const news = { ...mirror, distributions: ["jammy", "noble"], disabledPockets: ["backports"], enabled: false };
  const { outs: changed } = await provider.update(id, outs, await inputsOf(provider, news));
  assert.deepEqual(lab.writes(), [`PUT package-repositories/${String(made?.id)}/`]);
  const now = await read(lab);
  assert.deepEqual(
    [now?.distributions, now?.disabled_pockets, now?.enabled, now?.key, now?.disable_sources],
    [["jammy", "noble"], ["backports"], false, "", true],
    "what is not written any more is as MAAS makes it",
  );
  await provider.delete(id, changed);
  await provider.delete(id, changed);
  assert.equal(await read(lab), undefined);
});

test("a list that MAAS cannot empty is emptied by making the repository anew", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(packageRepository);
  const { id, outs } = await provider.create(await inputsOf(provider, mirror));
  const news = await inputsOf(provider, { name: mirror.name, url: mirror.url });
  await provider.update(id, outs, news);
  assert.deepEqual((await read(lab))?.distributions, []);
  const gone = await read(lab);
  await lab.admin.packageRepositories.delete(gone?.id ?? -1);
  await provider.update(id, outs, news);
  assert.deepEqual((await read(lab))?.components, [], "also after a run that was cut off between the two");
});

test("Ubuntu's own archive is changed in place and given back as it was found", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(packageRepository);
  const before = await read(lab, "main_archive");
  const own = {
    name: "main_archive",
    url: "http://mirror.rack.example/ubuntu",
    disabledComponents: ["multiverse"],
    arches: ["amd64"],
  };
  const { id, outs } = await provider.create(await inputsOf(provider, own));
  assert.equal((outs["former"] as { adopted: boolean }).adopted, true);
  assert.deepEqual((await read(lab, "main_archive"))?.disabled_components, ["multiverse"]);
  await provider.delete(id, outs);
  assert.deepEqual(await read(lab, "main_archive"), before);
});

test("after a crash it is ours still", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(packageRepository);
  const news = await inputsOf(provider, mirror);
  assert.equal(await provider.leftBehind(news), undefined);
  await provider.create(news);
  assert.deepEqual((await provider.create(news)).outs["former"], { adopted: false });
  assert.equal((await provider.leftBehind(news))?.id, "mirror");
});

test("drift is told, and one that is gone is gone from the state", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(packageRepository);
  const { id, outs } = await provider.create(await inputsOf(provider, mirror));
  const made = await read(lab);
  await lab.admin.packageRepositories.update(made?.id ?? -1, { distributions: "focal,jammy", enabled: false });
  const { props } = await provider.read(id, outs);
  assert.deepEqual(props?.["distributions"], ["focal", "jammy"]);
  assert.equal(props["enabled"], undefined, "only what the inputs speak of");
  await lab.admin.packageRepositories.delete(made?.id ?? -1);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("what cannot be is told at preview", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(packageRepository);
  const rows: [written: object, reason: RegExp][] = [
    [{ url: "mirror.rack.example/ubuntu" }, /^url is no address of a repository/],
    [{ url: "https://me:secret@ppa.example/ubuntu" }, /^url has a user or a password in it/],
    [{ arches: ["amd46"] }, /^arches\[0\] "amd46" is unknown; did you mean "amd64"\?/],
    [{ disabledPockets: ["proposed"] }, /^disabledPockets\[0\] "proposed" is unknown; write one of updates/],
    [{ disabledComponents: ["universe"] }, /^disabledComponents is for Ubuntu's own archives/],
    [{ distributions: ["jammy, noble"] }, /^distributions\[0\] "jammy, noble" cannot be; write one word each/],
    [{ key: "-----BEGIN PGP PRIVATE KEY BLOCK-----" }, /^key is a private key/],
    [{ key: "1234ABCD" }, /^key is no armored public key/],
    [{ name: "a".repeat(42) }, /^name .*has 42 characters; at most 41/],
    [{ name: "main_archive", distributions: undefined, components: ["main"] }, /^components is not for Ubuntu's own/],
    [
      { name: "main_archive", components: undefined, distributions: undefined, enabled: false },
      /^enabled cannot be false/,
    ],
    [{ urls: "x" }, /^urls is not known here; did you mean "url"\?/],
  ];
  for (const [written, reason] of rows) {
    const found = (await provider.check({}, { ...mirror, ...written })).failures.map(
      (failure) => `${failure.property} ${failure.reason}`,
    );
    assert.equal(found.length, 1, `${JSON.stringify(written)}: ${found.join("; ")}`);
    assert.match(found[0] ?? "", reason);
    assert.doesNotMatch(found[0] ?? "", /secret/);
  }
  assert.deepEqual((await provider.check({}, { name: "mine", url: "ppa:canonical/maas" })).failures, []);
  assert.deepEqual(lab.requests, []);
});
