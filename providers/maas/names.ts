/** What is wrong with the name of a tag, a pool, a zone, a fabric or a space. */
import type { Problem } from "../core/check.ts";
import { ProviderError } from "../core/errors.ts";

/**
 * MAAS takes letters, digits, dots, dashes, underscores.
 *
 * @param kind "tag" is stricter: no spaces, which pools and zones may have
 */
export const nameProblem =
  (kind: "tag" | "resource pool" | "availability zone"): Problem =>
  (name) => {
    const pattern = kind === "tag" ? /^[\w.-]+$/ : /^[A-Za-z0-9][\w. -]*$/;
    return pattern.test(name)
      ? undefined
      : `"${name}" is no name for a ${kind}; write letters, digits, dots, dashes and underscores`;
  };

/**
 * What is wrong with the name of a fabric or a space. MAAS takes letters, digits, dashes and underscores; one of digits
 * only would be read as an id, and "undefined" stands for VLANs that are in no space (facts: maas.md 2.11).
 */
export const networkNameProblem =
  (kind: "fabric" | "space"): Problem =>
  (name) => {
    if (kind === "space" && name === "undefined") return '"undefined" is MAAS\'s word for no space; write another name';
    if (/^\d+$/.test(name)) return `"${name}" would be read as an id; write a name with a letter in it`;
    return /^[\p{L}\p{N}_-]+$/u.test(name)
      ? undefined
      : `"${name}" is no name for a ${kind}; write letters, digits, dashes and underscores`;
  };

/**
 * "fabric-3" is what MAAS calls the fabric with id 3 until somebody names it. So only one that is there can have such a
 * name, which only MAAS can tell.
 *
 * @throws ProviderError bad-input
 */
export function refuseReservedName(kind: "fabric" | "space", name: string): void {
  if (!new RegExp(`^${kind}-\\d+$`).test(name)) return;
  throw new ProviderError(
    "bad-input",
    `There is no ${kind} ${name} in MAAS, and MAAS keeps names of that form for itself. Write the name of a ${kind} that ` +
      "is there, or another name for a new one.",
  );
}
