/**
 * A kind of resource is a file, a class, a test, a page and a line in the runtime. They find each other by name: class
 * InterfaceLink, life cycle interfaceLink, file interface-link.ts.
 */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import type { Changes } from "../../../providers/core/changes.ts";
import * as barrel from "../../../providers/index.ts";
import { kindNames } from "../../../providers/runtime.ts";

const root = join(import.meta.dirname, "../../..");

/** No part of what programs use: the first Deployment declares it, and it makes nothing in MAAS. */
const internal: Record<string, { lifecycleTest: string }> = {
  "metalform:StackIdentity": { lifecycleTest: "test/unit/core/stack-identity.test.ts" },
};

const names = kindNames.map((kind) => {
  const className = kind.split(":")[1] ?? "";
  const file = className.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
  return { kind, className, file, lifecycle: className.replace(/^[A-Z]/, (letter) => letter.toLowerCase()) };
});

async function changesOf({ kind, file, lifecycle }: (typeof names)[number]): Promise<Changes<object>> {
  const folder = kind.startsWith("maas:") ? "maas" : "core";
  const module = (await import(`../../../providers/${folder}/${file}.ts`)) as Record<string, unknown>;
  const found = module[lifecycle];
  assert.ok(typeof found === "object" && found !== null && "changes" in found, `${file}.ts exports ${lifecycle}`);
  return found.changes as Changes<object>;
}

const read = (path: string): string => readFileSync(join(root, path), "utf8");

for (const name of names) {
  const { kind, className, file } = name;
  describe(kind, () => {
    test(internal[kind] ? "is internal: the barrel does not export it" : "has a class that the barrel exports", () => {
      assert.equal(className in barrel, internal[kind] === undefined);
    });

    test("has a page that names every input", async () => {
      const page = `docs/resources/${file}.md`;
      assert.ok(existsSync(join(root, page)), `${page} is missing`);
      const text = read(page);
      const unnamed = Object.keys(await changesOf(name)).filter((input) => !text.includes(`\`${input}\``));
      assert.deepEqual(unnamed, [], `inputs that ${page} does not name`);
    });

    test("has a test of its life cycle", () => {
      const path = internal[kind]?.lifecycleTest ?? `test/lifecycle/${file}.test.ts`;
      assert.ok(existsSync(join(root, path)), `${path} is missing`);
      assert.match(read(path), new RegExp(`/${file}\\.ts"`), `${path} imports ${file}.ts`);
    });
  });
}

test("no page is about a kind that is not there", () => {
  const pages = readdirSync(join(root, "docs/resources"));
  assert.deepEqual(pages.sort(), names.map(({ file }) => `${file}.md`).sort());
});
