/** A static route: machines in one subnet reach another one by this gateway. They get it when they are deployed. */
import type * as pulumi from "@pulumi/pulumi";
import { DynamicResource } from "../core/dynamic-resource.ts";
import { ProviderError } from "../core/errors.ts";
import type { Lifecycle } from "../core/lifecycle.ts";
import { addressProblem, canonicalAddress, canonicalCidr, outsideProblem, subnetSpan } from "./addresses.ts";
import { adopting } from "./adoption.ts";
import type { Former } from "./adoption.ts";
import type { StaticRoute as StaticRouteObject } from "./api/static-routes.ts";
import type { Subnet } from "./api/subnets.ts";
import { isId } from "./networks.ts";
import type { MaasServices } from "./services.ts";

export interface StaticRouteArgs {
  /** Whose machines get it: `subnet.id`, or the CIDR of a subnet that MAAS has. Changing this replaces. */
  source: pulumi.Input<string>;
  /** What they reach by it: like `source`, another subnet. Changing this replaces. */
  destination: pulumi.Input<string>;
  /** The router's address, in the source subnet. Changed in place; machines that run keep the old one. */
  gateway: pulumi.Input<string>;
  /** The lower, the more it is preferred. Changed in place; machines that run keep the old one. @default 0 */
  metric?: pulumi.Input<number>;
}

interface Inputs {
  source: string;
  destination: string;
  gateway: string;
  metric: number;
}

interface State extends Inputs {
  former: Former;
}

const REPLACES = { replace: "a route between other subnets is another route", evenUnknown: true };

export const staticRoute: Lifecycle<MaasServices, Inputs, State> = {
  changes: { source: REPLACES, destination: REPLACES, gateway: "update", metric: "update" },
  deleteBeforeReplace: false,

  normalise: (inputs) => ({
    ...inputs,
    ...(typeof inputs.source === "string" ? { source: canonicalCidr(inputs.source) } : {}),
    ...(typeof inputs.destination === "string" ? { destination: canonicalCidr(inputs.destination) } : {}),
    ...(typeof inputs.gateway === "string" ? { gateway: canonicalAddress(inputs.gateway) } : {}),
    metric: inputs.metric ?? 0,
  }),

  check(check) {
    check.onlyKnown([...Object.keys(staticRoute.changes), "former"]);
    for (const end of ["source", "destination"]) {
      check.required(end, '`subnet.id`, or "172.16.0.0/20"');
      check.text(end, (subnet) =>
        isId(subnet) || subnetSpan(subnet) ? undefined : `"${subnet}" is no subnet; write \`subnet.id\`, or its CIDR`,
      );
    }
    const [source, destination] = [check.value("source"), check.value("destination")];
    const cidr = typeof source === "string" ? source : undefined;
    if (cidr !== undefined && cidr === destination)
      check.fail("destination", "is the source too; write another subnet");
    check.required("gateway", '"172.16.0.2"');
    check.text("gateway", (gateway) => addressProblem(gateway) ?? outsideProblem(gateway, cidr));
    check.wholeNumber("metric", 0, 2_147_483_647);
  },

  ...adopting<Inputs, StaticRouteObject>({
    what: ({ source, destination, gateway }) => `static route from ${source} to ${destination} by ${gateway}`,
    properties: {
      gateway: { field: "gateway_ip", of: ({ gateway_ip }) => gateway_ip, unset: "" },
      metric: { field: "metric", of: ({ metric }) => metric, unset: 0 },
    },
    wanted: ({ gateway, metric }) => ({ gateway, metric }),
    find: async ({ networks }, { source, destination, gateway }) =>
      (await networks.staticRoutes()).find(
        (route) =>
          isCalled(route.source, source) && isCalled(route.destination, destination) && route.gateway_ip === gateway,
      ),
    async make(services, { source, destination, gateway, metric }) {
      const [from, to] = await Promise.all([idOf(services, source), idOf(services, destination)]);
      return await services.client.staticRoutes.create({ source: from, destination: to, gateway_ip: gateway, metric });
    },
    byId: ({ networks }, id) => networks.staticRoute(id),
    change: ({ client }, id, form) => client.staticRoutes.update(id, form),
    remove: ({ services }, found) => services.client.staticRoutes.delete(found.id),
    drift: (found, { source, destination }) => ({
      ...(isCalled(found.source, source) ? {} : { source: String(found.source.id) }),
      ...(isCalled(found.destination, destination) ? {} : { destination: String(found.destination.id) }),
    }),
  }),
};

const isCalled = ({ id, cidr }: Subnet, reference: string): boolean => [String(id), cidr].includes(reference);

async function idOf(services: MaasServices, subnet: string): Promise<number> {
  const found = await services.networks.subnet(subnet);
  if (found) return found.id;
  throw new ProviderError("gone", `There is no subnet ${subnet} in MAAS.`);
}

export class StaticRoute extends DynamicResource {
  declare readonly gateway: pulumi.Output<string>;

  constructor(name: string, args: StaticRouteArgs, options?: pulumi.CustomResourceOptions) {
    super("maas:StaticRoute", name, { ...args }, ["former"], options);
  }
}
