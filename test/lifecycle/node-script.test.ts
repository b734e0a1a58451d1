import assert from "node:assert/strict";
import { test } from "node:test";
import type { DynamicProvider } from "../../providers/core/dispatch.ts";
import { nodeScript } from "../../providers/maas/node-script.ts";
import { checked, ExplicitLab } from "../support/explicit-lab.ts";

const text = `#!/bin/bash
# --- Start MAAS 1.0 script metadata ---
# name: check-fans
# title: Fans
# script_type: test
# hardware_type: cpu
# tags: [cooling, quick]
# timeout: 00:05:00
# --- End MAAS 1.0 script metadata ---
echo ok
`;
const written = { name: "check-fans", script: text, stackId: "0123456789ab" };
const inputsOf = (provider: DynamicProvider, inputs: object) =>
  checked(provider, "maas:NodeScript", "fans", { ...inputs });
const read = (lab: ExplicitLab, name = "check-fans") => lab.admin.scripts.read(name);

test("a script is uploaded with what its metadata says, changed, and deleted", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(nodeScript);
  const { id, outs } = await provider.create(
    await inputsOf(provider, { ...written, script: text.replaceAll("\n", "\r\n") }),
  );
  const made = await read(lab);
  assert.deepEqual(
    [made?.title, made?.type, made?.timeout, made?.tags],
    ["Fans", 2, "0:05:00", ["cooling", "quick", "cpu"]],
  );
  assert.deepEqual(lab.writes(), ["POST scripts/"]);
  const news = { ...written, script: text.replace("quick", "slow").replace("00:05:00", "00:09:00") };
  const { outs: changed } = await provider.update(id, outs, await inputsOf(provider, news));
  assert.deepEqual(lab.writes(), ["PUT scripts/check-fans"]);
  const now = await read(lab);
  assert.deepEqual(
    [now?.timeout, now?.tags],
    ["0:09:00", ["cooling", "slow", "cpu"]],
    "MAAS alone would keep tags and timeout",
  );
  await provider.update(id, changed, await inputsOf(provider, news));
  assert.deepEqual(lab.writes(), []);
  await provider.delete(id, changed);
  await provider.delete(id, changed);
  assert.equal(await read(lab), undefined);
});

test("type, tags and timeout can be said beside the script", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(nodeScript);
  const inputs = { ...written, script: "#!/bin/sh\ntrue\n", type: "release", tags: ["mine"], timeout: "2 minutes" };
  const { id, outs } = await provider.create(await inputsOf(provider, inputs));
  const made = await read(lab);
  assert.deepEqual([made?.type, made?.timeout, made?.tags], [3, "0:02:00", ["mine", "node"]]);
  assert.deepEqual((await provider.read(id, outs)).props, outs);
});

test("drift is told: another text, other tags; a script that somebody else has put there is not ours", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(nodeScript);
  const { id, outs } = await provider.create(
    await inputsOf(provider, { ...written, tags: ["mine"], timeout: "5 minutes" }),
  );
  await lab.admin.scripts.update("check-fans", {
    script: `${text}# more\n`,
    comment: "theirs",
    tags: "other",
    timeout: "60",
  });
  const { props } = await provider.read(id, outs);
  assert.equal(props?.["script"], `${text}# more\n`);
  assert.deepEqual(props["tags"], ["other", "cpu"]);
  assert.equal(props["timeout"], "60 seconds");
  await lab.admin.scripts.delete("check-fans");
  assert.deepEqual(await provider.read(id, outs), {});
  await lab.admin.scripts.create({ name: "check-fans", script: "#!/bin/sh", comment: "theirs" });
  assert.deepEqual(await provider.read(id, outs), {});
});

test("MAAS's own scripts and those of others are never touched", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(nodeScript);
  await assert.rejects(
    provider.create({ ...written, name: "memtester", script: "#!/bin/sh" }),
    /The script memtester is one that MAAS brings along/,
  );
  await lab.admin.scripts.create({ name: "check-fans", script: "#!/bin/sh", comment: "theirs" });
  await assert.rejects(
    provider.create(await inputsOf(provider, written)),
    /MAAS has a script check-fans already that is not this stack's/,
  );
  assert.deepEqual(lab.writes(), []);
});

