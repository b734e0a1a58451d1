import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { ask, type Asked } from "../support/lab-request.ts";

const content = `#!/bin/bash
# --- Start MAAS 1.0 script metadata ---
# name: check-fans
# title: Fans
# description: Spins every fan up.
# script_type: test
# hardware_type: cpu
# parallel: instance
# tags: [cooling, quick]
# timeout: 00:05:00
# destructive: no
# packages: {apt: lm-sensors}
# parameters:
#   runtime: {type: runtime}
# --- End MAAS 1.0 script metadata ---
echo ok
`;

describe("scripts of one's own", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ mode: "explicit" });
  });
  after(() => lab.close());
  beforeEach(async () => {
    await fetch(`${lab.controlUrl}/reset`, { method: "POST" });
  });
  const send = async (method: "GET" | "POST" | "PUT" | "DELETE", path: string, asked: Asked = {}) => {
    const { status, json, text } = await ask(lab, method, path, asked);
    return { status, body: json as Record<string, unknown> | undefined, text };
  };
  const upload = (form: Record<string, string>) => send("POST", "scripts/", { form });

  it("takes what the YAML inside of them says", async () => {
    const { status, body } = await upload({ script: content });
    assert.equal(status, 200);
    const { id, history, ...shown } = body ?? {};
    assert.ok(Number.isInteger(id) && Array.isArray(history) && history.length === 1);
    assert.deepEqual(shown, {
      name: "check-fans",
      title: "Fans",
      description: "Spins every fan up.",
      tags: ["cooling", "quick", "cpu"],
      type: 2,
      type_name: "Testing script",
      hardware_type: 1,
      hardware_type_name: "CPU",
      parallel: 1,
      parallel_name: "Run along other instances of this script",
      results: {},
      parameters: { runtime: { type: "runtime" } },
      packages: { apt: ["lm-sensors"] },
      timeout: "0:05:00",
      destructive: false,
      default: false,
      for_hardware: [],
      may_reboot: false,
      recommission: false,
      apply_configured_networking: false,
      resource_uri: "/MAAS/api/2.0/scripts/check-fans",
    });
  });

  const refusals: [string, Record<string, string>, Record<string, string[]>][] = [
    ["nothing", {}, { name: ["This field is required."], script: ["Must be given a value"] }],
    ["no shebang", { name: "a", script: "echo" }, { script: ["Must start with shebang."] }],
    ["the name none", { name: "none", script: "#!/bin/sh" }, { name: ['"none" is a reserved name.'] }],
    ["a number for a name", { name: "7", script: "#!/bin/sh" }, { name: ["Cannot be a number."] }],
    [
      "a blank in the name",
      { name: "a b", script: "#!/bin/sh" },
      { name: ["Name 'a b' contains disallowed characters, e.g. space or quotes."] },
    ],
    [
      "a name that is taken",
      { name: "memtester", script: "#!/bin/sh" },
      { name: ["Script with this Name already exists."] },
    ],
    [
      "another type than the YAML",
      { type: "commissioning", script: content },
      { script_type: ["May not override values defined in embedded YAML."] },
    ],
    [
      "an unknown type",
      { name: "a", type: "fun", script: "#!/bin/sh" },
      { script_type: ["Script type must be commissioning, testing or release"] },
    ],
    ["a bad timeout", { name: "a", timeout: "soon", script: "#!/bin/sh" }, { timeout: ["Enter a valid duration."] }],
  ];
  for (const [what, form, errors] of refusals)
    it(`refuses ${what}`, async () => {
      const { status, body } = await upload(form);
      assert.deepEqual([status, body], [400, errors]);
    });

  it("keeps tags and timeout when a new version says otherwise, and goes back", async () => {
    await upload({ script: content });
    const changed = content.replace("quick", "slow").replace("00:05:00", "00:09:00").replace("Fans", "All fans");
    const { body } = await send("PUT", "scripts/check-fans", { form: { script: changed, comment: "better" } });
    assert.deepEqual([body?.["title"], body?.["timeout"]], ["All fans", "0:05:00"]);
    const [newest, first] = body?.["history"] as { id: number; comment: string | null }[];
    assert.deepEqual([newest?.comment, first?.comment], ["better", null]);
    const reverted = await send("POST", "scripts/check-fans", {
      query: { op: "revert" },
      form: { to: String(first?.id) },
    });
    assert.equal((reverted.body?.["history"] as unknown[]).length, 1);
    const { text } = await send("GET", "scripts/check-fans", { query: { op: "download" } });
    assert.equal(text, content);
    const tooFar = await send("POST", "scripts/check-fans", { query: { op: "revert" }, form: { to: "-4" } });
    assert.deepEqual([tooFar.status, tooFar.text], [400, "Goes too far back."]);
  });

  it("can be deleted, unlike MAAS's own", async () => {
    await upload({ name: "mine", script: "#!/bin/sh" });
    assert.equal((await send("DELETE", "scripts/mine")).status, 204);
    assert.equal((await send("GET", "scripts/mine")).status, 404);
    const own = await send("DELETE", "scripts/memtester");
    assert.deepEqual([own.status, own.text], [400, "Unable to delete default script"]);
    const change = await send("PUT", "scripts/memtester", { form: { title: "x" } });
    assert.deepEqual(change.body, { title: ["Not allowed to change on default scripts."] });
  });

  it("run where they are asked for by name or tag", async () => {
    await upload({ script: content });
    const machine = await send("POST", "machines/", {
      form: { architecture: "amd64", mac_addresses: "52:54:00:00:00:01", commission: "false", power_type: "manual" },
    });
    const id = String(machine.body?.["system_id"]);
    await send("POST", `machines/${id}/`, { query: { op: "commission" }, form: { testing_scripts: "cooling" } });
    const { body } = await send("GET", `nodes/${id}/results/current-testing/`);
    assert.deepEqual(
      (body?.["results"] as { name: string; parameters: unknown }[]).map(({ name, parameters }) => [name, parameters]),
      [["check-fans", { runtime: { type: "runtime", value: 300 } }]],
    );
  });

  it("are not for users without rights", async () => {
    const { status } = await send("POST", "scripts/", { key: lab.userKey, form: { script: content } });
    assert.equal(status, 403);
  });
});
