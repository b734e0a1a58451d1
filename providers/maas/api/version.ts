/** `version/`: answers without a key (facts: maas.md 1.1). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface Version {
  /** "3.5.13". */
  version: string;
  subversion: string;
  capabilities: string[];
}

export const versionApi = (send: Send) => ({
  read: () => send<Version>({ method: "GET", path: at("version"), doing: "asking for MAAS's version" }),
});

export type VersionApi = ReturnType<typeof versionApi>;
