/** Looks for secrets wherever a run may have left them: what it printed, what it stored, what the lab wrote down. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * @param secrets texts that must be nowhere, e.g. an API key; its three parts are secrets too
 * @param places what to search, by name: a text, or `{ folder }` with everything below it
 * @returns where something was found, e.g. "state/.pulumi/stacks/metalform/dev.json holds secret 1"; never the secret
 */
export function leaks(secrets: string[], places: Record<string, string | { folder: string }>): string[] {
  const wanted = new Map<string, string>();
  secrets.forEach((secret, index) => {
    for (const part of [secret, ...secret.split(":")]) wanted.set(part, `secret ${String(index + 1)}`);
  });
  wanted.set("OAuth ", "an OAuth header");
  const texts = Object.entries(places).flatMap(([name, place]) =>
    typeof place === "string" ? [[name, place] as const] : filesBelow(name, place.folder),
  );
  return texts.flatMap(([name, text]) =>
    [...wanted].filter(([secret]) => text.includes(secret)).map(([, what]) => `${name} holds ${what}`),
  );
}

function filesBelow(name: string, folder: string): (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [name + path.slice(folder.length), readFileSync(path, "latin1")] as const;
    });
}
