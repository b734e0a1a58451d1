/**
 * A DNS domain that MAAS serves: machines, racks and `DnsRecord`s have their names in one. A domain that MAAS has already
 * is used, and given back on delete as it was found; "maas", the default one, is always there.
 */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { isError, messageOf, ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { adopting } from "./adoption.ts";
import type { Former } from "./adoption.ts";
import type { Domain } from "./api/domains.ts";
import { claims } from "./claims.ts";
import { domainNameProblem, LONGEST_DOMAIN_TTL } from "./dns-names.ts";
import type { MaasServices } from "./services.ts";

export interface DnsDomainArgs {
  /** "rack.example". Changed in place, and everything in it is renamed. */
  name: pulumi.Input<string>;
  /** How long answers are valid, in seconds: 1 to 604800. Changed in place. @default the region's (`defaultDnsTtl`) */
  ttl?: pulumi.Input<number>;
  /** Whether MAAS has the last word on the domain, or asks upstream. Changed in place. @default true */
  authoritative?: pulumi.Input<boolean>;
}

interface Inputs {
  name: string;
  ttl?: number;
  authoritative?: boolean;
}

interface State extends Inputs {
  former: Former;
}

const RENAMES =
  "MAAS renames all that is in it at once: machines get another FQDN, and nobody answers for the old names any more";

export const dnsDomain: Lifecycle<MaasServices, Inputs, State> = {
  changes: { name: { interrupts: RENAMES }, ttl: "update", authoritative: "update" },
  deleteBeforeReplace: false,

  check(check, { urn }) {
    check.onlyKnown(["name", "ttl", "authoritative", "former"]);
    check.required("name", '"rack.example"');
    check.text("name", domainNameProblem);
    check.integer("ttl", { from: 1, to: LONGEST_DOMAIN_TTL, unit: "seconds" });
    check.flag("authoritative");
    const name = check.value("name");
    if (typeof name !== "string") return;
    claims(check, urn).claim(`DNS domain ${name}`, "name", (holder) => `"${name}" is the domain of ${holder} too`);
  },

  ...adopting<Inputs, Domain>({
    what: ({ name }) => `DNS domain ${name}`,
    properties: {
      name: { field: "name", of: (found) => found.name, unset: "" },
      ttl: { field: "ttl", of: (found) => found.ttl ?? "", unset: "" },
      authoritative: { field: "authoritative", of: (found) => found.authoritative, unset: true },
    },
    wanted: ({ name, ttl, authoritative }) => ({ name, ttl, authoritative }),
    find: ({ client }, { name }) => client.domains.read(name),
    make: ({ client }, { name }, form) => client.domains.create({ ...form, name }),
    byId: ({ dns }, id) => dns.domain(Number(id)),
    change: ({ client }, id, form) => client.domains.update(id, form),
    remove: async ({ services }, found) => {
      await services.client.domains.delete(found.id).catch(async (error: unknown) => {
        throw isError(error, "server-error", "refused") ? await notEmpty(services, found, error) : error;
      });
    },
  }),
};

/** MAAS says no more than that there is something in it, with a 500 in Python's words. */
async function notEmpty({ client }: MaasServices, { name }: Domain, cause: unknown): Promise<ProviderError> {
  const [names, machines] = await Promise.all([
    client.dnsResources.list({ domain: name }),
    client.machines.list({ domain: [name] }).catch(() => []),
  ]);
  const inside = [
    ...(names ?? []).map((resource) => `the name ${resource.fqdn}`),
    ...machines.map((machine) => `the machine ${machine.hostname}`),
  ];
  const what = inside.length > 8 ? [...inside.slice(0, 8), `${String(inside.length - 8)} more`] : inside;
  return new ProviderError(
    "refused",
    inside.length === 0
      ? `MAAS does not delete the DNS domain ${name}: ${messageOf(cause)}`
      : `The DNS domain ${name} cannot be deleted, since it is not empty: there are ${what.join(", ")} in it. Take these out ` +
          "first (MAAS moves machines to another domain under their configuration), or leave the domain there with " +
          "`pulumi state delete`.",
    { cause },
  );
}

export class DnsDomain extends DynamicResource {
  declare readonly name: pulumi.Output<string>;

  constructor(name: string, args: DnsDomainArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:DnsDomain", name, { ...args }, ["former"], options);
  }
}
