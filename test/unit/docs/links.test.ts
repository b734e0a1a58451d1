/** Links between pages, and from pages to code: each leads to a file, and to a heading where it names one. */
import assert from "node:assert/strict";
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";

const root = join(import.meta.dirname, "../../..");
const pages = ["README.md", "CONTRIBUTING.md", ...globSync("docs/**/*.md", { cwd: root })];

/** As GitHub and GitLab name them. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_ -]/gu, "")
    .replaceAll(" ", "-");

const withoutCode = (text: string): string => text.replace(/^```.*?^```/gms, "");

const anchorsOf = (path: string): string[] =>
  [...withoutCode(readFileSync(path, "utf8")).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) => anchor(heading));

function broken(page: string): string[] {
  const text = withoutCode(readFileSync(join(root, page), "utf8"));
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].flatMap(([, link = ""]) => {
    if (/^[a-z]+:/.test(link)) return [];
    const [file = "", fragment] = link.split("#");
    const target = file === "" ? join(root, page) : join(root, dirname(page), file);
    if (!existsSync(target) || relative(root, target).startsWith("..")) return [`${link}: no such file`];
    if (fragment === undefined) return [];
    return statSync(target).isFile() && anchorsOf(target).includes(fragment) ? [] : [`${link}: no such heading`];
  });
}

for (const page of pages) {
  test(`the links of ${page} lead somewhere`, () => {
    assert.deepEqual(broken(page), []);
  });
}
