/** Routes between two subnets (facts: maas.md 2.12). */
import { networkOf } from "./address-ranges.ts";
import { requireAdmin } from "./caller.ts";
import { FormErrors, invalidChoice, readInteger, readText } from "./form.ts";
import { contains, formatIp, parseIp } from "./ip-address.ts";
import type { StaticRoute, Subnet } from "./network-state.ts";
import type { Call, Fields, Operation } from "./operation.ts";
import { deleted, json, refusal } from "./reply.ts";
import { rowOr404 } from "./specifier.ts";
import { nextId, type LabState } from "./state.ts";
import { findSubnet, renderSubnet } from "./subnets.ts";

function render(state: LabState, route: StaticRoute): Record<string, unknown> {
  const shown = (id: number): unknown => {
    const subnet = state.subnets[id];
    return subnet ? renderSubnet(state, subnet) : null;
  };
  return {
    source: shown(route.sourceId),
    destination: shown(route.destinationId),
    gateway_ip: route.gatewayIp,
    metric: route.metric,
    id: route.id,
    resource_uri: `/MAAS/api/2.0/static-routes/${String(route.id)}/`,
  };
}

function readSubnet(
  state: LabState,
  form: Fields,
  errors: FormErrors,
  name: string,
  currentId: number | undefined,
): Subnet | undefined {
  if (!form.has(name) && currentId !== undefined) return state.subnets[currentId];
  const text = readText(form, errors, name, { required: true });
  const subnet = text === "" ? undefined : findSubnet(state, text);
  if (text !== "" && !subnet) errors.add(name, invalidChoice);
  return subnet;
}

function read({ state, form }: Call, current?: StaticRoute): Omit<StaticRoute, "id"> {
  const errors = new FormErrors();
  const source = readSubnet(state, form, errors, "source", current?.sourceId);
  const destination = readSubnet(state, form, errors, "destination", current?.destinationId);
  const gatewayText = readText(form, errors, "gateway_ip", { current: current?.gatewayIp, required: true });
  const gateway = parseIp(gatewayText);
  if (gatewayText !== "" && !gateway) errors.add("gateway_ip", "Enter a valid IPv4 or IPv6 address.");
  const metric = readInteger(form, errors, "metric", { current: current?.metric, min: 0 }) ?? 0;
  // The form asks the subnet that it has just refused.
  if (gateway && !source) throw refusal(500, "'NoneType' object has no attribute 'get_ipnetwork'");
  const isOutside = source && gateway && !contains(networkOf(source), gateway);
  if (isOutside) errors.add("gateway_ip", `Enter an IP address in ${source.cidr}.`);
  if (source !== undefined && source.id === destination?.id)
    errors.add("__all__", "source and destination cannot be the same subnet.");
  else if (source && destination && networkOf(source).version !== networkOf(destination).version)
    errors.add("__all__", "source and destination must be the same IP version.");
  else if (isOutside && destination) errors.add("__all__", "gateway_ip must be with in the source subnet.");
  const fields = {
    sourceId: source?.id ?? 0,
    destinationId: destination?.id ?? 0,
    gatewayIp: gateway ? formatIp(gateway) : "",
    metric,
  };
  const taken = Object.values(state.staticRoutes).some(
    (route) =>
      route.id !== current?.id &&
      route.sourceId === fields.sourceId &&
      route.destinationId === fields.destinationId &&
      route.gatewayIp === fields.gatewayIp,
  );
  if (taken && !errors.any)
    errors.add("__all__", "Static route with this Source, Destination and Gateway IP already exists.");
  errors.throwIfAny();
  return fields;
}

const routeOr404 = (call: Call): StaticRoute =>
  rowOr404(call.state.staticRoutes, call.params["id"] ?? "", "StaticRoute");

function create(call: Call) {
  const route: StaticRoute = { id: 0, ...read(call) };
  route.id = nextId(call.state, "staticRoute");
  call.state.staticRoutes[route.id] = route;
  return json(render(call.state, route));
}

function update(call: Call) {
  const route = routeOr404(call);
  requireAdmin(call);
  Object.assign(route, read(call, route));
  return json(render(call.state, route));
}

function remove(call: Call) {
  const route = routeOr404(call);
  requireAdmin(call);
  Reflect.deleteProperty(call.state.staticRoutes, route.id);
  return deleted();
}

const path = "static-routes/";

export const staticRouteOperations: Operation[] = [
  {
    method: "GET",
    path,
    access: "user",
    handle: ({ state }) => json(Object.values(state.staticRoutes).map((route) => render(state, route))),
  },
  { method: "POST", path, access: "admin", handle: create },
  { method: "GET", path: `${path}:id/`, access: "user", handle: (call) => json(render(call.state, routeOr404(call))) },
  { method: "PUT", path: `${path}:id/`, access: "user", handle: update },
  { method: "DELETE", path: `${path}:id/`, access: "user", handle: remove },
];
