/**
 * Exit code 0 when the packages in node_modules are those of package-lock.json (by npm's own note of what it installed),
 * else 1. So `npm install` by hand is enough, and set-up does not put its own in place of it.
 * Runs before there are any packages: it imports none.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";

interface Entry {
  version?: string;
  optional?: boolean;
}

const root = process.argv[2] ?? ".";
const packages = (file: string) =>
  (JSON.parse(readFileSync(join(root, file), "utf8")) as { packages: Record<string, Entry> }).packages;

const wanted = packages("package-lock.json");
const present = packages("node_modules/.package-lock.json");
const missing = Object.entries(wanted).filter(([path, { version, optional }]) => {
  if (path === "") return false;
  const found = present[path];
  // Optional packages are for one platform each: those of the others are absent.
  return found ? found.version !== version : !optional;
});
const surplus = Object.keys(present).filter((path) => !(path in wanted));
process.exitCode = missing.length + surplus.length === 0 ? 0 : 1;
