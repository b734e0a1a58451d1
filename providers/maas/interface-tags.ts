/** Tags of an interface: ours come and go, others' stay. MAAS takes them in any state, one a request. */
import type { Interface } from "./api/interfaces.ts";
import type { MaasServices } from "./services.ts";

/** For an interface that is made. */
export const interfaceTags = (tags: string[]): { tags?: string } => (tags.length === 0 ? {} : { tags: tags.join(",") });

export async function syncInterfaceTags(
  services: MaasServices,
  systemId: string,
  nic: Interface,
  wanted: string[],
  former: string[],
): Promise<void> {
  const { interfaces } = services.client;
  for (const tag of wanted) if (!nic.tags.includes(tag)) await interfaces.addTag(systemId, nic.id, tag);
  for (const tag of former) {
    if (!wanted.includes(tag) && nic.tags.includes(tag)) await interfaces.removeTag(systemId, nic.id, tag);
  }
}
