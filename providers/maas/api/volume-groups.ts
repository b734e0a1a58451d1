/** `nodes/{system_id}/volume-group/{id}/`: volume groups of LVM; a machine shows only that it has them (facts: maas.md 2.15). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface VolumeGroup {
  id: number;
  name: string;
  /** Named "GROUP-VOLUME". */
  logical_volumes: { name: string }[];
}

export const volumeGroupsApi = (send: Send) => ({
  read: (systemId: string, id: number) =>
    send.orUndefined<VolumeGroup>({
      method: "GET",
      path: at("nodes", systemId, "volume-group", id),
      doing: `reading a volume group of machine ${systemId}`,
    }),
});

export type VolumeGroupsApi = ReturnType<typeof volumeGroupsApi>;
