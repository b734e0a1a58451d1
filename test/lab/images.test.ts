import assert from "node:assert/strict";
import { after, before, beforeEach, describe, it } from "node:test";
import { startLab, type Lab } from "../../lab/lab.ts";
import { advanceImport, beginImport, isImportDue } from "../../lab/maas/image-import.ts";
import { livingLayout, seedState } from "../../lab/maas/seed.ts";
import { ask } from "../support/lab-request.ts";

const source = { url: "http://images.example/stable/", keyring_filename: "/k.gpg" };
const arm = { os: "ubuntu", release: "noble", arches: "arm64", subarches: "*", labels: "*" };

describe("images", () => {
  let lab: Lab;
  before(async () => {
    lab = await startLab({ mode: "explicit" });
  });
  after(() => lab.close());
  beforeEach(async () => {
    await fetch(`${lab.controlUrl}/reset`, { method: "POST" });
  });
  const send = async (method: "GET" | "POST" | "PUT" | "DELETE", path: string, form?: Record<string, string>) => {
    const [plain = "", op] = path.split("?op=");
    const { status, json } = await ask(lab, method, plain, {
      ...(op ? { query: { op } } : {}),
      ...(form ? { form } : {}),
    });
    return { status, body: json };
  };
  const progress = async (percent: number) => {
    const answer = await fetch(`${lab.controlUrl}/import`, {
      method: "POST",
      body: String(percent),
      headers: { "content-type": "text/plain" },
    });
    assert.equal(answer.status, 204);
  };
  const makeSource = async (): Promise<string> => {
    const { body } = await send("POST", "boot-sources/", source);
    return `boot-sources/${String((body as { id: number }).id)}/selections/`;
  };

  it("are loaded after an import was asked for, and tell how far they are", async () => {
    const selections = await makeSource();
    for (const release of ["focal", "jammy", "noble"])
      assert.equal((await send("POST", selections, { ...arm, release, arches: "amd64" })).status, 200);
    await send("POST", selections, { ...arm, release: "bionic" });
    assert.deepEqual((await send("GET", "boot-resources/?op=is_importing")).body, false);
    await send("POST", "boot-resources/?op=import", {});
    assert.deepEqual((await send("GET", "boot-resources/?op=is_importing")).body, true);
    await progress(40);
    const images = (await send("GET", "boot-resources/")).body as { id: number; name: string; architecture: string }[];
    const loading = images.filter(({ name }) => name === "ubuntu/bionic");
    assert.deepEqual(
      loading.map(({ architecture }) => architecture),
      ["arm64/ga-18.04", "arm64/hwe-18.04"],
    );
    const path = `boot-resources/${String(loading[0]?.id)}/`;
    const { sets } = (await send("GET", path)).body as {
      sets: Record<string, { complete: boolean; progress?: number }>;
    };
    assert.deepEqual(
      Object.values(sets).map((set) => [set.complete, set.progress]),
      [[false, 40]],
    );
    await progress(100);
    assert.deepEqual((await send("GET", "boot-resources/?op=is_importing")).body, false);
    const done = (await send("GET", path)).body as { sets: typeof sets };
    assert.deepEqual(
      Object.values(done.sets).map((set) => [set.complete, set.progress]),
      [[true, undefined]],
    );
  });

  it("that nobody has selected go with the next import, but never all of them", async () => {
    const selections = await makeSource();
    await send("POST", "boot-resources/?op=import", {});
    await progress(100);
    assert.equal(((await send("GET", "boot-resources/")).body as unknown[]).length, 6);
    await send("POST", selections, { ...arm, release: "jammy", arches: "amd64" });
    await send("POST", "boot-resources/?op=import", {});
    await progress(100);
    const names = ((await send("GET", "boot-resources/")).body as { name: string }[]).map(({ name }) => name);
    assert.deepEqual([...new Set(names)], ["ubuntu/jammy"]);
  });

  it("that are half loaded are of no use: no series of them can be the default", async () => {
    await send("POST", await makeSource(), { ...arm, release: "plucky", arches: "amd64" });
    await send("POST", "boot-resources/?op=import", {});
    await progress(50);
    const set = () => send("POST", "maas/?op=set_config", { name: "default_distro_series", value: "plucky" });
    assert.equal((await set()).status, 400);
    await progress(100);
    assert.equal((await set()).status, 200);
  });

  it("are selected as their source offers them", async () => {
    const selections = await makeSource();
    const refused: [Record<string, string>, unknown][] = [
      [{ ...arm, release: "jamy" }, { os: ["OS ubuntu with release jamy has no available images for download"] }],
      [{ ...arm, arches: "sparc" }, { arches: ["No available images to download for ['sparc']"] }],
      [{ ...arm, labels: "daily" }, { labels: ["No available images to download for ['daily']"] }],
    ];
    for (const [form, body] of refused) assert.deepEqual(await send("POST", selections, form), { status: 400, body });
    await send("POST", selections, arm);
    const twice = await send("POST", selections, arm);
    assert.deepEqual(twice.body, {
      __all__: ["Boot source selection with this Boot source, Os and Release already exists."],
    });
  });

  it("of the series that machines are commissioned with stay selected", async () => {
    const selections = await makeSource();
    const { body } = await send("POST", selections, { ...arm, release: "jammy", arches: "amd64" });
    const path = `${selections}${String((body as { id: number }).id)}/`;
    assert.equal((await send("DELETE", path)).status, 400);
  });
});

describe("an import in a lab that lives by itself", () => {
  const selected = (state: ReturnType<typeof seedState>, release: string): void => {
    const id = Object.keys(state.bootSourceSelections).length + 1;
    state.bootSourceSelections[id] = {
      id,
      bootSourceId: 1,
      os: "ubuntu",
      release,
      arches: ["arm64"],
      subarches: ["*"],
      labels: ["*"],
    };
  };
  const names = (state: ReturnType<typeof seedState>) =>
    Object.values(state.bootResources)
      .filter(({ progress }) => progress === undefined)
      .map(({ name }) => name);

  it("takes its time, one release after the other, and then there is none", () => {
    const state = seedState(undefined, livingLayout);
    selected(state, "bionic");
    selected(state, "plucky");
    beginImport(state);
    assert.equal(isImportDue(state, 0), true);
    advanceImport(state, 0);
    advanceImport(state, 81_000);
    assert.ok(names(state).includes("ubuntu/bionic") && !names(state).includes("ubuntu/plucky"));
    advanceImport(state, 141_000);
    assert.ok(names(state).includes("ubuntu/plucky"));
    assert.equal(state.imageImport, null);
    assert.equal(names(state).length, 10, "and nothing that was selected is lost");
  });

  it("begins anew when somebody has selected more meanwhile", () => {
    const state = seedState(undefined, livingLayout);
    selected(state, "bionic");
    beginImport(state);
    advanceImport(state, 0);
    advanceImport(state, 30_000);
    selected(state, "plucky");
    beginImport(state);
    advanceImport(state, 81_000);
    assert.notEqual(state.imageImport, null);
    advanceImport(state, 1_000_000);
    assert.ok(names(state).includes("ubuntu/plucky"));
    assert.equal(state.imageImport, null);
  });
});
