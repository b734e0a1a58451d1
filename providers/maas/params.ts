/** Parameters as MAAS reads them (facts: maas.md 1.4): form-encoded, lists repeat the key, booleans are true or false. */
import type { Params } from "./operation.ts";

export function encodeParams(params: Params): string {
  const encoded = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    // Never 0 or 1: half of MAAS's boolean fields read "0" as true (trap 1).
    for (const item of Array.isArray(value) ? value : [value]) encoded.append(name, String(item));
  }
  return encoded.toString();
}
