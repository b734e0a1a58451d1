/** Who calls, and whether they may: for handlers whose refusal depends on the object (the server checks `access`). */
import { ApiError, type Call } from "./operation.ts";
import { forbidden } from "./reply.ts";
import type { User } from "./state.ts";

export function caller(call: Call): User {
  if (call.user) return call.user;
  throw new ApiError({ status: 401, contentType: "text/plain", body: "Forbidden" });
}

/** 403 with an empty body for everybody but administrators; MAAS says it after looking the object up. */
export function requireAdmin(call: Call): void {
  if (!call.user?.isSuperuser) throw forbidden();
}
