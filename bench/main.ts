/**
 * `npm run bench`: what the project promises to be fast, measured here and now as ratios and differences within one run,
 * since absolute times differ from machine to machine. Never a test: it prints, and whoever reads it judges.
 *
 *   npm run bench                      everything, about ten minutes
 *   npm run bench -- preview racks=5   a part of it: preview, large, racks
 */
import { benchLargePreview, benchPreview } from "./preview.ts";
import { benchRack } from "./rack.ts";

const asked = process.argv.slice(2);
const wants = (part: string): boolean => asked.length === 0 || asked.some((arg) => arg.split("=")[0] === part);

const sizes = (asked.find((arg) => arg.startsWith("racks="))?.slice("racks=".length) ?? "5,50,500").split(",");

if (wants("preview")) await benchPreview();
if (wants("large")) await benchLargePreview(500);
if (wants("racks")) for (const size of sizes) await benchRack(Number(size));
