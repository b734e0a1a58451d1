/** Collections that are always empty in the lab: what is in them in a real MAAS is not simulated. */
import type { Operation } from "./operation.ts";
import { json, notFound } from "./reply.ts";

const forUsers = [
  ...["discovery/", "pods/", "vm-hosts/", "vm-clusters/"],
  ...["installation-results/", "commissioning-results/"],
];

const list = (path: string, op?: string): Operation => ({
  method: "GET",
  path,
  access: "user",
  ...(op === undefined ? {} : { op }),
  handle: () => json([]),
});

const missing = (path: string, model: string): Operation => ({
  method: "GET",
  path,
  access: "user",
  handle: () => {
    throw notFound(model);
  },
});

export const emptyCollectionOperations: Operation[] = [
  ...forUsers.map((path) => list(path)),
  ...["by_unknown_mac", "by_unknown_ip", "by_unknown_ip_and_mac"].map((op) => list("discovery/", op)),
  missing("discovery/:discovery_id/", "Discovery"),
  missing("pods/:id/", "Pod"),
  missing("vm-hosts/:id/", "Pod"),
];
