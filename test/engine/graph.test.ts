/** `make graph` with the real CLI: from the preview while there is no state, and from the state without asking MAAS. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Engine, writes } from "../support/engine.ts";
import { nuc } from "../support/engine-project.ts";

let engine: Engine;

before(async () => {
  engine = await Engine.start();
  engine.project.configure({ machines: [nuc(1), nuc(2)] });
});
after(() => engine.close());

/** The texts of the picture. */
async function drawn(...args: string[]): Promise<string[]> {
  const { code, output } = await engine.make("graph", ...args);
  assert.equal(code, 0, output);
  for (const ending of ["svg", "dot", "mmd"]) assert.ok(output.includes(`rack.${ending}\n`), output);
  const svg = readFileSync(join(engine.project.kept, "graph", "rack.svg"), "utf8");
  return [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text = ""]) =>
    text.replaceAll("&#160;", " ").trim(),
  );
}

test("before the first up it draws the preview, and makes nothing", async () => {
  const requests = await engine.requestsOf(async () => {
    const texts = await drawn();
    for (const text of ["server1", "server2", "172.16.0.0/20", "172.16.0.12", "+ create"])
      assert.ok(texts.includes(text), `${text} in ${texts.join(" | ")}`);
    assert.ok(!texts.includes("Deployed"));
  });
  assert.deepEqual(writes(requests), []);
  assert.deepEqual(await engine.machines(), []);
});

test("then it draws the state, and asks MAAS nothing", async () => {
  await engine.up();
  const requests = await engine.requestsOf(async () => {
    const texts = await drawn();
    assert.equal(texts.filter((text) => text === "Deployed").length, 2);
    for (const text of ["172.16.0.11", "172.16.0.12"]) assert.ok(texts.includes(text), text);
    assert.ok(!texts.some((text) => text.includes("create")));
  });
  assert.deepEqual(requests, {});
});

test("with --preview it draws what a changed config would do", async () => {
  engine.project.configure({ machines: [nuc(1, { address: "172.16.0.99" }), nuc(3)] });
  const texts = await drawn("--preview");
  for (const text of ["172.16.0.99", "server3", "+ create", "server2", "− delete"])
    assert.ok(texts.includes(text), `${text} in ${texts.join(" | ")}`);
});
