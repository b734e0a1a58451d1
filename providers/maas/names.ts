/** What is wrong with the name of a tag, a pool or a zone: MAAS takes letters, digits, dots, dashes, underscores. */
import type { Problem } from "../core/check.ts";

/** @param kind "tag" is stricter: no spaces, which pools and zones may have */
export const nameProblem =
  (kind: "tag" | "resource pool" | "availability zone"): Problem =>
  (name) => {
    const pattern = kind === "tag" ? /^[\w.-]+$/ : /^[A-Za-z0-9][\w. -]*$/;
    return pattern.test(name)
      ? undefined
      : `"${name}" is no name for a ${kind}; write letters, digits, dots, dashes and underscores`;
  };
