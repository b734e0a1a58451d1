import type { ConfigReader } from "../../providers/core/settings.ts";
import type { Session } from "./session.ts";

/** The stack's config with its secrets, as the providers get it; read when the first key is asked for. */
export function configOf(session: Session): ConfigReader {
  let config: Record<string, { value?: string }> | undefined;
  return {
    get: (key) => {
      config ??= JSON.parse(session.output(["config", "--json", "--show-secrets"])) as Record<
        string,
        { value?: string }
      >;
      return config[`metalform:${key}`]?.value;
    },
  };
}
