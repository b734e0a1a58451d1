/** `boot-resources/`: the images that MAAS has (facts: maas.md 2.16). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface BootResource {
  id: number;
  type: "Synced" | "Uploaded";
  /** "ubuntu/jammy". */
  name: string;
  /** "amd64/ga-22.04": the kernel is part of it. */
  architecture: string;
  /** Comma list: "generic,hwe-22.04,ga-22.04". */
  subarches?: string;
}

export const bootResourcesApi = (send: Send) => ({
  list: () => send<BootResource[]>({ method: "GET", path: at("boot-resources"), doing: "listing images" }),

  isImporting: () =>
    send<boolean>({
      method: "GET",
      path: at("boot-resources"),
      op: "is_importing",
      doing: "asking whether images are being imported",
    }),
});

export type BootResourcesApi = ReturnType<typeof bootResourcesApi>;
