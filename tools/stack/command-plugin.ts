/** Where the CLI looks for the plugin of @pulumi/command, and the stand-in put there (tools/pulumi/command/main.ts says why). */
import { existsSync, mkdirSync, rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { projectRoot } from "../project.ts";

const standIn = join(projectRoot, "tools", "pulumi", "pulumi-resource-command");

/** @param home as PULUMI_HOME */
export const commandPluginIn = (home: string): string =>
  join(home, "plugins", "resource-command-v1.2.1", "pulumi-resource-command");

/** From there the CLI takes it without a word; on PATH it would warn of it on every run. What is there stays. */
export function placeCommandPlugin(home: string): void {
  const place = commandPluginIn(home);
  if (existsSync(place)) return;
  mkdirSync(dirname(place), { recursive: true });
  // A link to a clone that is gone.
  rmSync(place, { force: true });
  symlinkSync(standIn, place);
}
