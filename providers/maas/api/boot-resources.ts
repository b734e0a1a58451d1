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

/** One version of an image. */
export interface BootResourceSet {
  /** "20260101": the greatest is the newest. */
  version: string;
  /** Bytes. */
  size: number;
  complete: boolean;
  /** Per cent; only while it is not complete. */
  progress?: number;
}

export const bootResourcesApi = (send: Send) => ({
  list: () => send<BootResource[]>({ method: "GET", path: at("boot-resources"), doing: "listing images" }),

  /** With its versions, which the list does not tell. */
  read: (id: number) =>
    send.orUndefined<BootResource & { sets: Record<string, BootResourceSet> }>({
      method: "GET",
      path: at("boot-resources", id),
      doing: `reading image ${String(id)}`,
    }),

  isImporting: () =>
    send<boolean>({
      method: "GET",
      path: at("boot-resources"),
      op: "is_importing",
      doing: "asking whether images are being imported",
    }),

  /** Returns at once. While an import runs it does nothing: that one looks at the selections again when it ends. */
  import: async (): Promise<void> => {
    await send({
      method: "POST",
      path: at("boot-resources"),
      op: "import",
      answers: "text",
      doing: "starting the import of images",
    });
  },
});

export type BootResourcesApi = ReturnType<typeof bootResourcesApi>;
