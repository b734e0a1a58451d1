import assert from "node:assert/strict";
import { test } from "node:test";
import type { DynamicProvider } from "../../providers/core/dispatch.ts";
import { bootImages } from "../../providers/maas/boot-images.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";
import { ask } from "../support/lab-request.ts";

const inputsOf = (provider: DynamicProvider, ...selections: object[]) =>
  checked(provider, "maas:BootImages", "images", { selections });
const jammy = { release: "jammy" };
const noble = { release: "noble" };
const plucky = { release: "plucky", arches: ["arm64", "amd64"] };

/** With a boot source of which jammy and noble are selected, as a region in use has. */
async function start(t: Parameters<typeof ExplicitLab.start>[0]) {
  const lab = await ExplicitLab.start(t);
  await addSource(lab, "http://images.maas.io/ephemeral-v3/stable/");
  const [source] = await lab.admin.bootSources.list();
  assert.ok(source);
  const fields = { os: "ubuntu", arches: ["amd64"], subarches: ["*"], labels: ["*"] };
  for (const { release } of [jammy, noble])
    await lab.admin.bootSources.createSelection(source.id, { ...fields, release });
  return { lab, provider: lab.provider(bootImages), source: source.id };
}

const addSource = (lab: ExplicitLab, url: string) =>
  ask(lab.lab, "POST", "boot-sources/", { form: { url, keyring_filename: "/k.gpg" } });

const selected = async (lab: ExplicitLab, source: number) =>
  ((await lab.admin.bootSources.selections(source)) ?? []).map(
    ({ release, arches }) => `${release} ${arches.join("+")}`,
  );

const imagesOf = async (lab: ExplicitLab, release: string) =>
  (await lab.admin.bootResources.list())
    .filter(({ name }) => name === `ubuntu/${release}`)
    .map(({ architecture }) => architecture);

test("what is there already is used, without an import", async (t) => {
  const { lab, provider, source } = await start(t);
  const { id, outs } = await provider.create(await inputsOf(provider, jammy));
  assert.equal(id, String(source));
  assert.deepEqual(lab.writes(), []);
  assert.deepEqual((await provider.read(id, outs)).props, outs);
  await provider.delete(id, outs);
  assert.deepEqual(lab.writes(), []);
});

test("what is not is selected and imported, with a percentage; on delete only that is taken back", async (t) => {
  const { lab, provider, source } = await start(t);
  lab.imports = [30, 60, 100];
  const { id, outs } = await provider.create(await inputsOf(provider, jammy, plucky));
  assert.deepEqual(await selected(lab, source), ["jammy amd64", "noble amd64", "plucky amd64+arm64"]);
  assert.equal((await imagesOf(lab, "plucky")).length, 4);
  assert.deepEqual(lab.writes(), [`POST boot-sources/${id}/selections/`, "POST boot-resources/ import"]);
  assert.ok(
    lab.said.some((text) => /Importing images: \d+ %, ubuntu\/plucky for amd64/.test(text)),
    lab.said.join("\n"),
  );
  assert.match(lab.said.join("\n"), /of about/);
  await provider.delete(id, outs);
  assert.deepEqual(await selected(lab, source), ["jammy amd64", "noble amd64"]);
  assert.deepEqual(await imagesOf(lab, "plucky"), [], "and MAAS was asked to drop the images");
  await provider.delete(id, outs);
  assert.deepEqual(lab.warnings, []);
});

test("an architecture is added to what is selected, and taken from it again", async (t) => {
  const { lab, provider, source } = await start(t);
  const both = { release: "jammy", arches: ["amd64", "arm64"] };
  const { id, outs } = await provider.create(await inputsOf(provider, both));
  assert.deepEqual(await selected(lab, source), ["jammy amd64+arm64", "noble amd64"]);
  const { outs: changed } = await provider.update(id, outs, await inputsOf(provider, noble, plucky));
  assert.deepEqual(await selected(lab, source), ["jammy amd64", "noble amd64", "plucky amd64+arm64"]);
  assert.deepEqual(changed["former"], { "ubuntu/noble": ["amd64"], "ubuntu/plucky": [] });
  await provider.delete(id, changed);
  assert.deepEqual(await selected(lab, source), ["jammy amd64", "noble amd64"]);
});

test("what others have selected meanwhile stays", async (t) => {
  const { lab, provider, source } = await start(t);
  const { id, outs } = await provider.create(await inputsOf(provider, { release: "plucky" }));
  const theirs = (await lab.admin.bootSources.selections(source))?.find(({ release }) => release === "plucky");
  assert.ok(theirs);
  await lab.admin.bootSources.updateSelection(source, theirs.id, { ...theirs, arches: ["amd64", "s390x"] });
  await provider.delete(id, outs);
  assert.deepEqual(await selected(lab, source), ["jammy amd64", "noble amd64", "plucky s390x"]);
});

test("after a crash the first picture counts, and the import is gone on with", async (t) => {
  const { lab, provider, source } = await start(t);
  const news = await inputsOf(provider, plucky);
  assert.equal(await provider.leftBehind(news), undefined);
  lab.imports = [50, 100];
  await provider.create(news);
  for (const again of [await provider.create(news), await provider.leftBehind(news)]) {
    assert.deepEqual(again?.outs["former"], { "ubuntu/plucky": [] });
    assert.equal(again.id, String(source));
  }
});

