/**
 * What the provider process loads: kind -> life cycle. The text in every state ever written names this file, so it
 * stays where it is for ever (providers/core/provider-text.ts).
 *
 * Loaded by `require`, so nothing here or below may use top-level await.
 */
import { flushCompileCache } from "node:module";
import { join } from "node:path";
import { systemClock } from "./core/clock.ts";
import { dynamicProvider, untyped } from "./core/dispatch.ts";
import type { AnyLifecycle, DynamicProvider } from "./core/dispatch.ts";
import { History } from "./core/history.ts";
import { Journal } from "./core/journal.ts";
import { isLive, showNote, showProgress, showWarning } from "./core/progress.ts";
import { settled } from "./core/settled.ts";
import { Settings } from "./core/settings.ts";
import type { ConfigReader } from "./core/settings.ts";
import { createMaasServices } from "./maas/services.ts";
import type { MaasServices } from "./maas/services.ts";

const kinds: Record<string, () => Promise<AnyLifecycle<MaasServices>>> = {
  "maas:Bond": async () => untyped((await import("./maas/bond.ts")).bond),
  "maas:BootImages": async () => untyped((await import("./maas/boot-images.ts")).bootImages),
  "maas:Bridge": async () => untyped((await import("./maas/bridge.ts")).bridge),
  "maas:Deployment": async () => untyped((await import("./maas/deployment.ts")).deployment),
  "maas:DnsDomain": async () => untyped((await import("./maas/dns-domain.ts")).dnsDomain),
  "maas:DnsRecord": async () => untyped((await import("./maas/dns-record.ts")).dnsRecord),
  "maas:Fabric": async () => untyped((await import("./maas/fabric.ts")).fabric),
  "maas:InterfaceLink": async () => untyped((await import("./maas/interface-link.ts")).interfaceLink),
  "maas:IpRange": async () => untyped((await import("./maas/ip-range.ts")).ipRange),
  "maas:MaasSettings": async () => untyped((await import("./maas/maas-settings.ts")).maasSettings),
  "maas:Machine": async () => untyped((await import("./maas/machine.ts")).machine),
  "maas:NetworkInterface": async () => untyped((await import("./maas/network-interface.ts")).networkInterface),
  "maas:NodeScript": async () => untyped((await import("./maas/node-script.ts")).nodeScript),
  "maas:OvsBridge": async () => untyped((await import("./maas/ovs-bridge.ts")).ovsBridge),
  "maas:PackageRepository": async () => untyped((await import("./maas/package-repository.ts")).packageRepository),
  "maas:ResourcePool": async () => untyped((await import("./maas/resource-pool.ts")).resourcePool),
  "maas:Space": async () => untyped((await import("./maas/space.ts")).space),
  "maas:SshKey": async () => untyped((await import("./maas/ssh-key.ts")).sshKey),
  "maas:StaticRoute": async () => untyped((await import("./maas/static-route.ts")).staticRoute),
  "maas:StorageLayout": async () => untyped((await import("./maas/storage-layout.ts")).storageLayout),
  "maas:Subnet": async () => untyped((await import("./maas/subnet.ts")).subnet),
  "maas:Tag": async () => untyped((await import("./maas/tag.ts")).tag),
  "maas:Vlan": async () => untyped((await import("./maas/vlan.ts")).vlan),
  "maas:VlanDhcp": async () => untyped((await import("./maas/vlan-dhcp.ts")).vlanDhcp),
  "maas:VlanInterface": async () => untyped((await import("./maas/vlan-interface.ts")).vlanInterface),
  "maas:Zone": async () => untyped((await import("./maas/zone.ts")).zone),
  "metalform:GeneratedSecret": async () => untyped((await import("./core/generated-secret.ts")).generatedSecret),
  "metalform:RoleAssignment": async () => untyped((await import("./core/role-assignment.ts")).roleAssignment),
  "metalform:StackIdentity": async () => untyped((await import("./core/stack-identity.ts")).stackIdentity),
};

/** The kinds there are; a test compares them with the classes, the tests and the pages of documentation. */
export const kindNames = Object.keys(kinds);

/** Late enough for a preview's kinds to be loaded, early enough for the shortest preview. */
const FLUSH_MS = 150;

// The CLI holds the other end of this process's standard input. When that closes the CLI is gone, and an orphan left
// behind would spin on its broken pipe.
if (process.argv[1]?.includes("dynamic-provider")) {
  process.stdin.on("end", () => process.exit(1)).resume();
  // Node writes its compile cache, where one is set, at its end; but the CLI kills this process when it is done with it.
  setTimeout(flushCompileCache, FLUSH_MS).unref();
}

const kept = join(import.meta.dirname, "..", ".metalform");
const journal = new Journal(join(kept, "begun"));

let services: MaasServices | undefined;

interface ConfigureRequest {
  config: ConfigReader;
}

/** Answers what `handler()` of the provider text answers. @param notes what runs before this one have noted */
export function provider(
  kind: string,
  notes = journal,
): DynamicProvider & { configure(request: ConfigureRequest): void } {
  const load = kinds[kind];
  if (!load) throw new Error(`This Metalform does not know the kind ${kind}; the state was written by a newer one.`);
  return {
    ...dynamicProvider(load, {
      services: () => (services ??= servicesFrom({ get: () => undefined })),
      clock: systemClock,
      progress: showProgress,
      warn: showWarning,
      note: showNote,
      changing: (urn) => {
        settled.clear(urn.split(":")[2] ?? "");
      },
      journal: notes,
    }),
    // All kinds share one process and one configuration, and so one client and one watcher.
    configure: (request) => {
      services ??= servicesFrom(request.config);
    },
  };
}

const servicesFrom = (config: ConfigReader): MaasServices =>
  createMaasServices({
    settings: new Settings(config),
    clock: systemClock,
    history: new History(join(kept, "durations.json")),
    live: isLive(),
  });
