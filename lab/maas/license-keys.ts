/** License keys: an empty collection that is closed to users as a whole. */
import { requireSuperuser } from "./boot-sources.ts";
import type { Operation } from "./operation.ts";
import { json } from "./reply.ts";

export const licenseKeyOperations: Operation[] = [
  {
    method: "GET",
    path: "license-keys/",
    access: "user",
    handle: (call) => {
      requireSuperuser(call);
      return json([]);
    },
  },
];
