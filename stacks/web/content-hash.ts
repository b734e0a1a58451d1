/** One hash of all files below folders of the project: it changes with any of them, and with nothing else. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";

/** What running leaves behind is no content. */
const leftovers = new Set(["__pycache__", ".ansible"]);

/** @param folder below the project, e.g. "ansible" @returns twelve hex digits */
export function contentHash(folder: string, project = join(import.meta.dirname, "../..")): string {
  const hash = createHash("sha256");
  for (const file of files(join(project, folder)).sort()) {
    const content = createHash("sha256").update(readFileSync(file)).digest("hex");
    hash.update(`${relative(project, file)}\0${content}\n`);
  }
  return hash.digest("hex").slice(0, 12);
}

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (leftovers.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}
