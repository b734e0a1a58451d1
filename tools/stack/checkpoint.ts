/**
 * The state file of a file backend. Pulumi writes it in place, so a kill at the wrong moment leaves it cut off, and then
 * no command works any more; but it keeps the one before beside it (`.bak`). What was made between the two is found again
 * by the resources themselves: by MAC address, by mark.
 */
import { copyFileSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";

export const checkpointFile = (backend: string, project: string, stack: string): string =>
  join(backend, ".pulumi", "stacks", project, `${stack}.json`);

/**
 * Puts the one before in the place of one that is cut off; true when it did. The backend also keeps attributes in a file
 * beside each, written in place as well: a cut-off one makes the state unreadable ("failed to load checkpoint: EOF"), and is
 * not needed.
 */
export function restoreCheckpoint(file: string): boolean {
  for (const attributes of [`${file}.attrs`, `${file}.bak.attrs`]) {
    if (isWhole(attributes) === false) rmSync(attributes);
  }
  if (isWhole(file) !== false) return false;
  const before = isWhole(`${file}.bak`);
  if (before === true) copyFileSync(`${file}.bak`, file);
  // The very first one: the stack is made anew.
  else if (before === undefined) rmSync(file);
  return before !== false;
}

/** undefined where there is no file. */
function isWhole(file: string): boolean | undefined {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
