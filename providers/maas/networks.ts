/**
 * MAAS's networks, as they are now. Resources that ask at the same time share requests: one or two of a kind are read
 * one by one, more of them by one list.
 */
import { Batch } from "../core/batch.ts";
import type { Clock } from "../core/clock.ts";
import type { Fabric } from "./api/fabrics.ts";
import type { IpRange } from "./api/ip-ranges.ts";
import type { RackController } from "./api/rack-controllers.ts";
import type { Space } from "./api/spaces.ts";
import type { StaticRoute } from "./api/static-routes.ts";
import type { Subnet, Vlan } from "./api/subnets.ts";
import type { MaasClient } from "./client.ts";

/** Each answers undefined for what MAAS does not have. */
export interface Networks {
  /** @param fabric id or name */
  fabric(fabric: string): Promise<Fabric | undefined>;
  ipRange(id: string): Promise<IpRange | undefined>;
  ipRanges(): Promise<IpRange[]>;
  rackControllers(): Promise<RackController[]>;
  /** @param space id or name */
  space(space: string): Promise<Space | undefined>;
  staticRoute(id: string): Promise<StaticRoute | undefined>;
  staticRoutes(): Promise<StaticRoute[]>;
  /** @param subnet id or CIDR */
  subnet(subnet: string): Promise<Subnet | undefined>;
  subnets(): Promise<Subnet[]>;
  vlan(id: string): Promise<Vlan | undefined>;
}

/** Up to so many of a kind it is cheaper to read each than to list all. */
const FEW = 2;

/** What programs call a thing by: MAAS's id, or a name that must not look like one. */
export const isId = (reference: string): boolean => /^\d+$/.test(reference);

/** What a path of MAAS takes for it. */
export const specifier = (reference: string): number | string =>
  isId(reference) ? Number(reference) : `name:${reference}`;

export function createNetworks(client: () => MaasClient, clock: Clock): Networks {
  const shared = <Thing>(
    one: (reference: string) => Promise<Thing | undefined>,
    all: () => Promise<Thing[]>,
    referencesOf: (thing: Thing) => string[],
  ) => {
    const batch = new Batch<string, Thing | undefined>({
      ask: async (references) => {
        if (references.length <= FEW) {
          return new Map(await Promise.all(references.map(async (ref) => [ref, await one(ref)] as const)));
        }
        return new Map((await all()).flatMap((thing) => referencesOf(thing).map((ref) => [ref, thing] as const)));
      },
      missing: undefined,
      clock,
      most: Number.MAX_SAFE_INTEGER,
    });
    return (reference: string) => batch.ask(reference);
  };
  const list = <Thing>(all: () => Promise<Thing[]>) => {
    const batch = new Batch<"all", Thing[]>({ ask: async () => new Map([["all", await all()]]), missing: [], clock });
    return () => batch.ask("all");
  };
  const named = ({ id, name }: { id: number; name: string }) => [String(id), name];
  const byId = ({ id }: { id: number }) => [String(id)];

  return {
    fabric: shared(
      (reference) => client().fabrics.read(specifier(reference)),
      () => client().fabrics.list(),
      named,
    ),
    ipRange: shared(
      (id) => client().ipRanges.read(Number(id)),
      () => client().ipRanges.list(),
      byId,
    ),
    ipRanges: list(() => client().ipRanges.list()),
    rackControllers: list(() => client().rackControllers.list()),
    space: shared(
      (reference) => client().spaces.read(specifier(reference)),
      () => client().spaces.list(),
      named,
    ),
    staticRoute: shared(
      (id) => client().staticRoutes.read(Number(id)),
      () => client().staticRoutes.list(),
      byId,
    ),
    staticRoutes: list(() => client().staticRoutes.list()),
    subnet: shared(
      (reference) =>
        isId(reference) ? client().subnets.read(Number(reference)) : client().subnets.readByCidr(reference),
      () => client().subnets.list(),
      ({ id, cidr }) => [String(id), cidr],
    ),
    subnets: list(() => client().subnets.list()),
    vlan: shared(
      (id) => client().vlans.read(Number(id)),
      // There is no list of all VLANs but that.
      async () => (await client().fabrics.list()).flatMap((fabric) => fabric.vlans),
      byId,
    ),
  };
}
