import assert from "node:assert/strict";
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { after, before, beforeEach, describe, it } from "node:test";
import { allTranscripts } from "../../lab/conformance/claimed.ts";
import { replay } from "../../lab/conformance/replay.ts";
import { Journal } from "../../lab/journal.ts";
import { startLab, type Lab } from "../../lab/lab.ts";
import { Store } from "../../lab/store.ts";

describe("the journal of a lab with a disk", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "metalform-journal-"));
  });
  const files = (): string[] => readdirSync(directory).sort();
  const remove = (): void => {
    rmSync(directory, { recursive: true, force: true });
  };

  it("holds the rows that were written, and the next store reads them", async () => {
    const store = new Store(directory);
    await store.changed();
    const whole = readFileSync(join(directory, "state.json"));
    store.writable.config["maas_name"] = "here";
    store.writable.imageImport = { stage: "files", until: 1, selections: "" };
    Reflect.deleteProperty(store.writable.tags, Object.keys(store.state.tags)[0] ?? "");
    await store.changed();
    assert.deepEqual(readFileSync(join(directory, "state.json")), whole);
    assert.deepEqual(files(), ["journal-1.jsonl", "state.json"]);
    assert.equal(statSync(join(directory, "journal-1.jsonl")).mode & 0o077, 0);
    assert.deepEqual(new Store(directory).state, store.state);
    remove();
  });

  it("does not read a line whose end is missing", async () => {
    const store = new Store(directory);
    await store.changed();
    store.writable.config["maas_name"] = "first";
    await store.changed();
    const length = statSync(join(directory, "journal-1.jsonl")).size;
    store.writable.config["maas_name"] = "second";
    await store.changed();
    truncateSync(join(directory, "journal-1.jsonl"), length + 9);
    assert.equal(new Store(directory).state.config["maas_name"], "first");
    remove();
  });

  it("does not take an older journal for its own", async () => {
    const store = new Store(directory);
    await store.changed();
    store.writable.config["maas_name"] = "kept";
    await store.changed();
    const again = new Store(directory);
    await again.changed();
    appendFileSync(join(directory, "journal-1.jsonl"), '[["config","maas_name","stale"]]\n');
    assert.equal(new Store(directory).state.config["maas_name"], "kept");
    remove();
  });

  it("is replaced by a whole state when it has grown", async () => {
    const journal = new Journal(directory);
    await journal.replace({ state: {} });
    const row = "x".repeat(1024 * 1024);
    for (let count = 0; count < 5; count += 1) await journal.append([["rows", "a", row]]);
    assert.ok(journal.isLong);
    await journal.replace({ state: { rows: { a: row } } });
    assert.ok(!journal.isLong);
    assert.deepEqual(files(), ["state.json"]);
    assert.deepEqual(new Journal(directory).load(), { state: { rows: { a: row } } });
    remove();
  });

  it("writes the whole state after a save that failed", async () => {
    const store = new Store(directory);
    await store.changed();
    remove();
    store.writable.config["maas_name"] = "lost?";
    await assert.rejects(store.changed(), { code: "ENOENT" });
    mkdirSync(directory);
    await store.changed();
    assert.equal(new Store(directory).state.config["maas_name"], "lost?");
    remove();
  });
});

describe("a lab with a disk, told all recorded scenarios", () => {
  let directory: string;
  let lab: Lab;
  let store: Store;
  before(async () => {
    directory = mkdtempSync(join(tmpdir(), "metalform-journal-"));
    store = new Store(directory);
    lab = await startLab({ mode: "explicit", store, warn: () => undefined });
  });
  after(async () => {
    await lab.close();
    rmSync(directory, { recursive: true, force: true });
  });

  for (const file of allTranscripts())
    it(`answers ${basename(file)} alike, and has on disk what it has in memory`, async () => {
      assert.deepEqual((await replay(lab, file)).different, []);
      assert.deepEqual(new Store(directory).state, store.state);
    });
});
