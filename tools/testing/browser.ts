/** Debian's Chromium, driven by Playwright, for pages and pictures that people look at. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

const programs = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/** It asks nobody outside for anything: no updates, no variations, no component lists. */
const quiet = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** @throws Error that says what to install */
export async function openBrowser(environment: NodeJS.ProcessEnv = process.env): Promise<Browser> {
  const executablePath = environment["CHROMIUM"] || installedBrowser(environment["PATH"] ?? "");
  if (executablePath === undefined) {
    throw new Error(
      "there is no Chromium: type `sudo apt-get install chromium fonts-liberation`, or set CHROMIUM to the path of one",
    );
  }
  // Chromium's sandbox refuses to run as root.
  const args = process.getuid?.() === 0 ? [...quiet, "--no-sandbox"] : quiet;
  return chromium.launch({ executablePath, args });
}

function installedBrowser(path: string): string | undefined {
  const places = path.split(delimiter).filter(Boolean);
  return programs.flatMap((program) => places.map((place) => join(place, program))).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
