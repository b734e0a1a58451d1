/** Racks of more machines than a test has. */
import { nuc } from "../test/support/engine-project.ts";

/** The n-th of up to a thousand: they need more than one last byte. */
export const nucOf = (n: number) => ({
  ...nuc(n),
  mac: `1c:69:7a:00:${byte(n >> 8)}:${byte(n & 255)}`,
  amt: `172.16.${String(12 + (n >> 8))}.${String(n & 255)}`,
  address: `172.16.${String(2 + (n >> 8))}.${String(n & 255)}`,
});

const byte = (n: number): string => n.toString(16).padStart(2, "0");
