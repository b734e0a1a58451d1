/**
 * The mark that says whose a machine is. It goes to MAAS in the very request that takes the machine (agent_name), so no
 * crash can separate the two, and it is read before anything is released.
 */
import { createHash } from "node:crypto";

/** At most 255 characters (facts: maas.md 2.1); this is 41. */
export const ownershipMark = (stackId: string, urn: string): string =>
  `metalform:${stackId}:${createHash("sha256").update(urn).digest("hex").slice(0, 16)}`;
