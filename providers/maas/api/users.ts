/** `users/` (facts: maas.md 1.1). */
import { at } from "../operation.ts";
import type { Send } from "../operation.ts";

export interface User {
  username: string;
  email: string;
  is_superuser: boolean;
}

export const usersApi = (send: Send) => ({
  /** Who the API key belongs to. */
  whoami: () => send<User>({ method: "GET", path: at("users"), op: "whoami", doing: "asking whose API key this is" }),
});

export type UsersApi = ReturnType<typeof usersApi>;
