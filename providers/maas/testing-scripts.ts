/** Names of hardware tests: the ones MAAS brings are known; others are asked of MAAS, once a run. */
import type { Check } from "../core/check.ts";
import { messageOf } from "../core/errors.ts";
import { nearest, suggestion } from "../core/nearest.ts";
import type { MaasServices } from "./services.ts";

/** Testing scripts of MAAS 3.5.13 and their tags (transcripts' seed state). */
export const BUILT_IN = [
  "7z",
  "badblocks",
  "badblocks-destructive",
  "fio",
  "gateway-connectivity",
  "internet-connectivity",
  "memtester",
  "ntp",
  "rack-controller-connectivity",
  "smartctl-conveyance",
  "smartctl-long",
  "smartctl-short",
  "smartctl-validate",
  "stress-ng-cpu-long",
  "stress-ng-cpu-short",
  "stress-ng-memory-long",
  "stress-ng-memory-short",
];
const TAGS = ["commissioning", "cpu", "internet", "memory", "network", "network-validation", "storage"];

let uploaded: Promise<string[]> | undefined;

export async function checkTestingScripts(
  check: Check,
  services: MaasServices,
  warn: (text: string) => void,
): Promise<void> {
  check.texts("testingScripts");
  const scripts = check.value("testingScripts");
  if (!Array.isArray(scripts)) return;
  const known = [...BUILT_IN, ...TAGS];
  const unknown = scripts.filter((script): script is string => typeof script === "string" && !known.includes(script));
  if (unknown.length === 0) return;
  try {
    uploaded ??= services.client.scripts
      .list({ type: "testing" })
      .then((list) => list.flatMap((s) => [s.name, ...s.tags]));
    known.push(...(await uploaded));
  } catch (error) {
    warn(`Whether MAAS has the tests ${unknown.join(", ")} could not be asked: ${messageOf(error)}`);
    uploaded = undefined;
    // A near miss of a built-in name is a slip, with MAAS or without; anything else may well be there.
    known.push(...unknown.filter((script) => nearest(script, BUILT_IN) === undefined));
  }
  scripts.forEach((script: unknown, index) => {
    if (typeof script === "string" && !known.includes(script)) {
      check.fail(`testingScripts[${String(index)}]`, `"${script}" is no hardware test${suggestion(script, BUILT_IN)}`);
    }
  });
}
