import assert from "node:assert/strict";
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { after, before, describe, it } from "node:test";
import type { Lab } from "../../lab/lab.ts";
import { ask } from "../support/lab-request.ts";

type Running = Omit<Lab, "close"> & { child: ChildProcess };

describe("a lab with a disk", () => {
  let directory: string;
  const running: ChildProcess[] = [];
  before(() => {
    directory = mkdtempSync(join(tmpdir(), "metalform-lab-"));
  });
  after(() => {
    for (const child of running) child.kill("SIGKILL");
    rmSync(directory, { recursive: true, force: true });
  });

  async function start(): Promise<Running> {
    const main = new URL("../../lab/main.ts", import.meta.url).pathname;
    const child = spawn(process.execPath, [main, "--state", directory, "--mode", "explicit"], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    running.push(child);
    const [line] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
    return { ...(JSON.parse(line) as Omit<Lab, "close">), child };
  }

  async function kill({ child }: Running): Promise<void> {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  const tagNames = async (lab: Running): Promise<string[]> => {
    const { json } = await ask(lab, "GET", "tags/");
    return (json as { name: string }[]).map(({ name }) => name);
  };
  const addTag = (lab: Running, name: string) => ask(lab, "POST", "tags/", { form: { name } });

  it("has after SIGKILL all that it confirmed, and the same keys", async () => {
    const first = await start();
    const confirmed = await Promise.all(
      Array.from({ length: 20 }, async (_unused, index) => (await addTag(first, `t${String(index)}`)).status),
    );
    await kill(first);
    assert.deepEqual(new Set(confirmed), new Set([200]));
    const second = await start();
    assert.deepEqual([second.adminKey, second.userKey], [first.adminKey, first.userKey]);
    assert.equal((await tagNames(second)).length, 20);
    await addTag(second, "later");
    await kill(second);
    const third = await start();
    assert.ok((await tagNames(third)).includes("later"));
    await kill(third);
  });

  it("replaces its file as a whole, readable by its owner alone", () => {
    assert.deepEqual(readdirSync(directory), ["state.json"]);
    assert.equal(statSync(join(directory, "state.json")).mode & 0o077, 0);
    assert.doesNotThrow(() => JSON.parse(readFileSync(join(directory, "state.json"), "utf8")) as unknown);
  });

  it("counts ids on where it stopped", async () => {
    const lab = await start();
    const pool = await ask(lab, "POST", "resourcepools/", {
      form: { name: "a" },
    });
    await kill(lab);
    const again = await start();
    const next = await ask(again, "POST", "resourcepools/", {
      form: { name: "b" },
    });
    assert.equal((next.json as { id: number }).id, (pool.json as { id: number }).id + 1);
    await kill(again);
  });
});
