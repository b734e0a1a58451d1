/** Which MAAS is this, and is it new enough? Asked once a process. */
import { ProviderError } from "../core/errors.ts";
import type { Version } from "./api/version.ts";

const OLDEST = "3.5";

export interface VersionGate {
  /** Throws `too-old` for a MAAS older than 3.5. */
  supported(): Promise<void>;
  /** Throws `too-old` for a MAAS that lacks this feature. */
  requires(feature: string, version: string): Promise<void>;
}

export function versionGate(read: () => Promise<Version>, url: string): VersionGate {
  let asked: Promise<string> | undefined;
  const version = () => {
    asked ??= read().then(
      (answer) => answer.version,
      (error: unknown) => {
        // The next request asks again: MAAS may only have been restarting.
        asked = undefined;
        throw error;
      },
    );
    return asked;
  };
  return {
    supported: async () => {
      const found = await version();
      if (parse(found) === undefined) {
        throw new ProviderError("unexpected", `MAAS at ${url} does not say which version it is ("${found}").`);
      }
      if (older(found, OLDEST)) {
        throw new ProviderError(
          "too-old",
          `MAAS at ${url} is version ${found}; Metalform needs ${OLDEST} or newer. Upgrade MAAS, for example with ` +
            "`sudo snap refresh --channel=3.5/stable maas`.",
        );
      }
    },
    requires: async (feature, wanted) => {
      const found = await version();
      if (older(found, wanted)) {
        throw new ProviderError(
          "too-old",
          `${feature}: MAAS ${wanted} or newer is needed, and this one is ${found}. Upgrade MAAS.`,
        );
      }
    },
  };
}

const parse = (version: string): number[] | undefined =>
  /^(\d+)\.(\d+)(?:\.(\d+))?/
    .exec(version)
    ?.slice(1)
    .map((part: string | undefined) => Number(part ?? 0));

function older(found: string, wanted: string): boolean {
  const [a = [], b = []] = [parse(found), parse(wanted)];
  const at = a.findIndex((part, i) => part !== b[i]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}