test("the very same script is used and left there", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(nodeScript);
  await lab.admin.scripts.create({ name: "check-fans", script: text, comment: "theirs" });
  const { id, outs } = await provider.create(await inputsOf(provider, written));
  assert.equal(outs["adopted"], true);
  await assert.rejects(
    provider.update(id, outs, await inputsOf(provider, { ...written, script: "#!/bin/sh\n# name: other" })),
    /not this stack's/,
  );
  await provider.delete(id, outs);
  assert.notEqual(await read(lab), undefined);
});

test("after a crash it is ours still, by the comment of its versions", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(nodeScript);
  const news = await inputsOf(provider, written);
  assert.equal(await provider.leftBehind(news), undefined);
  await provider.create(news);
  lab.writes();
  assert.equal((await provider.create(news)).outs["adopted"], false);
  assert.deepEqual(lab.writes(), []);
  assert.equal((await provider.leftBehind(news))?.id, "check-fans");
});

test("what cannot be is told at preview, without asking MAAS", async (t) => {
  const lab = await ExplicitLab.start(t);
  const provider = lab.provider(nodeScript);
  const rows: [inputs: object, reason: RegExp][] = [
    [{ script: "echo ok" }, /^script must begin with a line that says what runs it/],
    [
      { script: text.replace("# title", "title") },
      /^script has a line in its metadata that is no comment \("title: Fans"\)/,
    ],
    [{ script: text.replace("# title: Fans", "# title: [") }, /^script has metadata that is not YAML/],
    [{ script: text.replace(/# --- End.*\n/, "") }, /^script has metadata without an end/],
    [
      { script: text.replace("script_type: test", "script_type: tests") },
      /^script has script_type: tests in its metadata.*did you mean "test"\?/,
    ],
    [
      { script: text.replace("hardware_type: cpu", "hardware_type: cpus") },
      /^script has hardware_type: cpus.*did you mean "cpu"\?/,
    ],
    [{ script: text.replace("00:05:00", "soon") }, /^script has timeout: soon in its metadata/],
    [{ name: "other" }, /^name is "other", and the script's metadata says "check-fans"/],
    [{ name: "none", script: "#!/bin/sh" }, /^name "none" is what MAAS calls no script at all/],
    [{ name: "7", script: "#!/bin/sh" }, /^name "7" is a number/],
    [{ name: "a b", script: "#!/bin/sh" }, /^name "a b" is no name for a script/],
    [{ name: "memtester", script: "#!/bin/sh" }, /^name "memtester" is a script that MAAS brings along/],
    [
      { name: "50-maas-01-commissioning", script: "#!/bin/sh" },
      /^name "50-maas-01-commissioning" is a script that MAAS/,
    ],
    [{ type: "commissioning" }, /^type is "commissioning", and the script's metadata says "testing"/],
    [{ type: "test" }, /^type "test" is unknown/],
    [{ tags: ["a b"] }, /^tags\[0\] "a b" cannot be a tag/],
    [{ timeout: "5" }, /^timeout "5" has no unit/],
  ];
  for (const [inputs, reason] of rows) {
    const found = (await provider.check({}, { ...written, ...inputs })).failures.map(
      (failure) => `${failure.property} ${failure.reason}`,
    );
    const ofIt = found.filter((line) => reason.test(line));
    assert.equal(ofIt.length, 1, `${JSON.stringify(inputs)}: ${found.join("; ")}`);
  }
  assert.deepEqual((await provider.check({}, { ...written, script: text.replace("title:", "titel:") })).failures, []);
  assert.deepEqual(lab.warnings, ['MAAS does not read "titel" in the metadata; did you mean "title"?']);
  assert.deepEqual(lab.requests, []);
});
