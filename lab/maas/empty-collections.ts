/** Collections that are always empty in the lab: what is in them in a real MAAS is not simulated. */
import type { Operation } from "./operation.ts";
import { json, notFound } from "./reply.ts";

const forUsers = ["pods/", "vm-hosts/", "vm-clusters/"];

const list = (path: string): Operation => ({
  method: "GET",
  path,
  access: "user",
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
  ...forUsers.map(list),
  missing("pods/:id/", "Pod"),
  missing("vm-hosts/:id/", "Pod"),
];
