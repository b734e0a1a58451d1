/**
 * What MAAS has already, for programs: `lookup.subnet("172.16.0.0/20")` is a promise, and so an input like any other. Each
 * list is asked for once a run, when it is first needed; a program that looks nothing up asks nothing and loads nothing.
 * Nothing of it is a resource: what is looked up is neither changed nor given back.
 */
import { RunError } from "@pulumi/pulumi/errors.js";
import { messageOf } from "../core/errors.ts";
import type { MachineFilter } from "./api/machine-options.ts";
import type { MaasClient } from "./client.ts";
import { foundFabric, foundImage, foundMachine, foundRack, foundSubnet } from "./found.ts";
import type { FoundFabric, FoundImage, FoundMachine, FoundRack, FoundSubnet, FoundVlan } from "./found.ts";

/** All must hold; of a list one is enough, but a machine must have all of the tags. */
export interface MachineQuestion {
  hostname?: string | string[];
  macAddress?: string | string[];
  tags?: string[];
  pool?: string;
  zone?: string;
  /** MAAS's short names: "new", "ready", "deployed". */
  status?: string | string[];
}

/** Every one is rejected with a RunError, shown without a stack, that says what MAAS has instead. */
export interface Lookup {
  /** @param name "fabric-0" */
  fabric(name: string): Promise<FoundFabric>;
  fabrics(): Promise<FoundFabric[]>;
  images(): Promise<FoundImage[]>;
  /** @param hostname of exactly one machine */
  machine(hostname: string): Promise<FoundMachine>;
  /** @param question at least one filter: the list of all is long, and no program needs it */
  machines(question: MachineQuestion): Promise<FoundMachine[]>;
  /** @param hostname needed where there are several. @default the only one */
  rack(hostname?: string): Promise<FoundRack>;
  racks(): Promise<FoundRack[]>;
  subnet(cidr: string): Promise<FoundSubnet>;
  subnets(): Promise<FoundSubnet[]>;
  /** @param fabric name. @param vid 0 for the untagged one */
  vlan(fabric: string, vid: number): Promise<FoundVlan>;
}

/** @param client made at the first question */
export function lookupWith(client: () => Promise<MaasClient>): Lookup {
  const answers = new Map<string, Promise<unknown>>();
  const ask = async <Answer>(what: string, question: (maas: MaasClient) => Promise<Answer>): Promise<Answer> => {
    const answer = (answers.get(what) as Promise<Answer> | undefined) ?? client().then(question);
    answers.set(what, answer);
    try {
      return await answer;
    } catch (error) {
      throw new RunError(`Looking up ${what} in MAAS: ${messageOf(error)}`);
    }
  };
  const fabrics = async () => (await ask("fabrics", (maas) => maas.fabrics.list())).map(foundFabric);
  const subnets = async () => (await ask("subnets", (maas) => maas.subnets.list())).map(foundSubnet);
  const racks = async () => (await ask("rack controllers", (maas) => maas.rackControllers.list())).map(foundRack);
  const machines = async (question: MachineQuestion) => {
    const filter = filterOf(question);
    if (Object.keys(filter).length === 0)
      throw new RunError("Looking up machines needs a filter: a tag, a pool, a status.");
    const found = await ask(`machines with ${JSON.stringify(filter)}`, (maas) => maas.machines.list(filter));
    return found.map(foundMachine);
  };
  return {
    fabrics,
    machines,
    racks,
    subnets,
    fabric: async (name) =>
      theOne(
        await fabrics(),
        (one) => one.name === name,
        `fabric ${name}`,
        (one) => one.name,
      ),
    images: async () => {
      const images = await ask("images", (maas) => maas.bootResources.list());
      // One a kernel in MAAS.
      return [...new Map(images.map(foundImage).map((image) => [JSON.stringify(image), image])).values()];
    },
    machine: async (hostname) =>
      theOne(
        await machines({ hostname }),
        () => true,
        `machine ${hostname}`,
        (one) => one.hostname,
      ),
    rack: async (hostname) =>
      theOne(
        await racks(),
        (one) => hostname === undefined || one.hostname === hostname,
        hostname === undefined ? "only rack controller" : `rack controller ${hostname}`,
        (one) => one.hostname,
      ),
    subnet: async (cidr) =>
      theOne(
        await subnets(),
        (one) => one.cidr === cidr,
        `subnet ${cidr}`,
        (one) => one.cidr,
      ),
    vlan: async (fabric, vid) =>
      theOne(
        (await fabrics()).flatMap(({ vlans }) => vlans),
        (one) => one.fabric === fabric && one.vid === vid,
        `VLAN ${String(vid)} in fabric ${fabric}`,
        (one) => `${String(one.vid)} in ${one.fabric}`,
      ),
  };
}

/** What MAAS has already. The URL and the key are those of the providers: environment first, then the stack's config. */
export const lookup: Lookup = lookupWith(async () => (await import("./program-services.ts")).programServices().client);

function theOne<Thing>(
  all: Thing[],
  fits: (thing: Thing) => boolean,
  what: string,
  nameOf: (thing: Thing) => string,
): Thing {
  const [found, ...more] = all.filter(fits);
  if (found !== undefined && more.length === 0) return found;
  const names = all.map(nameOf).join(", ");
  throw new RunError(
    `There is ${found ? "more than one" : "no"} ${what} in MAAS${names === "" ? "" : `; it has ${names}`}.`,
  );
}

function filterOf({ hostname, macAddress, tags, pool, zone, status }: MachineQuestion): MachineFilter {
  const filter = { hostname, mac_address: macAddress, tags, pool, zone, status };
  return Object.fromEntries(
    Object.entries(filter).flatMap(([field, value]) => (value === undefined ? [] : [[field, [value].flat()] as const])),
  );
}