test("what the source does not offer is said", async (t) => {
  const { lab, provider } = await start(t);
  await addSource(lab, "http://192.0.2.7/stable/");
  const source = { source: "http://192.0.2.7/stable" };
  await assert.rejects(
    provider.create(await checked(provider, "maas:BootImages", "images", { ...source, selections: [plucky] })),
    /The boot source does not offer ubuntu\/plucky for amd64, arm64/,
  );
});

test("an import that ends without an image says so", async (t) => {
  const { lab, provider } = await start(t);
  // Selected, and gone from the source since: the import does not bring it.
  const { id, outs } = await provider.create(await inputsOf(provider, { release: "bionic" }));
  const [image] = (await lab.admin.bootResources.list()).filter(({ name }) => name === "ubuntu/bionic");
  await ask(lab.lab, "PUT", `boot-sources/${id}/`, { form: { url: "http://192.0.2.8/stable/" } });
  await ask(lab.lab, "DELETE", `boot-resources/${String(image?.id)}/`);
  const [other] = (await lab.admin.bootResources.list()).filter(({ name }) => name === "ubuntu/bionic");
  await ask(lab.lab, "DELETE", `boot-resources/${String(other?.id)}/`);
  lab.imports = [50, 100];
  await assert.rejects(
    provider.update(id, outs, await inputsOf(provider, { release: "bionic" })),
    /MAAS has ended the import without ubuntu\/bionic for amd64/,
  );
});

test("the series of commissioning stays selected, with a warning", async (t) => {
  const { lab, provider, source } = await start(t);
  const [first] = (await lab.admin.bootSources.selections(source)) ?? [];
  await lab.admin.regionConfig.set("commissioning_distro_series", "noble");
  await lab.admin.bootSources.deleteSelection(source, first?.id ?? -1);
  const { id, outs } = await provider.create(await inputsOf(provider, jammy));
  await lab.admin.regionConfig.set("commissioning_distro_series", "jammy");
  await provider.delete(id, outs);
  assert.deepEqual(lab.warnings, ["The image ubuntu/jammy stays selected: MAAS commissions machines with it."]);
});

test("drift is told: a selection or an image that is gone", async (t) => {
  const { lab, provider, source } = await start(t);
  const { id, outs } = await provider.create(await inputsOf(provider, jammy, plucky));
  const arm = (await lab.admin.bootResources.list()).filter(({ architecture }) => architecture.startsWith("arm64/"));
  for (const { id: image } of arm) await ask(lab.lab, "DELETE", `boot-resources/${String(image)}/`);
  const amd64 = { os: "ubuntu", arches: ["amd64"] };
  assert.deepEqual((await provider.read(id, outs)).props?.["selections"], [
    { ...amd64, release: "jammy" },
    { ...amd64, release: "plucky" },
  ]);
  const gone = (await lab.admin.bootSources.selections(source))?.find(({ release }) => release === "plucky");
  await lab.admin.bootSources.deleteSelection(source, gone?.id ?? -1);
  assert.deepEqual((await provider.read(id, outs)).props?.["selections"], [{ ...amd64, release: "jammy" }]);
  await ask(lab.lab, "DELETE", `boot-sources/${id}/`);
  assert.deepEqual(await provider.read(id, outs), {});
});

test("which source is meant is asked for when it is not clear", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(bootImages);
  await assert.rejects(
    provider.create(await inputsOf(provider, jammy)),
    /MAAS has no boot source. It has none: it makes its own/,
  );
  await addSource(lab, "http://one.example/");
  await addSource(lab, "http://two.example/");
  await assert.rejects(
    provider.create(await inputsOf(provider, jammy)),
    /more than one boot source. It has http:\/\/one.example\/, http:\/\/two.example\/. Write `source`/,
  );
});

test("what cannot be is told at preview, without asking MAAS", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(bootImages);
  const rows: [written: object, reason: RegExp][] = [
    [{}, /^selections is missing/],
    [{ selections: [] }, /^selections is missing/],
    [{ selections: "jammy" }, /^selections must be a list/],
    [{ selections: ["jammy"] }, /^selections\[0\] must be an object/],
    [{ selections: [{ release: "jamy" }] }, /^selections\[0\].release "jamy" is no series; did you mean "jammy"\?/],
    [
      { selections: [{ os: "ubunto", release: "jammy" }] },
      /^selections\[0\].os "ubunto" is unknown; did you mean "ubuntu"\?/,
    ],
    [
      { selections: [{ release: "jammy", arches: ["amd46"] }] },
      /^selections\[0\].arches\[0\] "amd46" is no architecture; did you mean "amd64"\?/,
    ],
    [{ selections: [jammy, jammy] }, /^selections\[1\].release ubuntu\/jammy is there twice/],
    [{ selections: [{ ...jammy, arch: "amd64" }] }, /^selections\[0\].arch is not known here; did you mean "arches"\?/],
    [{ selections: [jammy], source: "images.maas.io" }, /^source "images.maas.io" is no URL of a boot source/],
    [{ selections: [jammy], importTimeout: "2" }, /^importTimeout "2" has no unit/],
  ];
  for (const [written, reason] of rows) {
    const found = (await provider.check({}, { ...written })).failures.map(
      ({ property, reason: why }) => `${property} ${why}`,
    );
    assert.equal(found.length, 1, `${JSON.stringify(written)}: ${found.join("; ")}`);
    assert.match(found[0] ?? "", reason);
  }
  assert.deepEqual(
    (await provider.check({}, { selections: [{ release: "resolute" }] })).failures,
    [],
    "may have come out since",
  );
  assert.deepEqual(lab.requests, []);
});
