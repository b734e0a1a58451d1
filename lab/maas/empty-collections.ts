/** Collections that are always empty in the lab, and the two calls of files and discovery that a client may try. */
import { mandatory } from "./form.ts";
import type { Operation } from "./operation.ts";
import { json, notFound } from "./reply.ts";

const forUsers = [
  ...["devices/", "dhcp-snippets/", "discovery/", "files/", "pods/", "vm-hosts/", "vm-clusters/"],
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
  missing("devices/:system_id/", "Device"),
  missing("dhcp-snippets/:id/", "DHCPSnippet"),
  missing("discovery/:discovery_id/", "Discovery"),
  missing("files/:filename/", "FileStorage"),
  missing("pods/:id/", "Pod"),
  missing("vm-hosts/:id/", "Pod"),
  {
    method: "GET",
    path: "files/",
    op: "get_by_key",
    access: "anonymous",
    handle: ({ query }) => {
      mandatory(query, "key");
      throw notFound("FileStorage");
    },
  },
];
